/** Reads and writes a line's `--option value` parts, for the options dialog. */

const FLAG = /(?:^|\s)--([\w-]+)(?:(?:=|\s+)("(?:[^"\\]|\\.)*"|(?!--)\S+))?/g;

/**
 * The options that a line gives, by name.
 *
 * @param {string} text
 * @returns {Readonly<Record<string, string>>}
 */
export function readFlags(text) {
  return Object.fromEntries([...text.matchAll(FLAG)].map(([, name = '', value]) => [name, unquoted(value ?? 'on')]));
}

/**
 * The line with these options in place of its own; an empty value leaves an option out.
 *
 * @param {string} text
 * @param {Readonly<Record<string, string>>} values
 */
export function writeFlags(text, values) {
  const kept = text.replace(FLAG, (flag, name) => (Object.hasOwn(values, name) ? '' : flag)).trim();
  const flags = Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `--${name} ${quoted(value)}`);
  return [kept, ...flags].join(' ').trim();
}

/** @param {string} value */
function quoted(value) {
  return /^[\w.:%+/-]+$/.test(value) && !value.startsWith('--') ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** @param {string} value */
function unquoted(value) {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
}
