/** @import { PageAnswer } from '../turn.ts' */
/** @import { PageProgress } from '../listener.ts' */
import { buttonRow } from './buttons.js';
import { element } from './element.js';
import { longText } from './long-text.js';
import { words } from './words.js';

/** @typedef {Extract<PageAnswer, { kind: 'accepted' }>} Accepted */
/** @typedef {Extract<PageProgress, { state: 'running' }>} Running */

/** At the first step a preview is this soft; at the last it is sharp. */
const MAX_BLUR_PX = 14;

/**
 * A request under way: its place in line, then the steps and a preview that sharpens.
 *
 * @param {Accepted} accepted
 * @param {(button: Accepted['buttons'][number][number], pressed: HTMLButtonElement) => void} onPress
 */
export function waitingView(accepted, onPress) {
  const canvas = element('div', { class: 'canvas' });
  const line = element('p', { class: 'stage' });
  const bar = element('progress', { max: 1, 'aria-label': words.stepsDone });
  const view = element(
    'div',
    { class: 'waiting' },
    canvas,
    element('div', { class: 'status' }, line, bar),
    longText(accepted.text),
    buttonRow(accepted.buttons.flat(), onPress),
  );
  /** @type {Map<number, HTMLImageElement>} */
  const previews = new Map();

  /** @param {PageProgress} progress */
  function show(progress) {
    line.textContent = statusLine(progress);
    if (progress.state === 'running' && progress.steps > 0) bar.value = progress.step / progress.steps;
    else bar.removeAttribute('value');
    if (progress.state === 'running') showPreview(progress);
  }

  /** @param {Running} progress */
  function showPreview({ preview, index, step, steps }) {
    if (preview === null) return;
    const image = previews.get(index) ?? element('img', { alt: '', class: 'preview' });
    previews.set(index, image);
    image.src = preview;
    image.style.setProperty('--blur', `${(1 - step / Math.max(1, steps)) * MAX_BLUR_PX}px`);
    canvas.replaceChildren(...[...previews].sort(([a], [b]) => a - b).map(([, each]) => each));
    canvas.classList.toggle('several', previews.size > 1);
  }

  show({ state: 'queued', job: accepted.job, place: accepted.place, expectedSeconds: accepted.expectedSeconds });
  return { view, show };
}

/**
 * Where a request is, in one line.
 *
 * @param {PageProgress} progress
 */
export function statusLine(progress) {
  switch (progress.state) {
    case 'queued':
      return `${words.before(progress.place)} · ${duration(progress.expectedSeconds)}`;
    case 'running':
      return [
        ...(progress.count > 1 ? [words.picture(progress.index + 1, progress.count)] : []),
        // A page that was opened before the server's update may not know it.
        words.stages[progress.stage] ?? words.stages.working,
        ...(progress.steps > 0 ? [words.step(progress.step, progress.steps)] : []),
      ].join(' · ');
    case 'restarting':
      return words.restarting;
    case 'finished':
      return words.finishing;
    default:
      return progress;
  }
}

/** @param {number} seconds */
export function duration(seconds) {
  return seconds < 90 ? words.about(Math.max(1, Math.round(seconds))) : words.aboutMinutes(Math.round(seconds / 60));
}
