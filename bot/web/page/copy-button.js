import { element, icon } from './element.js';
import { words } from './words.js';

const SAID_MS = 1500;

/**
 * A button that copies a text; null where the browser has no clipboard for a page without TLS.
 *
 * @param {string} text
 * @param {string} label
 */
export function copyButton(text, label) {
  if (!('clipboard' in navigator)) return null;
  const button = element('button', { type: 'button', class: 'copy' }, icon('copy'), label);
  /** @param {string} words */
  const say = (words) => button.lastChild?.replaceWith(words);
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text);
    say(words.copied);
    setTimeout(() => say(label), SAID_MS);
  });
  return button;
}
