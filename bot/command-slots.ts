import { AsyncLocalStorage } from 'node:async_hooks';
import { Turnstile } from './turnstile.ts';

/** Commands at a time: what waits behind them is acknowledged meanwhile. */
const COMMANDS_AT_ONCE = 4;

const slots = new Turnstile(COMMANDS_AT_ONCE);
const inSlot = new AsyncLocalStorage<true>();

/** Runs a command in one of the slots that all platforms share. */
export function inCommandSlot<T>(command: () => Promise<T>): Promise<T> {
  return slots.pass(() => inSlot.run(true, command));
}

/**
 * Does what takes long for its own sender (fetching and decoding a file) outside the command's slot, so that others are
 * answered meanwhile; the command goes on in a slot.
 */
export function leavingCommandSlot<T>(work: () => Promise<T>): Promise<T> {
  return inSlot.getStore() === undefined ? work() : slots.outside(work);
}
