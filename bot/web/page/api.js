/** @import { PageTurn } from '../turn.ts' */
/** @import { ShownSnapshot } from '../operations-routes.ts' */
/** @import { OperationMode } from '../../operations/operations.ts' */
/** @import { CommandDefinition } from './completion.js' */
import { words } from './words.js';

/**
 * One thing that a person did. Its turn's id stays the same for every try, so that a repeated request is harmless.
 *
 * @typedef {{ kind: 'text', text: string }
 *   | { kind: 'press', message: string, command: string, target: string, options: Readonly<Record<string, string>> }
 *   | { kind: 'form', command: string, values: Readonly<Record<string, string>> }} Act
 */

/** A refusal by the server, or no server: one line for the person. */
export class RequestError extends Error {
  /**
   * @param {string} message
   * @param {number | null} status null where no server answered
   */
  constructor(message, status = null) {
    super(message);
    this.status = status;
  }
}

/** Where no answer comes for so long, none will: connections can be lost, or all be taken. Files may take their time. */
const PATIENCE_MS = 20_000;
const PATIENCE_WITH_FILES_MS = 300_000;

const OWN = { 'x-easel': '1' };

/** This browser is not let in; its message says what to do. */
export class NotInvitedError extends RequestError {
  /**
   * @param {string} message
   * @param {string | null} signIn where the person may sign in
   */
  constructor(message, signIn) {
    super(message, 401);
    this.signIn = signIn;
  }
}

/** @param {unknown} body */
const json = (body) => ({ headers: { ...OWN, 'content-type': 'application/json' }, body: JSON.stringify(body) });

/**
 * Gives this browser its conversation where it has none; an invitation lets it in where that is asked for.
 *
 * @param {string | null} invitation
 * @returns {Promise<{ commands: readonly CommandDefinition[], mayInvite: boolean, mayOperate: boolean, maySignOut: boolean, person: string }>}
 */
export async function openSession(invitation) {
  const body = invitation === null ? {} : { invitation };
  return (await request('/api/session', { method: 'POST', ...json(body) })).json();
}

/** This browser is let in no more; whoever used it can come in again as before. */
export async function signOut() {
  await request('/api/sign-out', { method: 'POST', headers: OWN });
}

/** The same in every browser in which this person has signed in. */
export async function signOutEverywhere() {
  await request('/api/sign-out-everywhere', { method: 'POST', headers: OWN });
}

/**
 * A link that lets one more browser in.
 *
 * @returns {Promise<string>}
 */
export async function invite() {
  return (await (await request('/api/invitations', { method: 'POST', headers: OWN })).json()).link;
}

/**
 * The operator's view.
 *
 * @returns {Promise<ShownSnapshot>}
 */
export async function operations() {
  return (await request('/api/operations', {})).json();
}

/** @param {OperationMode} mode */
export async function setMode(mode) {
  await request('/api/operations', { method: 'POST', ...json({ kind: 'mode', mode }) });
}

/**
 * A member is not let in any more, or is again.
 *
 * @param {string} user
 * @param {boolean} removed
 */
export async function setRemoved(user, removed) {
  await request('/api/operations', { method: 'POST', ...json({ kind: 'member', user, removed }) });
}

/**
 * Has a failed job drawn, or a refused message brought, again.
 *
 * @param {string} job
 * @returns {Promise<string>} the id of the request that goes on
 */
export async function retry(job) {
  return (await (await request('/api/operations', { method: 'POST', ...json({ kind: 'retry', job }) })).json()).request;
}

/** An id for an act: version 4, made by hand because `randomUUID` is missing where the page comes without TLS. */
export function newTurnId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * Sends an act; what becomes of it comes by the stream.
 *
 * @param {Act} act
 * @param {string} turn
 * @param {readonly { readonly option: string, readonly file: File }[]} [files]
 */
export async function send(act, turn, files = []) {
  if (files.length === 0) {
    await request('/api/command', { method: 'POST', ...json({ ...act, turn }) });
    return;
  }
  const body = new FormData();
  body.set('act', JSON.stringify({ ...act, turn }));
  for (const { option, file } of files) body.set(`file:${option}`, file, file.name);
  await request('/api/command', { method: 'POST', headers: OWN, body }, PATIENCE_WITH_FILES_MS);
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
 * @param {number} [patience] milliseconds
 */
async function request(path, init, patience = PATIENCE_MS) {
  const response = await fetch(path, { ...init, signal: AbortSignal.timeout(patience) }).catch(() => null);
  if (response === null) throw new RequestError(words.unreachable);
  if (response.ok) return response;
  const { error, signIn } = await response.json().catch(() => ({}));
  const message = typeof error === 'string' ? error : words.status(response.status);
  throw response.status === 401
    ? new NotInvitedError(message, typeof signIn === 'string' ? signIn : null)
    : new RequestError(message, response.status);
}
