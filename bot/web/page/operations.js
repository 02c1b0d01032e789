/** @import { ShownJob, ShownMember, ShownSnapshot } from '../operations-routes.ts' */
import { openSession, operations, RequestError, retry, setMode, setRemoved } from './api.js';
import { byId, element } from './element.js';
import { aboutMode, ago, modes, outcomeOf, span, stateOf } from './operations-words.js';
import { usageChart } from './usage-chart.js';

const REFRESH_MS = 2000;

/** Ids of the platforms are shorter; a browser's is a digest, of which the beginning tells it from others. */
const LONGEST_USER = 20;

const MODES = /** @type {const} */ (['open', 'paused', 'draining']);

/** What the chart last showed: it is drawn again only when that changes. */
let chartOf = '';

for (const mode of MODES) {
  const { label } = modes[mode];
  const input = element('input', {
    type: 'radio',
    name: 'mode',
    value: mode,
    onchange: () => act('mode-outcome', () => setMode(mode)),
  });
  byId('modes', HTMLElement).append(element('label', {}, input, label));
}

await watch();

/** Shows what is, again and again; ends only where this browser is not let in. */
async function watch() {
  try {
    await openSession(null);
  } catch (error) {
    return tellOfConnection(error);
  }
  for (;;) {
    if (!document.hidden) await refresh();
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
  }
}

async function refresh() {
  try {
    show(await operations());
    byId('connection', HTMLElement).textContent = '';
  } catch (error) {
    tellOfConnection(error);
  }
}

/** @param {unknown} error */
function tellOfConnection(error) {
  if (!(error instanceof RequestError)) throw error;
  byId('connection', HTMLElement).textContent = error.message;
}

/**
 * Does what an operator wants, and tells beside it what came of it.
 *
 * @param {string} place
 * @param {() => Promise<string | void>} work its outcome in words, unless that is seen anyway
 */
async function act(place, work) {
  const outcome = byId(place, HTMLElement);
  try {
    outcome.textContent = (await work()) ?? '';
    outcome.classList.remove('problem');
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    outcome.textContent = error.message;
    outcome.classList.add('problem');
  }
  await refresh();
}

/** @param {ShownSnapshot} snapshot */
function show(snapshot) {
  showMode(snapshot);
  showNumbers(snapshot);
  const usage = JSON.stringify(snapshot.usage);
  if (usage !== chartOf) byId('chart', HTMLElement).replaceChildren(...usageChart(snapshot.usage));
  chartOf = usage;
  const { line, workers, members, failures, waiting, running } = snapshot;
  showTable(
    'line',
    ['Job', 'Whose', 'Asked', 'State'],
    line.map((place) => [
      whatOf(place.job),
      whoseOf(place.job),
      whole(ago(place.job.createdAt)),
      stateOf(place, snapshot),
    ]),
    'Nobody waits.',
  );
  const unseen = waiting + running - line.length;
  byId('line-rest', HTMLElement).textContent = unseen > 0 ? `and ${unseen} more` : '';
  showTable(
    'workers',
    ['Worker', 'Models', 'Draws', 'Heard of'],
    workers.map(({ id, models, running: draws, slots, silentSeconds, gone }) => [
      whole(id),
      models.length === 0 ? 'none' : apart(', ', models.map(named)),
      whole(`${draws} of ${slots}`),
      `${span(silentSeconds)} ago${gone ? ': taken for gone' : ''}`,
    ]),
    'There is no worker: nothing is drawn.',
  );
  byId('members-panel', HTMLElement).hidden = members.length === 0;
  showTable(
    'members',
    ['Who', 'Role', 'Here since', 'Last seen', ''],
    members.map((member) => [
      memberOf(member),
      member.removed ? 'removed' : member.role,
      whole(ago(member.since)),
      whole(ago(member.seenAt)),
      member.isOwn ? 'you' : memberButton(member),
    ]),
    'None.',
  );
  showTable(
    'failures',
    ['Job', 'Whose', 'Request', 'Ended', 'Cause', ''],
    failures.map(({ job, what, cause, retry: again }) => [
      whatOf(job),
      whoseOf(job),
      element('code', {}, job.request),
      whole(ago(job.finishedAt ?? job.createdAt)),
      what === 'delivery' ? `Not delivered: ${cause}` : cause,
      again === null ? retryButton(job, what) : outcomeOf(again),
    ]),
    'None.',
  );
}

