import { setTimeout as sleep } from 'node:timers/promises';
import { PermissionFlagsBits } from 'discord.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDiscordPlatform } from '../../../bot/discord/platform.ts';
import { watchedLog } from '../../canary.ts';
import { type FakeDiscord, startFakeDiscord } from '../../fakes/discord/index.ts';
import { plainMessage } from '../platform-harness.ts';
import { DiscordHost } from './discord-host.ts';
import { type DiscordSetup, silentLog, startDiscord } from './harness.ts';

/** @discordjs/ws connects again half a second after a connection broke. */
const BEYOND_RECONNECTION_MS = 900;

describe('a connection that breaks', () => {
  let host: DiscordHost;
  let setup: DiscordSetup;

  beforeEach(async () => {
    host = new DiscordHost();
    host.answer = async () => plainMessage('Here.');
    setup = await startDiscord(host);
  });
  afterEach(() => setup.close());

  const answers = async (text = 'Easel: Here.') => {
    const ann = setup.fake.person('ann', setup.general);
    await ann.slash('queue');
    expect(ann.reads()).toContain(text);
  };
  const resumed = () => setup.fake.until(() => setup.fake.gateway.resumes === 1, 'a resumed session', 20);

  it('is resumed, and nothing that happened meanwhile is lost', async () => {
    const ann = setup.fake.person('ann', setup.general);
    setup.fake.gateway.drop();
    await ann.slash('queue');
    expect(setup.fake.gateway).toMatchObject({ identifies: 1, resumes: 1 });
    expect(host.requests).toHaveLength(1);
  });

  it.each([4000, 4008, 1001])('is restored after the close code %i', async (code) => {
    setup.fake.gateway.close(code);
    await setup.fake.until(
      () => setup.fake.gateway.identifies + setup.fake.gateway.resumes === 2,
      'the connection',
      20,
    );
    await answers();
  });

  it('is resumed where Discord asks for it (op 7)', async () => {
    setup.fake.gateway.askToReconnect();
    await resumed();
    await answers();
  });

  it('is begun anew where the session is gone (op 9)', async () => {
    setup.fake.gateway.invalidate(false);
    await setup.fake.until(() => setup.fake.gateway.identifies === 2, 'a new session', 20);
    await answers();
  });

  it('is resumed where the session is only unsettled (op 9, true)', async () => {
    setup.fake.gateway.invalidate(true);
    await resumed();
    await answers();
  });

  it.each(['drop', 'askToReconnect'] as const)('is not made again after a stop (%s)', async (breaks) => {
    setup.fake.gateway[breaks]();
    await setup.fake.until(() => setup.log.some((line) => line.includes('Reconnecting')), 'a reconnection');
    await setup.platform.stop();
    await sleep(BEYOND_RECONNECTION_MS);
    expect(setup.fake.gateway).toMatchObject({ connections: 0, identifies: 1, resumes: 0 });
  });

  it('for good is told as what to do', async () => {
    setup.fake.gateway.close(4004);
    await setup.fake.until(() => setup.log.some((line) => line.includes('DISCORD_TOKEN')), 'a fatal line');
    expect(setup.log.find((line) => line.includes('DISCORD_TOKEN'))).toContain('"level":60');
    expect(host.gaveUp.map(({ message }) => message)).toEqual([expect.stringContaining('DISCORD_TOKEN')]);
    expect(setup.fake.gateway.identifies).toBe(1);
  });
});

it('a connection that hears no heartbeat is a dead one, and is replaced', async () => {
  const setup = await startDiscord(new DiscordHost(), {
    prepare(fake) {
      fake.gateway.heartbeatIntervalMs = 400;
      fake.gateway.answersHeartbeats = false;
    },
  });
  await setup.fake.until(() => setup.fake.gateway.resumes > 0, 'a resumed session', 20);
  setup.fake.gateway.answersHeartbeats = true;
  await setup.close();
});

