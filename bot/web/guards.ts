import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { refuse } from './refusals.ts';

/** Everything comes from this server, nothing runs inline, nobody frames the page. */
export const headers: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:', 'blob:'],
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
  },
  crossOriginOpenerPolicy: 'same-origin',
  crossOriginResourcePolicy: 'same-origin',
  referrerPolicy: 'no-referrer',
  strictTransportSecurity: false,
});

/**
 * On loopback, answers only requests that name this machine: a foreign site that points its own name at 127.0.0.1 (DNS
 * rebinding) would otherwise be the same origin as the page.
 */
export function onlyOwnNames(names: ReadonlySet<string> | null): MiddlewareHandler {
  return async (context, next) => {
    const { hostname } = new URL(context.req.url);
    if (names === null || names.has(hostname)) return next();
    return context.text(`This Easel answers at http://localhost, not at ${hostname}.`, 421);
  };
}

/**
 * Refuses what another site makes this browser send. A header of our own cannot be set across origins without a
 * preflight, which this server never grants; `Origin` and `Sec-Fetch-Site` say the same where a browser sends them.
 * `onRefused` hears why, for the log.
 */
export function onlyOwnPages(publicUrl: string | undefined, onRefused: (why: object) => void): MiddlewareHandler {
  const ownHost = publicUrl === undefined ? null : new URL(publicUrl).host;
  return async (context, next) => {
    const origin = context.req.header('origin');
    const site = context.req.header('sec-fetch-site');
    const { host } = new URL(context.req.url);
    // A proxy may put another name in the place of `Host`; the address that people open is known.
    const isOwn = (given: string): boolean => URL.canParse(given) && [host, ownHost].includes(new URL(given).host);
    const foreign =
      context.req.header('x-easel') !== '1' ||
      (origin !== undefined && !isOwn(origin)) ||
      (site !== undefined && site !== 'same-origin');
    if (!foreign) return next();
    onRefused({ origin, host, publicUrl });
    return refuse(context, 'foreign', 403);
  };
}
