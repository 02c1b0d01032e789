import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpReceiver } from '../../../bot/slack/transport/http-receiver.ts';
import { RecentlySeen } from '../../../bot/slack/transport/recently-seen.ts';
import { verifySignature } from '../../../bot/slack/transport/signature.ts';
import { watchedLog } from '../../canary.ts';
import { post, sign } from '../../fakes/slack/signed-http.ts';
import { ScriptedHost } from '../platform-harness.ts';
import { type SlackSetup, startSlack } from './harness.ts';

describe('a signature', () => {
  // The worked example of Slack's documentation.
  const example = {
    timestamp: '1531420618',
    signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  };
  const secret = '8f742231b10e8888abcd99yyyzzz85a5';
  const now = 1531420618_000;

  it('is genuine as Slack documents it', () => {
    expect(verifySignature(example, secret, now)).toBe('genuine');
  });

  it('is stale five minutes off, to either side', () => {
    expect(verifySignature(example, secret, now + 300_000)).toBe('genuine');
    expect(verifySignature(example, secret, now + 301_000)).toBe('stale');
    expect(verifySignature(example, secret, now - 301_000)).toBe('stale');
  });

  it('is forged where secret, body, time or form differ', () => {
    expect(verifySignature(example, 'other', now)).toBe('forged');
    expect(verifySignature({ ...example, body: `${example.body}x` }, secret, now)).toBe('forged');
    expect(verifySignature({ ...example, timestamp: '1531420619' }, secret, now)).toBe('forged');
    for (const signature of ['', 'v0=', example.signature.toUpperCase(), `v1${example.signature.slice(2)}`]) {
      expect(verifySignature({ ...example, signature }, secret, now)).toBe('forged');
    }
    for (const timestamp of ['', 'NaN', '-1', '1e9', '9'.repeat(20)]) {
      expect(verifySignature({ ...example, timestamp }, secret, now)).toBe('forged');
    }
  });
});

describe('what was seen lately', () => {
  it('is new once, again after its lifetime, and bounded', () => {
    let now = 0;
    const seen = new RecentlySeen({ lifetimeMs: 100, capacity: 3, now: () => now });
    expect([seen.isNew('a'), seen.isNew('a'), seen.isNew('b')]).toEqual([true, false, true]);
    now = 101;
    expect(seen.isNew('a')).toBe(true);
    for (const key of ['c', 'd', 'e', 'f']) seen.isNew(key);
    expect(seen.isNew('f')).toBe(false);
    expect(seen.isNew('a')).toBe(true);
  });
});

describe('signed HTTP', () => {
  const host = new ScriptedHost();
  let setup: SlackSetup;
  let url: string;
  const event = JSON.stringify({
    type: 'event_callback',
    team_id: 'T1',
    event_id: 'Ev1',
    event: { type: 'app_home_opened' },
  });

  beforeAll(async () => {
    setup = await startSlack(host, 'signed HTTP');
    url = `http://127.0.0.1:${setup.platform.port}/slack/events`;
  });

  afterAll(() => setup.close());

  const signed = (body: string, secret = setup.fake.signingSecret, skew = 0) =>
    sign(body, 'application/json', secret, setup.fake.clock.seconds() + skew);

  it('refuses what is forged, and runs nothing', async () => {
    expect(await post(url, signed(event, 'guessed'))).toMatchObject({ status: 401 });
    expect(await post(url, { body: event, headers: { 'content-type': 'application/json' } })).toMatchObject({
      status: 401,
    });
    const tampered = signed(event);
    expect(await post(url, { ...tampered, body: event.replace('T1', 'T2') })).toMatchObject({ status: 401 });
    expect(host.requests).toEqual([]);
  });

  it('tells of forged ones once in a while, however many come', async () => {
    const lines: string[] = [];
    const receiver = new HttpReceiver({
      ...{ signingSecret: 'secret', host: '127.0.0.1', port: 0, now: Date.now },
      log: watchedLog((line) => lines.push(line)),
    });
    const port = await receiver.start();
    for (let count = 0; count < 5; count++) {
      const forged = sign(event, 'application/json', 'guessed', Date.now() / 1000);
      expect(await post(`http://127.0.0.1:${port}/slack/events`, forged)).toMatchObject({ status: 401 });
    }
    await receiver.stop();
    expect(lines.filter((line) => line.includes('claims to be Slack'))).toHaveLength(1);
  });

  it('confirms Slack’s unsigned look at its certificate, and takes nothing else from it', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const payload = encodeURIComponent(event);
    expect(await post(url, { body: 'token=t&ssl_check=1', headers })).toMatchObject({ status: 200 });
    expect(await post(url, { body: `ssl_check=1&payload=${payload}`, headers })).toMatchObject({ status: 200 });
    expect(await post(url, { body: `ssl_check=0&payload=${payload}`, headers })).toMatchObject({ status: 401 });
    const written = {
      body: JSON.stringify({ text: '&ssl_check=1&' }),
      headers: { 'content-type': 'application/json' },
    };
    expect(await post(url, written)).toMatchObject({ status: 401 });
    expect(host.requests).toEqual([]);
  });

  it('refuses a clock that is off, behind or ahead', async () => {
    expect(await post(url, signed(event, undefined, -310))).toMatchObject({ status: 401 });
    expect(await post(url, signed(event, undefined, 310))).toMatchObject({ status: 401 });
    expect(await post(url, signed(event, undefined, 200))).toMatchObject({ status: 200 });
  });

  it('refuses a replay, though its signature is right', async () => {
    const request = signed(JSON.stringify({ type: 'url_verification', challenge: 'once' }));
    expect(await post(url, request)).toMatchObject({ status: 200, text: expect.stringContaining('once') });
    expect(await post(url, request)).toMatchObject({ status: 401 });
  });

  it('refuses what is too large, elsewhere, or no JSON', async () => {
    expect(await post(url, signed('x'.repeat(2 * 1024 * 1024)))).toMatchObject({ status: 413 });
    expect(await post(url.replace('events', 'other'), signed(event))).toMatchObject({ status: 404 });
    expect(await post(url, signed('{nonsense'))).toMatchObject({ status: 400 });
  });
});
