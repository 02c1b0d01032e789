/** @import { Button } from '../../../commands/reply.ts' */
import { element, icon } from './element.js';
import { words } from './words.js';

const ICONS = new Set([
  'refine',
  'upscale',
  'vary',
  'inpaint',
  'zoom-out',
  'again',
  'edit',
  'delete',
  'cancel',
  'more',
]);

/**
 * The buttons of a message; null where it has none.
 *
 * @param {readonly Button[]} buttons
 * @param {(button: Button, pressed: HTMLButtonElement) => void} onPress
 * @param {string} [about] What they act on, for those who cannot see where they stand.
 */
export function buttonRow(buttons, onPress, about) {
  if (buttons.length === 0) return null;
  return element(
    'div',
    { class: 'buttons', role: 'group', 'aria-label': about ?? words.actions },
    ...buttons.map((button) =>
      element(
        'button',
        {
          type: 'button',
          class: button.style,
          onclick: (/** @type {MouseEvent} */ { currentTarget }) => {
            if (currentTarget instanceof HTMLButtonElement) onPress(button, currentTarget);
          },
        },
        iconOf(button),
        button.label,
      ),
    ),
  );
}

/** @param {Button} button */
function iconOf({ command, options = {} }) {
  if (command === 'pan') return icon(`pan-${options.direction}`);
  return ICONS.has(command) ? icon(command) : null;
}
