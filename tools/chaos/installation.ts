import { cp, mkdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FakeDiscord, startFakeDiscord } from '../../test/fakes/discord/index.ts';
import { type FakeSlack, startFakeSlack } from '../../test/fakes/slack/index.ts';
import { Program } from './program.ts';
import { Link } from './servers/link.ts';
import { freePort } from './servers/ports.ts';
import { PostgresServer } from './servers/postgres-server.ts';
import { RedisServer } from './servers/redis-server.ts';
import { SmallDisk } from './servers/small-disk.ts';

const MINIATURE = fileURLToPath(new URL('../../models/mini/', import.meta.url));
const WORKERS = 2;
/** A stuck engine is killed after this long: short, so that a hang does not take up the whole run. */
const JOB_DEADLINE_SECONDS = 15;
/** Discord's is 41 s: with that, a connection that hears nothing would be noticed too late for a run. */
const HEARTBEAT_MS = 4_000;
/** Secrets of ours that must turn up in no log, beside those of the fakes. */
export const CANARIES = { postgres: 'canary-of-postgres-7b1e', redis: 'canary-of-redis-93ac' } as const;

/** How Slack's events come: changed from round to round. */
export type SlackMode = 'sockets' | 'http';

/** A whole Easel in production, every process and server of it real, between a fake Discord and a fake Slack. */
export class Installation {
  readonly folder: string;
  readonly dataFolder: string;
  /** What the data folder is on. */
  readonly smallDisk: SmallDisk;
  readonly discord: FakeDiscord;
  readonly slack: FakeSlack;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  /** By what they connect. */
  readonly network: Readonly<Record<NetworkPath, Link>>;
  readonly bot: Program;
  readonly workers: readonly Program[];
  /** What went against the rules while a fault was under way. */
  readonly surprises: string[] = [];
  slackMode: SlackMode = 'sockets';
  private readonly slackPort: number;

  private constructor(parts: {
    readonly folder: string;
    readonly smallDisk: SmallDisk;
    readonly discord: FakeDiscord;
    readonly slack: FakeSlack;
    readonly postgres: PostgresServer;
    readonly redis: RedisServer;
    readonly network: Readonly<Record<NetworkPath, Link>>;
    readonly slackPort: number;
  }) {
    this.folder = parts.folder;
    this.dataFolder = dataFolderOf(parts.folder);
    this.smallDisk = parts.smallDisk;
    this.discord = parts.discord;
    this.slack = parts.slack;
    this.postgres = parts.postgres;
    this.redis = parts.redis;
    this.network = parts.network;
    this.slackPort = parts.slackPort;
    const program = (kind: 'bot' | 'worker', name: string, environment: () => Record<string, string>) =>
      new Program({
        ...{ kind, name, environment, folder: parts.folder, logFile: join(parts.folder, `${name}.log`) },
        onSurprise: (what) => this.surprises.push(what),
      });
    this.bot = program('bot', 'bot', () => this.botEnvironment());
    this.workers = Array.from({ length: WORKERS }, (_, index) =>
      program('worker', `worker-${index + 1}`, () => this.workerEnvironment()),
    );
  }

  /** `folder` is empty, and anybody may go through it. What ends a part is put into `ends` as soon as that has begun. */
  static async start(
    folder: string,
    postgresBinaries: string,
    ends: (() => Promise<unknown>)[],
  ): Promise<Installation> {
    await mkdir(join(folder, 'temporary'), { recursive: true });
    await mkdir(dataFolderOf(folder), { recursive: true });
    const smallDisk = await SmallDisk.mount(dataFolderOf(folder));
    ends.push(() => smallDisk.unmount());
    await makeBrokenModel(folder);
    const postgres = await PostgresServer.start(join(folder, 'postgres'), postgresBinaries);
    ends.push(() => postgres.close());
    const redis = await RedisServer.start(join(folder, 'redis'), CANARIES.redis);
    ends.push(() => redis.end('SIGKILL'));
    const [discord, slack, slackPort] = await Promise.all([startFakeDiscord(), startFakeSlack(), freePort()]);
    ends.push(() => Promise.all([discord.close(), slack.close()]));
    const network = {
      'bot-redis': await Link.before(redis.port),
      'bot-postgres': await Link.before(postgres.port),
      'worker-redis': await Link.before(redis.port),
      'worker-postgres': await Link.before(postgres.port),
      'bot-discord': await Link.before(portOf(discord.apiUrl)),
      'bot-slack': await Link.before(portOf(slack.apiUrl)),
    };
    ends.push(() => Promise.all(Object.values(network).map((link) => link.close())));
    discord.gateway.heartbeatIntervalMs = HEARTBEAT_MS;
    discord.standBehind(network['bot-discord'].port);
    slack.standBehind(network['bot-slack'].port);
    const installation = new Installation({ folder, smallDisk, discord, slack, postgres, redis, network, slackPort });
    ends.push(() => Promise.all(installation.programs.map((each) => each.finish())));
    await Promise.all(installation.programs.map((each) => each.start()));
    return installation;
  }

  get programs(): readonly Program[] {
    return [this.bot, ...this.workers];
  }

  /** From the bot's next start on. */
  setSlackMode(mode: SlackMode): void {
    this.slackMode = mode;
    this.slack.requestUrl = mode === 'http' ? `http://127.0.0.1:${this.slackPort}/slack/events` : null;
  }

  private common(who: 'bot' | 'worker'): Record<string, string> {
    const { network, postgres, folder } = this;
    return {
      DATABASE_URL: postgres.url(CANARIES.postgres, network[`${who}-postgres`].port),
      REDIS_URL: `redis://:${CANARIES.redis}@127.0.0.1:${network[`${who}-redis`].port}`,
      DATA_DIR: this.dataFolder,
      TMPDIR: join(folder, 'temporary'),
      THREADS: '1',
      LOG_LEVEL: 'debug',
      MODELS: JSON.stringify([
        { name: 'mini', base: join(MINIATURE, 'base'), refiner: join(MINIATURE, 'refiner') },
        { name: 'broken', base: join(folder, 'broken') },
      ]),
      JOB_DEADLINE_SECONDS: String(JOB_DEADLINE_SECONDS),
    };
  }

  private botEnvironment(): Record<string, string> {
    const { discord, slack } = this;
    return {
      ...this.common('bot'),
      WORKER: 'off',
      PORT: '0',
      ...discord.environment,
      SLACK_BOT_TOKEN: slack.tokens.bot,
      SLACK_API_URL: slack.apiUrl,
      ...(this.slackMode === 'sockets'
        ? { SLACK_APP_TOKEN: slack.tokens.app }
        : { SLACK_SIGNING_SECRET: slack.signingSecret, SLACK_PORT: String(this.slackPort) }),
    };
  }

  private workerEnvironment(): Record<string, string> {
    return this.common('worker');
  }
}

export const networkPaths = [
  'bot-redis',
  'bot-postgres',
  'worker-redis',
  'worker-postgres',
  'bot-discord',
  'bot-slack',
] as const;
export type NetworkPath = (typeof networkPaths)[number];

function portOf(address: string): number {
  return Number(new URL(address).port);
}

function dataFolderOf(folder: string): string {
  return join(folder, 'data');
}

/** A checkpoint whose weights end in the middle, as after a download that broke off. */
async function makeBrokenModel(folder: string): Promise<void> {
  const copy = join(folder, 'broken');
  await cp(join(MINIATURE, 'base'), copy, { recursive: true });
  await truncate(join(copy, 'unet', 'diffusion_pytorch_model.safetensors'), 100_000);
}
