import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/** Where the page listens, and by which address people reach it where a proxy stands before it. */
export interface Reach {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
  /** Proxies beside those of this machine that say whose requests they pass on. */
  readonly trustedProxies?: readonly string[];
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

/**
 * The client by its address, which only a trusted proxy is believed to pass on: the last of `X-Forwarded-For` that is no
 * proxy's. An IPv6 address counts by its network of 64 bits, of which one client has them all.
 */
export function clientAddress(context: Context, trusted: BlockList): string {
  const direct = plain(getConnInfo(context).remote.address ?? '');
  const passed = (context.req.header('x-forwarded-for') ?? '').split(',').map((each) => plain(each.trim()));
  return networkOf(farthest(direct, passed, trusted));
}

/** From the connection on, back over every proxy that is trusted. */
export function farthest(direct: string, passed: readonly string[], trusted: BlockList): string {
  let client = direct;
  for (const before of [...passed].reverse()) {
    if (!isTrusted(client, trusted) || isIP(before) === 0) break;
    client = before;
  }
  return client;
}

/** Addresses and networks (`10.0.0.0/8`), and this machine itself, where a proxy before a page of its own runs. */
export function trustedProxies(listed: readonly string[]): BlockList {
  const trusted = new BlockList();
  for (const each of ['127.0.0.0/8', '::1', ...listed]) {
    const [address = '', bits] = each.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  return trusted;
}

const isTrusted = (address: string, trusted: BlockList): boolean =>
  isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');

function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = tail === undefined ? [] : tail.split(':').filter((group) => group !== '');
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length;
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...rest];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
