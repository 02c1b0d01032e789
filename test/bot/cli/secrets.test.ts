import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environmentName, keyNames } from '../../../config/keys.ts';
import { FROM_SOURCE } from '../../../tools/from-source-options.ts';
import { startProgram } from '../../browser/program.ts';
import { CANARY, watchOutput } from '../../canary.ts';
import { startFakeDiscord } from '../../fakes/discord/index.ts';
import { startFakeS3 } from '../../fakes/s3.ts';
import { startFakeSlack } from '../../fakes/slack/index.ts';
import { BrowserPerson } from '../web/browser-person.ts';
import { easel } from './easel.ts';

/** Every setting that holds an address. */
const addressKeys = keyNames.filter((name) => /(?:url|endpoint)$/i.test(name));

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'easel-secrets-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

/** Every secret key, each at a server that lets nobody in. */
async function refusedEverywhere(): Promise<{ env: Record<string, string>; close(): void }> {
  // Redis' answer to a wrong password, to every command; to Postgres' clients it is no protocol at all.
  const redis = await listen((socket) =>
    socket.on('data', (chunk) => {
      for (const _ of String(chunk).matchAll(/^\*\d+\r$/gm)) socket.write('-WRONGPASS invalid password\r\n');
    }),
  );
  const postgres = await listen((socket) => socket.end(postgresError('28P01', 'password authentication failed')));
  return {
    env: {
      PORT: '0',
      DATABASE_URL: `postgres://easel:${CANARY}-pass@127.0.0.1:${portOf(postgres)}/easel?password=${CANARY}-other`,
      REDIS_URL: `redis://easel:${CANARY}%40word@127.0.0.1:${portOf(redis)}`,
      DISCORD_TOKEN: `${CANARY}.discord`,
      DISCORD_API_URL: `http://127.0.0.1:${portOf(redis)}/api`,
      SLACK_BOT_TOKEN: `xoxb-${CANARY}`,
      SLACK_API_URL: `http://127.0.0.1:${portOf(redis)}/api/`,
      SLACK_APP_TOKEN: `xapp-${CANARY}`,
      SLACK_SIGNING_SECRET: `${CANARY}-signing`,
      S3_ENDPOINT: `http://127.0.0.1:${portOf(redis)}`,
      S3_BUCKET: 'pictures',
      S3_ACCESS_KEY_ID: `AKIA${CANARY}`,
      S3_SECRET_ACCESS_KEY: `${CANARY}/key`,
    },
    close() {
      redis.close();
      postgres.close();
    },
  };
}

describe('what a program tells of its troubles', () => {
  test.each([['doctor'], ['serve']])('%s, let in nowhere, names the trouble and no secret', async (command) => {
    const { env, close } = await refusedEverywhere();
    const { exitCode, stdout, stderr } = await easel([command], { cwd, env });
    close();
    expect(exitCode).toBe(1);
    expect(stdout + stderr).toMatch(/Postgres|password authentication failed/);
    expect(stdout + stderr).not.toContain(CANARY);
  });

  test('a crash shows the error and all that a library hung on it, but no secret', async () => {
    const script = `
      import { tellCrashes } from './bot/cli/crash.ts';
      import { givenSecrets } from './config/load.ts';
      import { redactor } from './config/secrets.ts';
      tellCrashes(redactor(givenSecrets()));
      const command = { name: 'auth', args: ['easel', '${CANARY}@word'] };
      const addresses = Object.values(process.env).filter((value) => value.includes('://'));
      Promise.reject(Object.assign(new Error('WRONGPASS ' + addresses.join(' ')), { command }));`;
    const child = spawn(process.execPath, [...FROM_SOURCE, '--input-type=module', '--eval', script], {
      env: {
        PATH: process.env.PATH,
        ...Object.fromEntries(
          addressKeys.map((name) => [environmentName(name), `https://ann:${CANARY}@127.0.0.1/base`]),
        ),
        REDIS_URL: `redis://easel:${CANARY}%40word@127.0.0.1`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    watchOutput(child);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
    expect(stderr).toContain("args: [ 'easel', '[secret]' ]");
    expect(stderr).not.toContain(CANARY);
  });
});

test('a service with every secret shows none on its page, its monitor, or in its log at any level', async () => {
  const [discord, slack, s3] = await Promise.all([startFakeDiscord(), startFakeSlack(), startFakeS3()]);
  const monitor = await freePort();
  const program = await startProgram(cwd, 0, {
    WORKER: 'off',
    MONITOR_PORT: String(monitor),
    ...discord.environment,
    ...slack.environment,
    S3_ENDPOINT: s3.config.endpoint,
    S3_BUCKET: s3.config.bucket,
    S3_REGION: s3.config.region,
    S3_ACCESS_KEY_ID: s3.config.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.config.secretAccessKey,
  });
  const shown: string[] = [];
  try {
    const person = await BrowserPerson.open(program.address);
    const get = async (address: string): Promise<void> => {
      const response = await fetch(address, { headers: { cookie: person.cookie } });
      expect(response.status).toBe(200);
      shown.push(JSON.stringify([...response.headers]), await response.text());
    };
    for (const path of ['/', '/api/suggest', '/api/operations']) await get(`${program.address}${path}`);
    for (const path of ['/healthz', '/readyz', '/metrics']) await get(`http://127.0.0.1:${monitor}${path}`);
    const gallery = discord.channel(discord.guild('Painters'), 'gallery');
    await discord.person('ann', gallery).slash('imagine', { prompt: 'a cat' });
    await slack.person('bob').slash(slack.channel('general'), '/imagine', 'a cat');
    person.leave();
  } finally {
    await program.stop();
    await Promise.all([discord.close(), slack.close(), s3.close()]);
  }
  expect(shown.join('\n')).toContain('easel_jobs_waiting');
  expect(shown.join('\n')).not.toContain(CANARY);
});

function listen(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = await listen(() => {});
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: ErrorResponse */
function postgresError(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
