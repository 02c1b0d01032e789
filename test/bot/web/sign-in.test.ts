import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { setSignedCookie } from 'hono/cookie';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Invitations } from '../../../bot/web/invitations.ts';
import { Members } from '../../../bot/web/members.ts';
import type { ShownSnapshot } from '../../../bot/web/operations-routes.ts';
import type { WebPlatform } from '../../../bot/web/platform.ts';
import { RateLimit } from '../../../bot/web/rate-limit.ts';
import {
  farthest,
  needsSignIn,
  ownNames,
  type Reach,
  reachableAddress,
  trustedProxies,
} from '../../../bot/web/reach.ts';
import { type PageEnvironment, Sessions } from '../../../bot/web/session.ts';
import { ScriptedHost } from '../platform-harness.ts';
import { startWeb } from './start-web.ts';
import { openTestStore, type TestStore } from './test-store.ts';

const OWN = { 'x-easel': '1', 'content-type': 'application/json' };

describe('a page that others can reach', () => {
  let dataDir: string;
  let host: ScriptedHost;
  let platform: WebPlatform;
  let test: TestStore;

  beforeAll(async () => {
    test = await openTestStore();
  });

  afterAll(() => test.store.close());

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'easel-'));
    host = new ScriptedHost();
    platform = await started();
  });

  afterEach(async () => {
    await platform.stop();
    await rm(dataDir, { recursive: true });
  });

  function started(reach: Partial<Reach> = {}): Promise<WebPlatform> {
    // All that a test asks is asked at once, however slow the machine is.
    return startWeb(host, test, { host: '0.0.0.0', dataDir, ...reach }, () => 0);
  }

  /** Opens the page with these cookies and this invitation; gives the cookies that the browser then has. */
  async function open(
    cookies: string,
    invitation?: string,
  ): Promise<{ status: number; cookies: string; body: unknown }> {
    const response = await fetch(`${origin()}/api/session`, {
      method: 'POST',
      headers: { ...OWN, cookie: cookies },
      body: JSON.stringify(invitation === undefined ? {} : { invitation }),
    });
    const set = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]!);
    const all = [...cookies.split('; ').filter((cookie) => cookie !== ''), ...set].join('; ');
    return { status: response.status, cookies: all, body: await response.json() };
  }

  const origin = () => new URL(platform.address!).origin;
  const adminsInvitation = () => new URL(platform.address!).hash.replace('#invitation=', '');

  async function invite(cookies: string): Promise<Response> {
    return fetch(`${origin()}/api/invitations`, { method: 'POST', headers: { ...OWN, cookie: cookies } });
  }

  async function isIn(cookies: string): Promise<boolean> {
    return (await fetch(`${origin()}/api/suggest`, { headers: { cookie: cookies } })).status === 200;
  }

  it('lets nobody in without an invitation, and says what to do', async () => {
    const { status, cookies, body } = await open('');
    expect(status).toBe(401);
    expect(cookies).toBe('');
    expect(body).toEqual({ error: expect.stringContaining('open the link that you were given') });
    expect((await open('', 'x'.repeat(43))).status).toBe(401);
    expect(await isIn(`easel=${'a'.repeat(43)}`)).toBe(false);
  });

  it('lets one browser in by an invitation, once', async () => {
    const invitation = adminsInvitation();
    const admin = await open('', invitation);
    expect(admin.status).toBe(200);
    expect(admin.body).toMatchObject({ mayInvite: true });
    expect(await isIn(admin.cookies)).toBe(true);
    expect((await open(admin.cookies)).status).toBe(200);
    expect((await open('', invitation)).status).toBe(401);
  });

  it('lets an admin invite, but no guest; the server knows who is who', async () => {
    const admin = await open('', adminsInvitation());
    const { link } = (await (await invite(admin.cookies)).json()) as { link: string };
    expect(link).toMatch(/^http:\/\/[\d.]+:\d+\/#invitation=[\w-]{43}$/);
    const guest = await open('', new URL(link).hash.replace('#invitation=', ''));
    expect(guest.body).toMatchObject({ mayInvite: false });
    expect((await invite(guest.cookies)).status).toBe(403);

    for (const { cookies } of [admin, guest]) {
      const act = { kind: 'text', text: 'a cat', turn: crypto.randomUUID() };
      const headers = { ...OWN, cookie: cookies };
      await fetch(`${origin()}/api/command`, { method: 'POST', headers, body: JSON.stringify(act) });
    }
    await vi.waitFor(() => expect(host.requests).toHaveLength(2));
    expect(host.requests.map(({ actor }) => actor.admin)).toEqual([true, false]);
  });

  it('knows a membership that was forged, moved to another browser, or raised', async () => {
    const { cookies } = await open('', adminsInvitation());
    const [browser, member] = cookies.split('; ') as [string, string];
    expect(await isIn(`easel=${'a'.repeat(43)}; ${member}`)).toBe(false);
    expect(await isIn(`${browser}; ${member.slice(0, -6)}AAAA%3D`)).toBe(false);
    expect(await isIn(`${browser}; ${member.replace('.admin', '.guest')}`)).toBe(false);
    expect(await isIn(browser)).toBe(false);
    expect(await isIn(cookies)).toBe(true);
  });

  it('gives a browser that comes in a token of its own, whatever it brings along', async () => {
    const planted = `easel=${'p'.repeat(43)}`;
    const { cookies } = await open(planted, adminsInvitation());
    expect(cookies.split('; ').filter((cookie) => cookie.startsWith('easel='))).toHaveLength(2);
    const member = cookies.split('; ').find((cookie) => cookie.startsWith('easel-member='))!;
    expect(await isIn(`${planted}; ${member}`)).toBe(false);
    expect(await isIn(cookies.replace(`${planted}; `, ''))).toBe(true);
  });

  it('still knows who was invited before memberships had a date, where nobody comes in by an account', async () => {
    const token = 't'.repeat(43);
    const user = `web-${createHash('sha256').update(token).digest('hex').slice(0, 32)}`;
    const read = async (admins: readonly string[] | null) => {
      const app = new Hono<PageEnvironment>();
      const sessions = new Sessions(
        { secret: 'secret', invitations: new Invitations(), members: new Members(test.store.members), admins },
        false,
      );
      app.get('/write', async (context) => {
        await setSignedCookie(context, 'easel-member', `${user}.guest`, 'secret');
        return context.text('');
      });
      app.get('/read', sessions.require, (context) => context.text(context.get('user')));
      const written = (await app.request('/write')).headers.getSetCookie()[0]!.split(';')[0]!;
      return app.request('/read', { headers: { cookie: `easel=${token}; ${written}` } });
    };
    expect(await (await read(null)).text()).toBe(user);
    expect((await read([])).status).toBe(401);
  });

  it('says that an invitation was used, and lets a browser out', async () => {
    const invitation = adminsInvitation();
    const { cookies } = await open('', invitation);
    expect((await open('', invitation)).body).toEqual({ error: expect.stringContaining('was used already') });
    const out = await fetch(`${origin()}/api/sign-out`, { method: 'POST', headers: { ...OWN, cookie: cookies } });
    expect(out.headers.getSetCookie().every((cookie) => cookie.includes('Max-Age=0'))).toBe(true);
  });

  it('signs a person out everywhere, and ends what they have open', async () => {
    const { cookies } = await open('', adminsInvitation());
    const other = await open('', await guestsInvitation(cookies));
    const events = await stream(cookies);
    const headers = { ...OWN, cookie: cookies };
    expect((await fetch(`${origin()}/api/sign-out-everywhere`, { method: 'POST', headers })).status).toBe(200);
    await events.ended;
    expect(await isIn(cookies)).toBe(false);
    expect(await isIn(other.cookies)).toBe(true);
  });

  it('lets an admin remove a member, whose streams end, and let them in again', async () => {
    const admin = await open('', adminsInvitation());
    const guest = await open('', await guestsInvitation(admin.cookies));
    const events = await stream(guest.cookies);
    const members = async () =>
      (
        (await (
          await fetch(`${origin()}/api/operations`, { headers: { cookie: admin.cookies } })
        ).json()) as ShownSnapshot
      ).members;
    const own = (await members()).find(({ isOwn }) => isOwn)!;
    const idOf = (cookies: string) =>
      `web-${createHash('sha256')
        .update(/easel=([\w-]{43})/.exec(cookies)![1]!)
        .digest('hex')
        .slice(0, 32)}`;
    const theirs = (await members()).find(({ user }) => user === idOf(guest.cookies))!;
    expect([own, theirs]).toMatchObject([{ role: 'admin' }, { role: 'guest', removed: false, isOwn: false }]);
    const act = (cookies: string, user: string, removed: boolean) =>
      fetch(`${origin()}/api/operations`, {
        method: 'POST',
        headers: { ...OWN, cookie: cookies },
        body: JSON.stringify({ kind: 'member', user, removed }),
      });
    expect((await act(guest.cookies, own.user, true)).status).toBe(403);
    expect((await act(admin.cookies, own.user, true)).status).toBe(409);
    expect((await act(admin.cookies, theirs.user, true)).status).toBe(200);
    await events.ended;
    expect(await isIn(guest.cookies)).toBe(false);
    expect((await members()).find(({ user }) => user === theirs.user)).toMatchObject({ removed: true });
    expect((await act(admin.cookies, theirs.user, false)).status).toBe(200);
    expect(await isIn(guest.cookies)).toBe(true);
  });

  async function guestsInvitation(cookies: string): Promise<string> {
    const { link } = (await (await invite(cookies)).json()) as { link: string };
    return new URL(link).hash.replace('#invitation=', '');
  }

  /** A page's stream, which has begun. */
  async function stream(cookies: string): Promise<{ readonly ended: Promise<void> }> {
    const response = await fetch(`${origin()}/events`, { headers: { cookie: cookies } });
    const reader = response.body!.getReader();
    await reader.read();
    const toTheEnd = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    return { ended: toTheEnd() };
  }

  it('sets Secure where its own address is https, whatever a proxy says', async () => {
    const invitations = new Invitations();
    const app = new Hono();
    const sessions = new Sessions(
      { secret: 'secret', invitations, members: new Members(test.store.members), admins: [] },
      true,
    );
    const invitation = invitations.create({ kind: 'invited', role: 'guest' });
    app.get('/', async (context) => context.json(await sessions.open(context, invitation)));
    const cookies = (await app.request('http://127.0.0.1/')).headers.getSetCookie();
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies) expect(cookie).toContain('Secure');
  });

  it('keeps memberships over a restart; without the secret, all sign in anew', async () => {
    const { cookies } = await open('', adminsInvitation());
    expect((await stat(join(dataDir, 'bot', 'web-secret'))).mode & 0o777).toBe(0o600);
    await platform.stop();
    platform = await started();
    expect(await isIn(cookies)).toBe(true);
    await platform.stop();
    await rm(join(dataDir, 'bot', 'web-secret'));
    platform = await started();
    expect(await isIn(cookies)).toBe(false);
  });

  it('keeps memberships of an earlier version, whose secret lay where workers saw it', async () => {
    const { cookies } = await open('', adminsInvitation());
    await platform.stop();
    await rename(join(dataDir, 'bot', 'web-secret'), join(dataDir, 'web-secret'));
    platform = await started();
    expect(await isIn(cookies)).toBe(true);
    expect(await readdir(dataDir)).not.toContain('web-secret');
  });

  it('has had enough of one address that sends without pause', async () => {
    const statuses = new Set<number>();
    for (let i = 0; i < 400 && !statuses.has(429); i++) statuses.add((await open('', 'guess')).status);
    expect([...statuses]).toEqual([401, 429]);
  });

  it('has had enough of one person who comes from many addresses, as a proxy tells them', async () => {
    const port = Number(new URL(platform.address!).port);
    await platform.stop();
    platform = await started({ host: '127.0.0.1', port, publicUrl: `http://127.0.0.1:${port}` });
    const { cookies } = await open('', adminsInvitation());
    const statuses = new Set<number>();
    for (let i = 0; i < 400 && !statuses.has(429); i++) {
      const headers = { ...OWN, cookie: cookies, 'x-forwarded-for': `10.0.0.${i}` };
      statuses.add((await fetch(`${origin()}/api/command`, { method: 'POST', headers, body: '{}' })).status);
    }
    expect([...statuses]).toEqual([400, 429]);
  });
});

