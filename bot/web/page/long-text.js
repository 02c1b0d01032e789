import { element } from './element.js';

const watched = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollHeight > target.clientHeight) target.setAttribute('tabindex', '0');
    else target.removeAttribute('tabindex');
  }
});

/**
 * What people wrote, in the direction of its letters. More than has room scrolls: then the keyboard can get there.
 *
 * @param {string} text
 */
export function longText(text) {
  const shown = element('p', { class: 'text', dir: 'auto' }, text);
  watched.observe(shown);
  return shown;
}
