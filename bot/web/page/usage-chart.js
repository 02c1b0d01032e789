/** @import { DayOfUsage } from '../../operations/operations.ts' */
import { element } from './element.js';

const DAYS = 30;
const WIDTH = 720;
const HEIGHT = 150;

/**
 * Pictures of the last days as bars, and as a table for those who cannot see them.
 *
 * @param {readonly DayOfUsage[]} usage
 */
export function usageChart(usage) {
  const days = lastDays();
  const pictures = days.map((day) => usage.find((each) => each.day === day)?.pictures ?? 0);
  const most = Math.max(...pictures);
  if (most <= 0) return [element('p', { class: 'nothing' }, `None in the last ${DAYS} days.`)];
  const step = WIDTH / DAYS;
  const bars = pictures.map((count, index) => {
    const height = (Math.max(0, count) / most) * HEIGHT;
    const bar = drawn('rect', { x: index * step + 2, y: HEIGHT - height, width: step - 4, height });
    bar.append(drawn('title', {}, `${days[index]}: ${count}`));
    return bar;
  });
  const chart = drawn('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  chart.append(...bars);
  const scale = element(
    'p',
    { class: 'scale', 'aria-hidden': 'true' },
    ...[days[0] ?? '', `most: ${most}`, days.at(-1) ?? ''].map((text) => element('span', {}, text)),
  );
  const rows = usage.map(({ day, pictures: count, seconds }) =>
    element('tr', {}, ...[day, String(count), seconds.toFixed(1)].map((text) => element('td', {}, text))),
  );
  const head = ['Day', 'Pictures', 'Compute seconds'].map((text) => element('th', { scope: 'col' }, text));
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows));
  return [chart, scale, element('div', { class: 'unseen' }, table)];
}

/** UTC, YYYY-MM-DD, the oldest first. */
function lastDays() {
  const now = Date.now();
  return Array.from({ length: DAYS }, (_, index) =>
    new Date(now - (DAYS - 1 - index) * 24 * 3600 * 1000).toISOString().slice(0, 10),
  );
}

/**
 * @param {string} tag
 * @param {Readonly<Record<string, string | number>>} attributes
 * @param {string} [text]
 */
function drawn(tag, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}
