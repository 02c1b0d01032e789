/** @import { PageTurn } from '../turn.ts' */
/** @import { PageProgress } from '../listener.ts' */
/** @import { Button } from '../../../commands/reply.ts' */
import { element } from './element.js';
import { longText } from './long-text.js';
import { messageView } from './message-view.js';
import { waitingView } from './waiting-view.js';
import { words } from './words.js';

/**
 * One turn: what was asked, and in the same place what became of it.
 *
 * @param {PageTurn} turn
 * @param {(turn: string, button: Button, pressed: HTMLButtonElement) => void} onPress
 */
export function turnView(turn, onPress) {
  const answer = element('div', { class: 'answer', tabindex: -1 });
  const { text, by, files } = turn.request;
  const asked = element(
    'div',
    { class: `asked ${by}` },
    longText(text),
    files.length === 0 ? null : element('p', { class: 'with' }, words.with(files.join(', '))),
  );
  const view = element('li', { class: 'turn', id: `turn-${turn.id}` }, asked, answer);
  /** @type {((progress: PageProgress) => void) | null} */
  let showProgress = null;

  /** @param {PageTurn} now */
  function update(now) {
    const hadFocus = answer.contains(document.activeElement);
    /** @type {(button: Button, pressed: HTMLButtonElement) => void} */
    const press = (button, pressed) => onPress(now.id, button, pressed);
    showProgress = null;
    if (now.answer === null) answer.replaceChildren(element('p', { class: 'thinking' }, words.oneMoment));
    else if (now.answer.kind === 'message') answer.replaceChildren(messageView(now.answer, press));
    else {
      const waiting = waitingView(now.answer, press);
      showProgress = waiting.show;
      answer.replaceChildren(waiting.view);
    }
    if (hadFocus) answer.focus({ preventScroll: true });
  }

  update(turn);
  return {
    view,
    update,
    /** @param {PageProgress} progress */
    progress: (progress) => showProgress?.(progress),
  };
}