/** @param {ShownSnapshot} snapshot */
function showMode(snapshot) {
  for (const input of byId('modes', HTMLElement).querySelectorAll('input')) {
    input.checked = input.value === snapshot.mode;
  }
  byId('mode-about', HTMLElement).textContent = aboutMode(snapshot);
}

/** @param {ShownSnapshot} snapshot */
function showNumbers({ waiting, running, oldestWaitSeconds, deliveriesOwed, usage }) {
  const today = usage.find(({ day }) => day === new Date().toISOString().slice(0, 10));
  const numbers = {
    Waiting: String(waiting),
    'Longest wait': oldestWaitSeconds === null ? 'none' : span(oldestWaitSeconds),
    'Being drawn': String(running),
    'Messages owed': String(deliveriesOwed),
    'Pictures charged today': String(today?.pictures ?? 0),
    'Compute charged today': span(today?.seconds ?? 0),
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
    element('tr', {}, ...cells.map((cell, index) => element('td', { 'data-head': heads[index] || null }, cell))),
  );
  place.replaceChildren(
    element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...body)),
  );
}

/**
 * @param {ShownJob} job
 * @param {ShownSnapshot['failures'][number]['what']} what
 */
function retryButton({ id, request }, what) {
  const button = element('button', { type: 'button', 'aria-label': `Retry request ${request}` }, 'Retry');
  button.addEventListener('click', () => {
    button.blur();
    void act('retry-outcome', async () => {
      const again = await retry(id);
      return what === 'delivery' ? `The message of ${again} is owed again.` : `${request} is drawn again as ${again}.`;
    });
  });
  return element('span', { class: 'buttons' }, button);
}

/** @param {ShownMember} member */
function memberButton({ user, name, removed }) {
  const label = removed ? 'Let in again' : 'Remove';
  const button = element('button', { type: 'button', 'aria-label': `${label}: ${name ?? user}` }, label);
  button.addEventListener('click', () => {
    button.blur();
    void act('member-outcome', async () => {
      await setRemoved(user, !removed);
      return removed ? 'Let in again.' : 'Removed: what they have open has ended, and they are not let in again.';
    });
  });
  return element('span', { class: 'buttons' }, button);
}

/** @param {ShownMember} member */
function memberOf({ user, name }) {
  return name === null ? whole(`${user.slice(0, LONGEST_USER)}…`) : named(name);
}

/** @param {ShownJob} job */
function whatOf({ kind, count, size, model }) {
  return element('span', {}, `${kind}${count > 1 ? ` ×${count}` : ''}, ${size}, `, named(model));
}

/** @param {ShownJob} job */
function whoseOf({ platform, guild, user }) {
  const shown = user.length > LONGEST_USER ? `${user.slice(0, LONGEST_USER)}…` : user;
  return apart(' · ', [platform, guild, shown].map(whole));
}

/**
 * A name of any length, which may be written from right to left among words that are not.
 *
 * @param {string} text
 */
function named(text) {
  return element('bdi', {}, text);
}

/**
 * The same for what is short: it is not broken.
 *
 * @param {string} text
 */
function whole(text) {
  return element('bdi', { class: 'whole' }, text);
}

/**
 * @param {string} between
 * @param {readonly HTMLElement[]} parts
 */
function apart(between, parts) {
  return element('span', {}, ...parts.flatMap((part, index) => (index === 0 ? [part] : [between, part])));
}