it('lets invitations lapse after a day', () => {
  let now = 0;
  const invitations = new Invitations(() => now);
  const [early, late] = [
    invitations.create({ kind: 'invited', role: 'guest' }),
    invitations.create({ kind: 'invited', role: 'admin' }),
  ];
  now = 23 * 3600 * 1000;
  expect(invitations.redeem(early)).toEqual({ kind: 'invited', role: 'guest' });
  now = 25 * 3600 * 1000;
  expect(invitations.redeem(late)).toBeNull();
});

it('limits each address by its own, and lets it on after a pause', () => {
  let now = 0;
  const limit = new RateLimit(() => now);
  const waits = Array.from({ length: 241 }, () => limit.take('a'));
  expect(waits.slice(0, 240).every((wait) => wait === 0)).toBe(true);
  expect(waits[240]).toBe(1);
  expect(limit.take('b')).toBe(0);
  now = 1000;
  expect(limit.take('a')).toBe(0);
});

it.each([
  ['nobody in between', '203.0.113.5', [], '203.0.113.5'],
  ['a proxy that is trusted', '10.0.0.2', ['203.0.113.5'], '203.0.113.5'],
  ['a header of a stranger', '203.0.113.5', ['198.51.100.1'], '203.0.113.5'],
  ['a header that the proxy was handed', '10.0.0.2', ['198.51.100.1', '203.0.113.5'], '203.0.113.5'],
  ['two proxies', '127.0.0.1', ['203.0.113.5', '10.0.0.9'], '203.0.113.5'],
  ['nonsense', '10.0.0.2', ['x'], '10.0.0.2'],
] as const)('knows the client by its address: %s', (_what, direct, passed, client) => {
  expect(farthest(direct, passed, trustedProxies(['10.0.0.0/8']))).toBe(client);
});

it('knows which page is for this machine only', () => {
  const local = { host: '127.0.0.1', port: 3000, publicUrl: undefined };
  const proxied = { ...local, publicUrl: 'https://easel.example/' };
  const open = { ...local, host: '0.0.0.0' };
  expect([local, { ...local, host: 'localhost' }, { ...local, host: '::1' }].map(needsSignIn)).toEqual([
    false,
    false,
    false,
  ]);
  expect([proxied, open, { ...local, host: '127.evil.example' }].map(needsSignIn)).toEqual([true, true, true]);
  expect(ownNames(local)?.has('easel.example')).toBe(false);
  expect(ownNames(proxied)?.has('easel.example')).toBe(true);
  expect(ownNames(open)).toBeNull();
  expect(reachableAddress('http://127.0.0.1:3000', local)).toBe('http://127.0.0.1:3000');
  expect(reachableAddress('http://127.0.0.1:3000', proxied)).toBe('https://easel.example');
  expect(reachableAddress('http://0.0.0.0:3000', open)).not.toContain('0.0.0.0');
});
