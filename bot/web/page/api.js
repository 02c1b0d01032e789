/** @import { PageTurn } from '../turn.ts' */
/** @import { CommandDefinition } from './completion.js' */

/**
 * One thing that a person did. Its turn's id stays the same for every try, so that a repeated request is harmless.
 *
 * @typedef {{ kind: 'text', text: string }
 *   | { kind: 'press', message: string, command: string, target: string }
 *   | { kind: 'form', command: string, values: Readonly<Record<string, string>> }} Act
 */

/** A refusal by the server, or no server: one line for the person. */
export class RequestError extends Error {}

const OWN = { 'x-easel': '1' };

/**
 * Gives this browser its conversation where it has none.
 *
 * @returns {Promise<{ commands: readonly CommandDefinition[] }>}
 */
export async function openSession() {
  return (await request('/api/session', { method: 'POST', headers: OWN })).json();
}

/**
 * Sends an act; what becomes of it comes by the stream.
 *
 * @param {Act} act
 * @param {string} turn
 * @param {readonly { readonly option: string, readonly file: File }[]} [files]
 */
export async function send(act, turn, files = []) {
  const json = JSON.stringify({ ...act, turn });
  if (files.length === 0) {
    const headers = { ...OWN, 'content-type': 'application/json' };
    await request('/api/command', { method: 'POST', headers, body: json });
    return;
  }
  const body = new FormData();
  body.set('act', json);
  for (const { option, file } of files) body.set(`file:${option}`, file, file.name);
  await request('/api/command', { method: 'POST', headers: OWN, body });
}

/**
 * Suggestions for an option's value while it is typed; none where the server cannot be asked.
 *
 * @param {string} command
 * @param {string} option
 * @param {string} typed
 * @param {AbortSignal} [signal]
 * @returns {Promise<readonly { name: string, value: string }[]>}
 */
export async function suggest(command, option, typed, signal) {
  const query = new URLSearchParams({ command, option, typed: typed.slice(0, 200) });
  const response = await fetch(`/api/suggest?${query}`, { signal: signal ?? null }).catch(() => null);
  return response?.ok ? response.json() : [];
}

/**
 * The turns before this one.
 *
 * @param {string} before
 * @returns {Promise<{ turns: readonly PageTurn[], more: boolean }>}
 */
export async function olderTurns(before) {
  return (await request(`/api/turns?before=${before}`, {})).json();
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function request(path, init) {
  const response = await fetch(path, init).catch(() => null);
  if (response === null) throw new RequestError('Easel cannot be reached. Nothing was lost: try again in a moment.');
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  throw new RequestError(
    typeof body.error === 'string' ? body.error : `Easel answered with status ${response.status}.`,
  );
}
