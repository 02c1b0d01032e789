/** @import { OptionDefinition } from '../../../commands/options.ts' */

/**
 * A command as the page learns it from the server.
 *
 * @typedef {object} CommandDefinition
 * @property {string} name
 * @property {string} description
 * @property {Readonly<Record<string, OptionDefinition>>} options
 */

/** @typedef {{ label: string, detail: string, insert: string }} Suggestion */

/** @typedef {{ command: string, option: string, typed: string, insert: (value: string) => string }} Question */

/**
 * What the caret stands in, what may stand there, and where a choice goes.
 *
 * @typedef {object} Completion
 * @property {number} from
 * @property {number} to
 * @property {readonly Suggestion[]} suggestions
 * @property {string} hint What the option or command at the caret is; '' for none.
 * @property {Question | null} ask Where the server knows more values.
 */

/** A line that names no command is a prompt for this one. */
export const DEFAULT_COMMAND = 'imagine';

/** @type {Completion} */
const NOTHING = { from: 0, to: 0, suggestions: [], hint: '', ask: null };

/**
 * @param {readonly CommandDefinition[]} commands
 * @param {string} text
 * @param {number} caret
 * @returns {Completion}
 */
export function complete(commands, text, caret) {
  const before = text.slice(0, caret);
  const command = commandOf(commands, before);
  const naming = /^\s*\/([\w -]*)$/.exec(before);
  if (naming !== null && (command === null || naming[1] === command.name)) {
    return completeCommand(commands, naming[1] ?? '', before.indexOf('/'), caret);
  }
  if (command === null) return NOTHING;
  const tag = /<lora:([^<>:,]*)$/i.exec(before);
  if (tag !== null && command.options.lora !== undefined) return completeTag(command, tag[1] ?? '', caret);
  const flag = /(?:^|\s)--([\w-]*)$/.exec(before);
  if (flag !== null) return completeFlag(command, flag[1] ?? '', text, caret);
  const valued = /(?:^|\s)--([\w-]+)(?:\s+|=)(\S*)$/.exec(before);
  const definition = valued && command.options[valued[1] ?? ''];
  if (valued === null || definition === null || definition === undefined) {
    return { ...NOTHING, hint: before.trim().startsWith('/') ? command.description : '' };
  }
  return completeValue(command.name, valued[1] ?? '', definition, valued[2] ?? '', caret);
}

/**
 * The command that a line is for; null while its name is not whole.
 *
 * @param {readonly CommandDefinition[]} commands
 * @param {string} text
 */
export function commandOf(commands, text) {
  const line = text.trimStart();
  if (!line.startsWith('/')) return commands.find(({ name }) => name === DEFAULT_COMMAND) ?? null;
  const named = commands.filter(({ name }) => line.slice(1) === name || line.slice(1).startsWith(`${name} `));
  return named.sort((a, b) => b.name.length - a.name.length)[0] ?? null;
}

/**
 * @param {readonly CommandDefinition[]} commands
 * @param {string} typed
 * @param {number} from
 * @param {number} to
 * @returns {Completion}
 */
function completeCommand(commands, typed, from, to) {
  const suggestions = commands
    .filter(({ name }) => name.startsWith(typed.toLowerCase()))
    .map(({ name, description }) => ({ label: `/${name}`, detail: description, insert: `/${name} ` }));
  return { ...NOTHING, from, to, suggestions };
}

/**
 * @param {CommandDefinition} command
 * @param {string} typed
 * @param {string} text
 * @param {number} to
 * @returns {Completion}
 */
function completeFlag(command, typed, text, to) {
  const from = to - typed.length - 2;
  const elsewhere = text.slice(0, from) + text.slice(to);
  const suggestions = Object.entries(command.options)
    .slice(1)
    .filter(([name, { type }]) => name.startsWith(typed) && type !== 'attachment' && !elsewhere.includes(`--${name}`))
    .map(([name, { description }]) => ({ label: `--${name}`, detail: description, insert: `--${name} ` }));
  return { ...NOTHING, from, to, suggestions };
}

/**
 * @param {string} command
 * @param {string} option
 * @param {OptionDefinition} definition
 * @param {string} typed
 * @param {number} to
 * @returns {Completion}
 */
function completeValue(command, option, definition, typed, to) {
  const suggestions = knownValues(definition)
    .filter((value) => value.startsWith(typed) && value !== typed)
    .map((value) => ({ label: value, detail: '', insert: `${value} ` }));
  const isKnownThere = 'autocomplete' in definition && definition.autocomplete;
  const ask = isKnownThere ? { command, option, typed, insert: asValue } : null;
  return { from: to - typed.length, to, suggestions, hint: hintOf(option, definition), ask };
}

/**
 * The name of a LoRA in the middle of a prompt.
 *
 * @param {CommandDefinition} command
 * @param {string} typed
 * @param {number} to
 * @returns {Completion}
 */
function completeTag({ name, options: { lora } }, typed, to) {
  const ask = { command: name, option: 'lora', typed, insert: (/** @type {string} */ value) => `${value}:1>` };
  return { ...NOTHING, from: to - typed.length, to, hint: lora === undefined ? '' : hintOf('lora', lora), ask };
}

/** @param {string} value */
function asValue(value) {
  return `${/\s/.test(value) ? JSON.stringify(value) : value} `;
}

/**
 * Values that need no server: choices and switches.
 *
 * @param {OptionDefinition} definition
 * @returns {readonly string[]}
 */
export function knownValues(definition) {
  if (definition.type === 'boolean') return ['on', 'off'];
  return definition.type === 'string' ? (definition.choices ?? []) : [];
}

/**
 * @param {string} option
 * @param {OptionDefinition} definition
 */
function hintOf(option, definition) {
  const range = 'min' in definition ? ` (${definition.min} to ${definition.max})` : '';
  return `--${option}${range}: ${definition.description}`;
}

/**
 * The text with a suggestion in its place, and where the caret goes.
 *
 * @param {string} text
 * @param {Completion} completion
 * @param {string} insert
 */
export function applySuggestion(text, { from, to }, insert) {
  const after = text.slice(to).replace(/^\s+/, '');
  return { text: text.slice(0, from) + insert + after, caret: from + insert.length };
}
