import type { Command } from './command.ts';
import { en } from './locale/en.ts';
import type { Messages } from './locale/index.ts';
import type { OptionDefinition, OptionDefinitions } from './options.ts';
import { UserError } from './request.ts';

/** What a line of text asks for: raw option values, still to be parsed by `parseOptions`. */
export interface CommandLine {
  readonly command: Command;
  readonly options: Readonly<Record<string, string | boolean>>;
}

/**
 * Reads a whole line, `/imagine a cat --seed 7` or `imagine a cat`; a name of several words wins over a shorter one.
 * Throws a `UserError` that names the nearest command where none fits.
 */
export function parseCommandLine(commands: readonly Command[], line: string, messages: Messages = en): CommandLine {
  const text = line.trim().replace(/^\//, '');
  const words = text.split(/\s+/).map((word) => word.toLowerCase());
  const command = commands
    .filter(({ name }) => name.split(' ').every((word, index) => words[index] === word))
    .sort((a, b) => b.name.split(' ').length - a.name.split(' ').length)[0];
  if (command === undefined) {
    const names = commands.map(({ name }) => name).filter((name) => name.startsWith((words[0] ?? '').slice(0, 3)));
    throw new UserError('unknown_command', messages.unknownCommand(words[0] ?? '', names.slice(0, 5)));
  }
  const name = new RegExp(`^${command.name.split(' ').join('\\s+')}`, 'i');
  return { command, options: parseTextOptions(command.options, text.replace(name, ''), messages) };
}

/**
 * Reads the text after a command's name: `a cat in the snow --size 256x256 --negative "blurry, dark" --private`. Text that
 * belongs to no flag is the first option. A flag takes one word or a quoted text; one whose option is multiline takes all
 * words up to the next flag; a switch needs no value. Phones turn `--` into a dash: that counts too.
 */
export function parseTextOptions(
  definitions: OptionDefinitions,
  text: string,
  messages: Messages = en,
): Readonly<Record<string, string | boolean>> {
  const options: Record<string, string | boolean> = {};
  const free: string[] = [];
  const set = (name: string, value: string | boolean): void => {
    if (Object.hasOwn(options, name)) throw new UserError('invalid_option', messages.options.twice(name));
    options[name] = value;
  };
  const flags = flagPattern(definitions);
  let rest = text;
  while (rest !== '') {
    const flag = flags.exec(rest);
    if (flag === null) {
      free.push(rest);
      break;
    }
    free.push(rest.slice(0, flag.index));
    const name = (flag[1] ?? flag[2] ?? '').toLowerCase();
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (definition === undefined) {
      throw new UserError(
        'unknown_option',
        messages.options.unknown(`--${name.slice(0, 40)}`, Object.keys(definitions)),
      );
    }
    const after = rest.slice(flag.index + flag[0].length);
    const taken = takeValue(definition, after, flags);
    if (taken === null) throw new UserError('invalid_option', messages.options.noValue(name, definition));
    set(name, taken.value);
    rest = taken.rest;
  }
  const leading = free
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ');
  const first = Object.keys(definitions)[0];
  if (leading !== '' && first === undefined) throw new UserError('unknown_option', messages.options.none(leading));
  if (leading !== '' && first !== undefined) set(first, leading);
  return options;
}

/** `--` always begins a flag, so that a misspelt one is told; a dash only before a name that is known, for prose has dashes. */
function flagPattern(definitions: OptionDefinitions): RegExp {
  const known = Object.keys(definitions).join('|') || '(?!)';
  return new RegExp(`(?<=^|\\s)(?:--([a-z][a-z0-9-]*)|[—–](${known}))(?=[\\s=]|$)`, 'i');
}

const quotes: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”', '„': '“', '«': '»', '‘': '’' };

function takeValue(
  definition: OptionDefinition,
  text: string,
  flags: RegExp,
): { value: string | boolean; rest: string } | null {
  const assigned = text.startsWith('=');
  if (definition.type === 'boolean') {
    const word = (assigned ? /^=\S*/ : /^\s+(?:true|false|on|off)(?=\s|$)/i).exec(text)?.[0];
    if (word === undefined) return { value: true, rest: text };
    return { value: word.replace(/^=/, '').trim(), rest: text.slice(word.length) };
  }
  const start = assigned ? text.slice(1) : text.trimStart();
  const quoted = takeQuoted(start);
  if (quoted !== null) return quoted;
  const end = isFreeText(definition) ? start.search(flags) : start.search(/\s/);
  const value = end === -1 ? start : start.slice(0, end);
  if (value.trim() === '' || flags.exec(value)?.index === 0) return null;
  return { value: value.trim(), rest: start.slice(value.length) };
}

function takeQuoted(text: string): { value: string; rest: string } | null {
  const close = quotes[text.charAt(0)];
  if (close === undefined) return null;
  for (let end = 1; end < text.length; end++) {
    if (text.charAt(end) === '\\') end++;
    else if (text.charAt(end) === close) {
      return { value: text.slice(1, end).replace(/\\(.)/gs, '$1'), rest: text.slice(end + 1) };
    }
  }
  return null;
}

function isFreeText(definition: OptionDefinition): boolean {
  return definition.type === 'string' && definition.multiline === true;
}
