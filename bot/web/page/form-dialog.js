/** @import { FormField, MaskField } from '../../../commands/reply.ts' */
import { element } from './element.js';
import { maskEditor } from './mask-editor.js';
import { words } from './words.js';

let serial = 0;

/**
 * A field of a dialog: as the server's forms have it, with values to choose from or a description where there are some.
 *
 * @typedef {FormField & { readonly choices?: readonly string[], readonly description?: string, readonly placeholder?: string, readonly numeric?: boolean, readonly suggest?: () => Promise<readonly string[]> }} DialogField
 */

/**
 * What was filled in: values by field, and the mask that was painted.
 *
 * @typedef {{ readonly values: Readonly<Record<string, string>>, readonly files: readonly { option: string, file: File }[] }} Filled
 */

/**
 * Opens a form; resolves to what was filled in, or to null where the person closes it. What `take` says of it, if anything, is
 * shown, and the form stays open as it is.
 *
 * @param {{ title: string, fields: readonly DialogField[], mask?: MaskField | undefined, submit: string, take?: (filled: Filled) => Promise<string | null> }} form
 * @returns {Promise<Filled | null>}
 */
export function openForm({ title, fields, mask, submit, take = async () => null }) {
  const id = `form-${++serial}`;
  const editor = mask && { name: mask.name, ...maskEditor(mask, `${id}-mask`) };
  const inputs = fields.map((field, index) => ({ field, input: inputFor(field, `${id}-${index}`) }));
  const cancel = element('button', { type: 'button', class: 'secondary' }, words.cancel);
  const send = element('button', { type: 'submit', class: 'primary' }, submit);
  const problem = element('p', { class: 'problem', role: 'alert', hidden: true });
  const form = element(
    'form',
    { method: 'dialog' },
    element('h2', { id }, title),
    element('div', { class: 'rows' }, editor?.view ?? null, ...inputs.map(({ field, input }) => rowFor(field, input))),
    problem,
    element('div', { class: 'buttons' }, cancel, send),
  );
  const dialog = element('dialog', { class: 'form', 'aria-labelledby': id }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    /** @type {Filled | null} */
    let filled = null;
    cancel.addEventListener('click', () => dialog.close());
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (send.ariaBusy === 'true') return;
      const file = await editor?.file();
      if (file === null) return;
      const given = {
        values: Object.fromEntries(inputs.map(({ field, input }) => [field.name, input.value])),
        files: editor === undefined || file === undefined ? [] : [{ option: editor.name, file }],
      };
      send.ariaBusy = 'true';
      const said = await take(given);
      send.ariaBusy = null;
      problem.textContent = said;
      problem.hidden = said === null;
      if (said !== null) return;
      filled = given;
      dialog.close();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(filled);
    });
    dialog.showModal();
  });
}

/**
 * @param {DialogField} field
 * @param {string} id
 */
function inputFor(field, id) {
  const { required, maxLength, description } = field;
  const common = { id, name: field.name, required, 'aria-describedby': description ? `${id}-about` : null };
  if (field.choices !== undefined && field.choices.length > 0) {
    const options = ['', ...field.choices].map((value) =>
      element('option', { value, selected: value === field.value }, value === '' ? words.asUsual : value),
    );
    return element('select', common, ...options);
  }
  if (field.multiline) {
    const area = element('textarea', { ...common, maxlength: maxLength, rows: 3, dir: 'auto' });
    area.value = field.value;
    return area;
  }
  return element('input', {
    ...common,
    type: 'text',
    maxlength: maxLength,
    value: field.value,
    placeholder: field.placeholder ?? null,
    inputmode: field.numeric ? 'decimal' : null,
    list: field.suggest === undefined ? null : `${id}-list`,
    autocomplete: 'off',
  });
}

/**
 * @param {DialogField} field
 * @param {HTMLElement} input
 */
function rowFor(field, input) {
  return element(
    'div',
    { class: 'row' },
    element('label', { for: input.id }, field.label),
    input,
    field.suggest === undefined ? null : suggestionsFor(input, field.suggest),
    field.description ? element('p', { id: `${input.id}-about`, class: 'about' }, field.description) : null,
  );
}

/**
 * What the server suggests for a field, asked when the field is reached.
 *
 * @param {HTMLElement} input
 * @param {() => Promise<readonly string[]>} suggest
 */
function suggestionsFor(input, suggest) {
  const list = element('datalist', { id: `${input.id}-list` });
  const fill = async () => list.append(...(await suggest()).map((value) => element('option', { value })));
  input.addEventListener('focus', fill, { once: true });
  return list;
}
