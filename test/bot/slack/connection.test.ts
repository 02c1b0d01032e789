import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSlackPlatform } from '../../../bot/slack/platform.ts';
import { watchedLog } from '../../canary.ts';
import { type FakeSlack, startFakeSlack } from '../../fakes/slack/index.ts';
import { ScriptedHost } from '../platform-harness.ts';
import { type SlackSetup, slackConfig, startSlack } from './harness.ts';

const log = watchedLog();

describe('Socket Mode', () => {
  let host: ScriptedHost;
  let setup: SlackSetup;
  let fake: FakeSlack;
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);

  beforeEach(async () => {
    process.on('unhandledRejection', note);
    host = new ScriptedHost();
    setup = await startSlack(host);
    fake = setup.fake;
  });

  afterEach(async () => {
    await setup.close();
    process.off('unhandledRejection', note);
    expect(unhandled.splice(0)).toEqual([]);
  });

  const connected = () => fake.until(() => fake.socketMode.connections === 1, 'one connection');

  it.each([
    ['is dropped', () => fake.socketMode.drop()],
    ['is refreshed by Slack', () => fake.socketMode.refresh()],
    ['is refreshed with a warning', () => fake.socketMode.refresh('warning')],
  ])('connects again when it %s, and takes commands', async (_what, disturb) => {
    const before = fake.callsOf('apps.connections.open').length;
    disturb();
    await fake.until(() => fake.callsOf('apps.connections.open').length > before, 'a new connection asked for');
    await connected();
    const acknowledgement = await fake.person('ann').slash(setup.general, '/imagine', 'a cat');
    expect(acknowledgement.acknowledged).toBe(true);
    await fake.until(() => host.requests.length === 1, 'the request');
  });

  it('goes on trying through an outage', async () => {
    fake.faults.add('apps.connections.open', { kind: 'status', status: 503 }, 2);
    fake.socketMode.drop();
    await fake.until(() => fake.callsOf('apps.connections.open').length >= 4, 'four tries');
    await connected();
    expect((await fake.person('ann').slash(setup.general, '/imagine', 'a cat')).acknowledged).toBe(true);
  });

  it('gives up where Slack no longer takes the token, and says which', async () => {
    fake.faults.add('apps.connections.open', { kind: 'error', error: 'token_revoked' });
    fake.socketMode.drop();
    await fake.until(() => host.gaveUp.length === 1, 'the end');
    expect(host.gaveUp[0]?.message).toMatch(/SLACK_APP_TOKEN \(token_revoked\)/);
  });

  it('stops while a new connection waits for its hello', async () => {
    fake.socketMode.holdHello = true;
    fake.socketMode.drop();
    await fake.until(() => fake.callsOf('apps.connections.open').length === 2, 'the second connection');
    await connected();
    await setup.platform.stop();
    await fake.until(() => fake.socketMode.connections === 0, 'no connection');
  });

  it('stops while Slack is gone', async () => {
    fake.faults.outage = true;
    fake.socketMode.drop();
    await fake.until(() => fake.callsOf('apps.connections.open').length === 2, 'a try');
    await setup.platform.stop();
  });

  it('performs an event once that is delivered again over the next connection', async () => {
    await fake.person('ann').slash(setup.general, '/imagine', 'a cat');
    await fake.until(() => host.requests.length === 1, 'the request');
    fake.socketMode.drop();
    await fake.until(() => fake.callsOf('apps.connections.open').length === 2, 'the second connection');
    await connected();
    expect((await fake.delivery.again()).acknowledged).toBe(true);
    await setup.platform.stop();
    expect(host.requests).toHaveLength(1);
  });
});

describe('starting', () => {
  let fake: FakeSlack;

  beforeEach(async () => {
    fake = await startFakeSlack();
  });

  afterEach(() => fake.close());

  const start = async (config: Partial<ReturnType<typeof slackConfig>> = {}) => {
    const platform = createSlackPlatform({ config: { ...slackConfig(fake, 'Socket Mode'), ...config }, log });
    await platform.start(new ScriptedHost()).finally(() => platform.stop());
  };

  it('names the scopes that are missing, what each is for, and what repairs it', async () => {
    fake.botScopes.delete('reactions:read');
    fake.botScopes.delete('files:write');
    const started = start();
    await expect(started).rejects.toThrow(/lacks files:write \(uploads .*\); reactions:read \(.*react.*\)/);
    await expect(started).rejects.toThrow(/easel slack manifest/);
  });

  it('warns of scopes that it can do without', async () => {
    fake.botScopes.delete('im:history');
    const lines: string[] = [];
    const platform = createSlackPlatform({
      config: slackConfig(fake, 'Socket Mode'),
      log: watchedLog((line) => void lines.push(line)),
    });
    await platform.start(new ScriptedHost());
    await platform.stop();
    expect(lines.join('')).toContain('im:history (draws what somebody writes in the direct conversation)');
  });

  it('names the token that is wrong', async () => {
    await expect(start({ botToken: 'xoxb-other' })).rejects.toThrow(/SLACK_BOT_TOKEN \(invalid_auth\)/);
    await expect(start({ appToken: 'xapp-other' })).rejects.toThrow(/SLACK_APP_TOKEN \(invalid_auth\)/);
    await expect(start({ appToken: fake.tokens.bot })).rejects.toThrow(/SLACK_APP_TOKEN \(not_allowed_token_type\)/);
  });

  it('says that Slack cannot be reached', async () => {
    await expect(start({ apiUrl: 'http://127.0.0.1:1/api/' })).rejects.toThrow(/Slack cannot be reached/);
  });

  it('says that the port is taken', async () => {
    const { port } = new URL(fake.apiUrl);
    const config = { appToken: undefined, signingSecret: 'secret', port: Number(port) };
    await expect(start(config)).rejects.toThrow(/SLACK_PORT/);
  });
});
