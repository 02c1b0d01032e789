/** The dashboard's words. Operators read logs and manuals in English, too: there is one language. */

/** @import { OperationMode } from '../../operations/operations.ts' */

/** @type {Readonly<Record<OperationMode, { label: string, about: string }>>} */
export const modes = {
  open: { label: 'Open', about: 'Requests are taken and drawn.' },
  paused: { label: 'Paused', about: 'Requests are taken and wait; what is being drawn is finished.' },
  draining: { label: 'Draining', about: 'What waits is drawn; new requests are refused with a line that says so.' },
};

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
