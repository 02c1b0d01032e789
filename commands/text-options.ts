import type { Command } from './command.ts';
import { en } from './locale/en.ts';
import type { Messages } from './locale/index.ts';
import type { OptionDefinition, OptionDefinitions } from './options.ts';
import { UserError } from './request.ts';

/** Commands that are named in place of one that is not there; the longest family, a group of an admin's, has six. */
const MAX_NEAR = 8;
/** Words of a line that may be a command's name: the longest has three, and what is wrong with it is told by the next. */
const MAX_NAME_WORDS = 5;
/** Of a word that nobody knows, as much is told. */
const MAX_TOLD = 100;

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
  const words = text.split(/\s+/, MAX_NAME_WORDS).map((word) => word.toLowerCase());
  const command = commands
    .filter(({ name }) => name.split(' ').every((word, index) => words[index] === word))
    .sort((a, b) => b.name.split(' ').length - a.name.split(' ').length)[0];
  if (command === undefined) {
    throw unknownCommand(commands, words, messages);
  }
  const name = new RegExp(`^${command.name.split(' ').join('\\s+')}`, 'i');
  return { command, options: parseTextOptions(command.options, text.replace(name, ''), messages) };
}

/** Names what was given as far as it leads nowhere, and the commands that begin as it does. */
function unknownCommand(commands: readonly Command[], words: readonly string[], messages: Messages): UserError {
  const names = commands.map(({ name }) => name);
  const familyOf = (count: number): readonly string[] =>
    names.filter((name) => `${name} `.startsWith(`${words.slice(0, count).join(' ')} `));
  const known = words.findLastIndex((_, index) => familyOf(index + 1).length > 0) + 1;
  const near = known > 0 ? familyOf(known) : names.filter((name) => name.startsWith((words[0] ?? '').slice(0, 3)));
  const given = words
    .slice(0, known + 1)
    .join(' ')
    .slice(0, MAX_TOLD);
  return new UserError('unknown_command', messages.unknownCommand(given, near.slice(0, MAX_NEAR)));
}

/**
 * Reads the text after a command's name: `a cat in the snow --size 256x256 --negative "blurry, dark" --private`. Text that
 * belongs to no flag is the first option; where several short ones are required, its words are theirs in order (`quota set 50
 * pictures day`), and the last takes the rest. A flag takes one word or a quoted text; one whose option is multiline takes all
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
  if (leading === '') return options;
  const wanted = wantedInOrder(definitions, options);
  if (wanted.length === 0) throw new UserError('unknown_option', messages.options.none(leading));
  let words = leading;
  for (const [index, name] of wanted.entries()) {
    const value = index === wanted.length - 1 ? words : (/^\S+/.exec(words)?.[0] ?? '');
    if (value !== '') set(name, value);
    words = words.slice(value.length).trimStart();
  }
  return options;
}

/** The options that text without a flag is for: the first, and with it the other required ones, unless the first takes any words. */
function wantedInOrder(definitions: OptionDefinitions, given: Readonly<Record<string, unknown>>): readonly string[] {
  const [first] = Object.entries(definitions);
  if (first === undefined) return [];
  const [name, definition] = first;
  if (isFreeText(definition) || definition.required !== true) return [name];
  return Object.keys(definitions).filter((key) => definitions[key]?.required === true && !Object.hasOwn(given, key));
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
