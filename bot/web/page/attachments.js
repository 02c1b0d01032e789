import { byId, element, icon } from './element.js';
import { words } from './words.js';

const TYPES = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif']);
const MAX_BYTES = 20 * 1024 * 1024;

/**
 * The picture to start from: chosen, pasted or dropped.
 *
 * @param {(problem: string) => void} onProblem
 */
export function attachments(onProblem) {
  const list = byId('attachments', HTMLUListElement);
  const input = byId('file', HTMLInputElement);
  /** @type {File | null} */
  let attached = null;
  let url = '';

  /** @param {File | null | undefined} file */
  function set(file) {
    if (file === undefined || (file !== null && !accepts(file))) return;
    if (url !== '') URL.revokeObjectURL(url);
    url = file === null ? '' : URL.createObjectURL(file);
    attached = file;
    input.value = '';
    list.hidden = file === null;
    list.replaceChildren(...(file === null ? [] : [chip(file)]));
  }

  /** @param {File} file */
  function accepts(file) {
    const problem = !TYPES.has(file.type)
      ? words.noPicture(file.name)
      : file.size > MAX_BYTES
        ? words.tooLarge(file.name, MAX_BYTES / 1024 ** 2)
        : '';
    onProblem(problem);
    return problem === '';
  }

  /** @param {File} file */
  function chip(file) {
    const label = words.remove(file.name);
    const remove = element(
      'button',
      { type: 'button', class: 'tool', 'aria-label': label, title: label },
      icon('close'),
    );
    remove.addEventListener('click', () => {
      set(null);
      byId('text', HTMLTextAreaElement).focus();
    });
    return element('li', {}, element('img', { src: url, alt: '' }), element('span', {}, file.name), remove);
  }

  input.addEventListener('change', () => set(input.files?.[0]));
  document.addEventListener('paste', ({ clipboardData }) => set(clipboardData?.files[0]));
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  for (const type of ['dragleave', 'drop']) {
    document.addEventListener(type, () => document.body.classList.remove('dropping'));
  }
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    set(event.dataTransfer?.files[0]);
  });

  return { file: () => attached, clear: () => set(null) };
}