describe('a start that cannot succeed says why in one line', () => {
  let fake: FakeDiscord;

  beforeEach(async () => {
    fake = await startFakeDiscord();
  });
  afterEach(() => fake.close());

  const failure = (config: { token?: string; applicationId?: string; apiUrl?: string } = {}) =>
    createDiscordPlatform({
      config: { token: fake.token, applicationId: undefined, apiUrl: fake.apiUrl, ...config },
      log: silentLog,
    })
      .start(new DiscordHost())
      .then(
        () => 'it started',
        (error: Error) => error.message,
      );

  it('a wrong token', async () => {
    expect(await failure({ token: 'wrong' })).toMatch(/^Discord refuses DISCORD_TOKEN: .*Reset Token/);
  });

  it('a token that is refused only at the gateway (4004)', async () => {
    fake.gateway.refusesTokens = true;
    expect(await failure()).toMatch(/^Discord refuses DISCORD_TOKEN/);
  });

  it.each([
    [4013, /does not know the intents/],
    [4014, /does not allow the intents .*Privileged Gateway Intents/],
  ])('intents (%i)', async (code, message) => {
    if (code === 4013) fake.gateway.knownIntents = 0;
    else fake.gateway.deniedIntents = 1;
    expect(await failure()).toMatch(message);
    await fake.until(() => fake.gateway.closes.includes(code), 'the close');
    expect(fake.gateway.identifies).toBe(1);
    expect(fake.gateway.connections).toBe(0);
  });

  it('another application', async () => {
    expect(await failure({ applicationId: '123' })).toMatch(
      `DISCORD_TOKEN belongs to the application ${fake.applicationId}, but DISCORD_APPLICATION_ID is 123`,
    );
    await fake.until(() => fake.gateway.connections === 0, 'the connection to be closed');
  });

  it('a Discord that is not there', async () => {
    expect(await failure({ apiUrl: 'http://127.0.0.1:9/api' })).toMatch(
      /^Discord cannot be reached at http:\/\/127.0.0.1:9\/api/,
    );
  });
});

describe('at the start', () => {
  it('commands are registered', async () => {
    const setup = await startDiscord(new DiscordHost());
    expect(setup.fake.commands.find(null, 1, 'imagine')).toBeDefined();
    await setup.close();
  });

  it('commands are registered although Discord is in trouble', async () => {
    const setup = await startDiscord(new DiscordHost(), {
      prepare: (fake) => void fake.faults.add({ path: /commands/ }, { kind: 'status', status: 500 }),
    });
    expect(setup.fake.commands.find(null, 1, 'imagine')).toBeDefined();
    await setup.close();
  });

  it('a bot whose commands cannot be registered works all the same', async () => {
    const setup = await startDiscord(new DiscordHost(), {
      prepare: (fake) => void fake.faults.add({ path: /commands/ }, { kind: 'status', status: 403 }, 100),
    });
    expect(setup.log.join('')).toContain('easel discord register');
    await setup.close();
  });

  it('a bot that nobody has invited says how to', async () => {
    const fake = await startFakeDiscord();
    const log: string[] = [];
    const platform = createDiscordPlatform({
      config: { token: fake.token, applicationId: undefined, apiUrl: fake.apiUrl },
      log: watchedLog((line) => void log.push(line)),
    });
    await platform.start(new DiscordHost());
    const line = log.find((entry) => entry.includes('in no server'));
    expect(line).toMatch(`https://discord.com/oauth2/authorize?client_id=${fake.applicationId}`);
    await platform.stop();
    await fake.close();
  });

  it('permissions that are missing are named, with the link that grants them', async () => {
    const setup = await startDiscord(new DiscordHost(), {
      prepare(_fake, guild) {
        const everyone = guild.roles.get(guild.id)!;
        everyone.permissions &= ~(PermissionFlagsBits.AttachFiles | PermissionFlagsBits.EmbedLinks);
      },
    });
    const line = setup.log.find((entry) => entry.includes('lacks'));
    expect(line).toContain(
      'In Painters Easel lacks Embed Links, Attach Files; grant them by https://discord.com/oauth2',
    );
    expect(line).toContain(`guild_id=${setup.guild.id}`);
    await setup.close();
  });

  it('all shards that Discord recommends are served by one process', async () => {
    const host = new DiscordHost();
    host.answer = async () => plainMessage('Here.');
    const setup = await startDiscord(host, {
      prepare(fake) {
        fake.shards = 2;
        fake.gateway.identifyConcurrency = 2;
      },
    });
    expect(setup.fake.gateway).toMatchObject({ identifies: 2, connections: 2 });
    for (let index = 0; index < 3; index++) {
      const person = setup.fake.person('ann', setup.general);
      await person.slash('queue');
    }
    expect(host.requests).toHaveLength(3);
    await setup.close();
  });

  it('no token is in any line of the log', async () => {
    const host = new DiscordHost();
    const setup = await startDiscord(host);
    const ann = setup.fake.person('ann', setup.general);
    setup.fake.faults.add({ path: /callback$/ }, { kind: 'status', status: 404 }, 5);
    await ann.slash('queue').catch(() => undefined);
    setup.fake.gateway.drop();
    await setup.fake.until(() => setup.fake.gateway.resumes === 1, 'a resumed session', 20);
    const log = setup.log.join('');
    expect(log).toContain('could not be answered');
    expect(log).not.toContain(setup.fake.token);
    for (const { token } of setup.fake.interactions.all) expect(log).not.toContain(token);
    await setup.close();
  });
});
