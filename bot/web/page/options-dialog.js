/** @import { CommandDefinition } from './completion.js' */
/** @import { DialogField } from './form-dialog.js' */
import { suggest } from './api.js';
import { knownValues } from './completion.js';
import { readFlags, writeFlags } from './flags.js';
import { openForm } from './form-dialog.js';
import { words } from './words.js';

/**
 * Lets a person set a command's options without typing them; resolves to the line with those options.
 *
 * @param {CommandDefinition} command
 * @param {string} text
 */
export async function chooseOptions(command, text) {
  const given = readFlags(text);
  // The first option is the line's own text, and files are attached.
  const options = Object.entries(command.options).slice(1);
  const fields = options
    .filter(([, { type }]) => type !== 'attachment')
    .map(([name, definition]) => fieldFor(command.name, name, definition, given[name] ?? ''));
  const filled = await openForm({ title: words.optionsOf(`/${command.name}`), fields, submit: words.useThese });
  return filled === null ? text : writeFlags(text, filled.values);
}

/**
 * @param {string} command
 * @param {string} name
 * @param {CommandDefinition['options'][string]} definition
 * @param {string} value
 * @returns {DialogField}
 */
function fieldFor(command, name, definition, value) {
  return {
    name,
    label: name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' '),
    description: definition.description,
    value,
    required: false,
    multiline: 'multiline' in definition && definition.multiline === true,
    maxLength: 'maxLength' in definition ? definition.maxLength : 40,
    choices: knownValues(definition),
    placeholder: 'min' in definition && definition.max <= 1000 ? words.range(definition.min, definition.max) : '',
    ...('autocomplete' in definition && { suggest: () => suggestedValues(command, name) }),
    numeric: definition.type === 'integer' || definition.type === 'number',
  };
}

/**
 * @param {string} command
 * @param {string} option
 */
async function suggestedValues(command, option) {
  return (await suggest(command, option, '')).map(({ value }) => value);
}
