/** @import { PageTurn } from '../turn.ts' */
import { byId } from './element.js';
import { duration } from './waiting-view.js';
import { words } from './words.js';

/**
 * Tells a screen reader, politely, what changed: acceptance and the end, not each step.
 *
 * @param {PageTurn | undefined} before
 * @param {PageTurn} now
 */
export function announce(before, now) {
  const words = announcement(before, now);
  if (words !== '') byId('announcer', HTMLElement).textContent = words;
}

/**
 * @param {PageTurn | undefined} before
 * @param {PageTurn} now
 */
function announcement(before, { answer }) {
  if (answer === null || before?.answer?.kind === answer.kind) return '';
  if (answer.kind === 'accepted') {
    return words.accepted(answer.place, duration(answer.expectedSeconds));
  }
  const [first] = answer.pictures;
  if (first === undefined) return [answer.title ?? '', answer.text].join(' ').trim();
  return words.here(answer.pictures.length, first.alt);
}
