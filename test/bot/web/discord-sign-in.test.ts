import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WebPlatform } from '../../../bot/web/platform.ts';
import { type FakeDiscordOAuth, startFakeDiscordOAuth } from '../../fakes/discord-oauth.ts';
import { ScriptedHost } from '../platform-harness.ts';
import { startWeb } from './start-web.ts';
import { openTestStore, type TestStore } from './test-store.ts';

const [OPERATOR, MEMBER, STRANGER] = ['11', '22', '33'];
const GUILD = '500';

/** The page behind a proxy's address, with a fake Discord to sign in at. */
describe('signing in with Discord', () => {
  let test: TestStore;
  let discord: FakeDiscordOAuth;
  let dataDir: string;
  let platform: WebPlatform;
  let origin: string;

  beforeAll(async () => {
    test = await openTestStore();
    discord = await startFakeDiscordOAuth();
  });
  afterAll(async () => {
    await discord.close();
    await test.store.close();
  });
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'easel-'));
    platform = await started(0);
    const port = Number(new URL(platform.address!).port);
    await platform.stop();
    origin = `http://127.0.0.1:${port}`;
    platform = await started(port);
  });
  afterEach(async () => {
    await platform.stop();
    await rm(dataDir, { recursive: true });
  });

  function started(port: number, host = new ScriptedHost()): Promise<WebPlatform> {
    return startWeb(host, test, {
      port,
      publicUrl: port === 0 ? undefined : origin,
      dataDir,
      pageSignIn: {
        clientId: discord.clientId,
        clientSecret: discord.clientSecret,
        admins: [OPERATOR],
        guilds: [GUILD],
        authorizeUrl: `${discord.address}/oauth2/authorize`,
        apiUrl: discord.address,
      },
    });
  }

  const go = (address: string, cookie = '') => fetch(address, { redirect: 'manual', headers: { cookie } });
  const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';

  /** Follows the link of the page to Discord, and what Discord answers. */
  async function atDiscord(): Promise<{ cookie: string; back: string }> {
    const begun = await go(`${origin}/sign-in/discord`);
    expect(begun.status).toBe(302);
    expect(begun.headers.getSetCookie()[0]).toMatch(/HttpOnly.*SameSite=Lax/);
    const consent = await go(begun.headers.get('location')!);
    return { cookie: cookieOf(begun), back: consent.headers.get('location')! };
  }

  async function signIn(id: string, guilds: readonly string[] = []): Promise<Response> {
    discord.person = { id, guilds };
    const { cookie, back } = await atDiscord();
    return go(back, cookie);
  }

  async function roleIn(response: Response): Promise<unknown> {
    const invitation = new URL(response.headers.get('location')!, origin).hash.replace('#invitation=', '');
    const session = await fetch(`${origin}/api/session`, {
      method: 'POST',
      headers: { 'x-easel': '1', 'content-type': 'application/json' },
      body: JSON.stringify({ invitation }),
    });
    return session.json();
  }

  it('is offered to whoever is not let in yet', async () => {
    const response = await fetch(`${origin}/api/session`, { method: 'POST', headers: { 'x-easel': '1' } });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ signIn: '/sign-in/discord' });
  });

  it('makes the operator an admin, a member of the guild a guest, and lets nobody else in', async () => {
    expect(await roleIn(await signIn(OPERATOR))).toMatchObject({ mayInvite: true, mayOperate: true });
    expect(await roleIn(await signIn(MEMBER, ['1', GUILD]))).toMatchObject({ mayInvite: false, mayOperate: false });
    const refused = await signIn(STRANGER, ['1']);
    expect([refused.status, refused.headers.get('location')]).toEqual([403, null]);
  });

  it('knows the same account for the same person in every browser', async () => {
    const host = new ScriptedHost();
    await platform.stop();
    platform = await started(Number(new URL(origin).port), host);
    for (let browser = 0; browser < 2; browser++) {
      const invitation = new URL((await signIn(MEMBER, [GUILD])).headers.get('location')!, origin).hash;
      const headers = { 'x-easel': '1', 'content-type': 'application/json' };
      const body = JSON.stringify({ invitation: invitation.replace('#invitation=', '') });
      const session = await fetch(`${origin}/api/session`, { method: 'POST', headers, body });
      const cookie = session.headers
        .getSetCookie()
        .map((each) => each.split(';')[0])
        .join('; ');
      const act = JSON.stringify({ kind: 'text', text: 'a cat', turn: crypto.randomUUID() });
      await fetch(`${origin}/api/command`, { method: 'POST', headers: { ...headers, cookie }, body: act });
    }
    await expect.poll(() => host.requests.length).toBe(2);
    expect(host.requests[0]?.origin.user).toBe(host.requests[1]?.origin.user);
  });

  it('takes no answer that this browser did not ask for', async () => {
    discord.person = { id: OPERATOR, guilds: [] };
    const [mine, theirs] = [await atDiscord(), await atDiscord()];
    expect((await go(theirs.back)).status).toBe(400);
    expect((await go(theirs.back, mine.cookie)).status).toBe(400);
    const noCode = new URL(mine.back);
    noCode.searchParams.delete('code');
    expect((await go(noCode.href, mine.cookie)).status).toBe(400);
  });

  it('takes a code once, and only with the verifier of the same sign-in', async () => {
    discord.person = { id: OPERATOR, guilds: [] };
    const { cookie, back } = await atDiscord();
    const stolen = new URL(back);
    const other = await atDiscord();
    stolen.searchParams.set('state', new URL(other.back).searchParams.get('state')!);
    expect((await go(stolen.href, other.cookie)).status).toBe(502);
    expect((await go(back, cookie)).status).toBe(502);
  });
});
