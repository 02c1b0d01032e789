/** @import { ShownJob, ShownSnapshot } from '../operations-routes.ts' */
/** @import { OperationMode } from '../../operations/operations.ts' */
import { openSession, operate, operations, RequestError } from './api.js';
import { byId, element } from './element.js';
import { ago, modes, span } from './operations-words.js';
import { usageChart } from './usage-chart.js';

const REFRESH_MS = 2000;

const MODES = /** @type {const} */ (['open', 'paused', 'draining']);

/** What the chart last showed: it is drawn again only when that changes. */
let chartOf = '';

for (const mode of MODES) {
  const { label } = modes[mode];
  const input = element('input', {
    type: 'radio',
    name: 'mode',
    value: mode,
    onchange: () => act({ kind: 'mode', mode }),
  });
  byId('modes', HTMLElement).append(element('label', {}, input, label));
}

await openSession(null);
for (;;) {
  if (!document.hidden) await refresh();
  await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
}

async function refresh() {
  try {
    show(await operations());
    byId('connection', HTMLElement).textContent = '';
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    byId('connection', HTMLElement).textContent = error.message;
  }
}

/** @param {Parameters<typeof operate>[0]} what */
async function act(what) {
  const problem = byId('problem', HTMLElement);
  try {
    await operate(what);
    problem.hidden = true;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    problem.textContent = error.message;
    problem.hidden = false;
  }
  await refresh();
}

/** @param {ShownSnapshot} snapshot */
function show(snapshot) {
  showMode(snapshot.mode);
  showNumbers(snapshot);
  const usage = JSON.stringify(snapshot.usage);
  if (usage !== chartOf) byId('chart', HTMLElement).replaceChildren(...usageChart(snapshot.usage));
  chartOf = usage;
  showTable(
    'line',
    ['Job', 'Whose', 'Asked', 'State'],
    snapshot.line.map(({ job, running, expectedSeconds }) => [
      whatOf(job),
      whoseOf(job),
      ago(job.createdAt),
      running ? 'is drawn' : `in about ${span(expectedSeconds)}`,
    ]),
    'Nobody waits.',
  );
  showTable(
    'workers',
    ['Worker', 'Models', 'Draws', 'Heard of'],
    snapshot.workers.map(({ id, models, running, silentSeconds }) => [
      id,
      models.join(', '),
      String(running),
      `${span(silentSeconds)} ago`,
    ]),
    'There is no worker: nothing is drawn.',
  );
  showTable(
    'failures',
    ['Job', 'Whose', 'Asked', 'Cause', ''],
    snapshot.failures.map(({ job, what, cause }) => [
      whatOf(job),
      whoseOf(job),
      ago(job.createdAt),
      what === 'delivery' ? `Not delivered: ${cause}` : cause,
      retryButton(job.id),
    ]),
    'None.',
  );
}

/** @param {OperationMode} mode */
function showMode(mode) {
  for (const input of byId('modes', HTMLElement).querySelectorAll('input')) input.checked = input.value === mode;
  byId('mode-about', HTMLElement).textContent = modes[mode].about;
}

/** @param {ShownSnapshot} snapshot */
function showNumbers({ waiting, running, oldestWaitSeconds, deliveriesOwed, usage }) {
  const today = usage.find(({ day }) => day === new Date().toISOString().slice(0, 10));
  const numbers = {
    Waiting: String(waiting),
    'Longest wait': oldestWaitSeconds === null ? 'none' : span(oldestWaitSeconds),
    'Being drawn': String(running),
    'Messages owed': String(deliveriesOwed),
    'Pictures today': String(today?.pictures ?? 0),
    'Compute today': span(today?.seconds ?? 0),
  };
  const shown = Object.entries(numbers).map(([name, value]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value)),
  );
  byId('numbers', HTMLElement).replaceChildren(...shown);
}

/**
 * @param {string} id
 * @param {readonly string[]} heads
 * @param {readonly (readonly (string | HTMLElement)[])[]} rows
 * @param {string} nothing
 */
function showTable(id, heads, rows, nothing) {
  const place = byId(id, HTMLElement);
  // A pressed button must not lose the focus to a refresh.
  if (place.contains(document.activeElement)) return;
  if (rows.length === 0) return place.replaceChildren(element('p', { class: 'nothing' }, nothing));
  const head = heads.map((text) => (text === '' ? element('td', {}) : element('th', { scope: 'col' }, text)));
  const body = rows.map((cells) =>
    element(
      'tr',
      {},
      ...cells.map((cell) => element('td', { class: typeof cell === 'string' ? null : 'short' }, cell)),
    ),
  );
  place.replaceChildren(
    element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...body)),
  );
}

/** @param {string} job */
function retryButton(job) {
  const button = element('button', { type: 'button', 'aria-label': `Retry job ${job}` }, 'Retry');
  button.addEventListener('click', () => {
    button.blur();
    void act({ kind: 'retry', job });
  });
  return element('span', { class: 'buttons' }, button);
}

/** @param {ShownJob} job */
function whatOf({ kind, count, size, model }) {
  return `${kind}${count > 1 ? ` ×${count}` : ''}, ${size}, ${model}`;
}

/** @param {ShownJob} job */
function whoseOf({ platform, guild, user }) {
  return `${platform} · ${guild} · ${user}`;
}
