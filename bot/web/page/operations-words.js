/** The dashboard's words. Operators read logs and manuals in English, too: there is one language. */

/** @import { ShownJob, ShownSnapshot } from '../operations-routes.ts' */
/** @import { OperationMode } from '../../operations/operations.ts' */

/** @type {Readonly<Record<OperationMode, { label: string, about: string }>>} */
export const modes = {
  open: { label: 'Open', about: 'Requests are taken and drawn.' },
  paused: { label: 'Paused', about: 'Requests are taken and wait; what is being drawn is finished.' },
  draining: { label: 'Draining', about: 'What waits is drawn; new requests are refused with a line that says so.' },
};

/**
 * What the service does now: the mode, and what has come of it.
 *
 * @param {ShownSnapshot} snapshot
 */
export function aboutMode({ mode, waiting, running, deliveriesOwed }) {
  const isEmpty = waiting + running + deliveriesOwed === 0;
  if (mode === 'draining' && isEmpty) return `${modes.draining.about} Nothing is left: Easel can be stopped.`;
  if (mode === 'paused' && running === 0) return 'Requests are taken and wait; nothing is being drawn any more.';
  return modes[mode].about;
}

/**
 * Where a job in the line stands.
 *
 * @param {ShownSnapshot['line'][number]} place
 * @param {ShownSnapshot} snapshot
 */
export function stateOf({ job, expectedSeconds }, { mode, workers }) {
  const again = job.attempts > 1 ? `, attempt ${job.attempts}` : '';
  if (job.status === 'running') return `is drawn${again}, about ${span(expectedSeconds)} left`;
  if (mode === 'paused') return 'waits: paused';
  if (workers.every(({ gone }) => gone)) return 'waits for a worker';
  return `in about ${span(expectedSeconds)}`;
}

/** @type {Readonly<Record<ShownJob['status'], string>>} */
const outcomes = {
  queued: 'in line',
  running: 'being drawn',
  done: 'done',
  failed: 'failed again',
  cancelled: 'cancelled',
};

/**
 * What became of a retry.
 *
 * @param {ShownJob} retry
 */
export function outcomeOf({ status, request }) {
  return `Retried as ${request}: ${outcomes[status]}`;
}

/**
 * A span of time, as short as it may be.
 *
 * @param {number} seconds
 */
export function span(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/**
 * A moment as time ago.
 *
 * @param {string} at ISO 8601.
 */
export function ago(at) {
  return `${span(Math.max(0, (Date.now() - Date.parse(at)) / 1000))} ago`;
}
