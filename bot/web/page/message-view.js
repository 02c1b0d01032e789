/** @import { PageAnswer } from '../turn.ts' */
/** @import { Button } from '../../../commands/reply.ts' */
import { buttonRow } from './buttons.js';
import { copyButton } from './copy-button.js';
import { element, icon } from './element.js';
import { longText } from './long-text.js';
import { openViewer } from './viewer.js';
import { words } from './words.js';

/** @typedef {Extract<PageAnswer, { kind: 'message' }>} Message */
/** @typedef {Message['pictures'][number]} Picture */

/**
 * A finished answer: pictures, words, recipe, buttons.
 *
 * @param {Message} message
 * @param {(button: Button, pressed: HTMLButtonElement) => void} onPress
 */
export function messageView(message, onPress) {
  const several = message.pictures.length > 1;
  const buttons = message.buttons.flat();
  // What can be done with each picture stands under it; what is there once is for the whole message.
  /** @param {Button} button */
  const isOfPicture = ({ command }) => several && buttons.filter((other) => other.command === command).length > 1;
  /** @param {Picture} picture */
  const own = (picture) => buttons.filter((button) => isOfPicture(button) && button.target === picture.id);
  const shared = message.buttons.map((row) => row.filter((button) => !isOfPicture(button)));
  const pictures = message.pictures.map((picture, index) =>
    element('figure', {}, pictureView(picture), buttonRow(own(picture), onPress, words.actionsOf(index + 1))),
  );
  return element(
    'div',
    { class: `message ${message.tone}` },
    pictures.length === 0 ? null : element('div', { class: several ? 'pictures several' : 'pictures' }, ...pictures),
    message.title === null ? null : element('h3', {}, message.title),
    textView(message),
    fieldsView(message),
    message.file === null
      ? null
      : element('a', { class: 'file', href: message.file.href, download: '' }, message.file.name),
    message.buttons.length === 0
      ? null
      : element('div', { class: 'button-rows' }, ...shared.map((row) => buttonRow(row, onPress))),
  );
}

/** @param {Picture} picture */
function pictureView(picture) {
  const src = `/blobs/${picture.blob}`;
  const { width, height, alt, name } = picture;
  const image = element('img', { src, alt, width, height, decoding: 'async' });
  image.style.setProperty('--ratio', String(width / height));
  const open = element(
    'button',
    { type: 'button', class: 'open', 'aria-label': words.viewLarger(alt), onclick: () => openViewer(picture) },
    image,
  );
  const frame = element(
    'div',
    { class: picture.spoiler ? 'frame spoiler' : 'frame' },
    open,
    element(
      'a',
      { class: 'download', href: src, download: name, 'aria-label': words.download(name), title: words.download(name) },
      icon('download'),
    ),
  );
  image.addEventListener('error', () => frame.replaceWith(element('p', { class: 'gone' }, words.pictureGone)));
  if (picture.spoiler) frame.append(coverView(frame, open));
  return frame;
}

/**
 * Covers a picture until it is asked for.
 *
 * @param {HTMLElement} frame
 * @param {HTMLElement} covered
 */
function coverView(frame, covered) {
  covered.inert = true;
  const cover = element('button', { type: 'button', class: 'cover' }, words.showPicture);
  cover.addEventListener('click', () => {
    covered.inert = false;
    frame.classList.remove('spoiler');
    cover.remove();
    covered.focus();
  });
  return cover;
}

/**
 * The words of a message; a picture's caption is its recipe, and can be copied.
 *
 * @param {Message} message
 */
function textView({ text, pictures, fields }) {
  if (text === '') return null;
  const shown = longText(text);
  if (pictures.length === 0 || fields.length > 0) return shown;
  return element('div', { class: 'caption' }, shown, copyButton(text, words.copyRecipe));
}

/**
 * Names and values; those of a recipe can be copied.
 *
 * @param {Message} message
 */
function fieldsView({ fields, showsRecipe }) {
  if (fields.length === 0) return null;
  const rows = fields.map(({ name, value }) =>
    element('div', {}, element('dt', {}, name), element('dd', { dir: 'auto' }, value)),
  );
  const lines = fields.map(({ name, value }) => `${name}: ${value}`).join('\n');
  const copy = showsRecipe ? copyButton(lines, words.copyRecipe) : null;
  return element('div', { class: 'fields' }, element('dl', {}, ...rows), copy);
}
