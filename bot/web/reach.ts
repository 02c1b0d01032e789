import { networkInterfaces } from 'node:os';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/** Where the page listens, and by which address people reach it where a proxy stands before it. */
export interface Reach {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** A page that only this machine reaches lets everybody in: whoever is there may do as they like already. */
export function needsSignIn({ host, publicUrl }: Reach): boolean {
  return publicUrl !== undefined || !isLoopback(host);
}

/** Names under which the page answers; null: any. */
export function ownNames({ host, publicUrl }: Reach): ReadonlySet<string> | null {
  if (!isLoopback(host)) return null;
  const names = ['localhost', '127.0.0.1', '[::1]', host];
  return new Set(publicUrl === undefined ? names : [...names, new URL(publicUrl).hostname]);
}

/** The address that a person opens: a page bound to every address is at this machine's own. */
export function reachableAddress(bound: string, { publicUrl }: Reach): string {
  if (publicUrl !== undefined) return new URL(publicUrl).origin;
  const url = new URL(bound);
  if (url.hostname !== '0.0.0.0' && url.hostname !== '[::]') return url.origin;
  const own = Object.values(networkInterfaces())
    .flat()
    .find((each) => each !== undefined && !each.internal && each.family === 'IPv4');
  url.hostname = own?.address ?? '127.0.0.1';
  return url.origin;
}

/** The client's address; a proxy on this machine says whose request it passes on, and only it is believed. */
export function clientAddress(context: Context, { publicUrl }: Reach): string {
  const { address = '' } = getConnInfo(context).remote;
  const direct = address.replace(/^::ffff:/, '');
  if (publicUrl === undefined || !isLoopback(direct)) return direct;
  return context.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() ?? direct;
}
