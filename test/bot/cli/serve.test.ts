import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GatewayCloseCodes } from 'discord.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProgram } from '../../browser/program.ts';
import { startFakeDiscord } from '../../fakes/discord/index.ts';
import { easel } from './easel.ts';

const BIN = fileURLToPath(new URL('../../../bin/easel.js', import.meta.url));

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'easel-serve-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

test('serve prints where the page is, and ends in good order by SIGTERM', async () => {
  const child = spawn(process.execPath, [BIN, 'serve'], {
    cwd,
    env: { PATH: process.env.PATH, PORT: '0', LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let stdout = '';
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      const found = /^Easel is at (http:\/\/127\.0\.0\.1:\d+\S*)$/m.exec(stdout)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('close', (code) => reject(new Error(`It ended with code ${code}.`)));
  });
  const page = await fetch(address);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<title>Easel');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

test('what keeps it from starting is one line', async () => {
  const env = { PORT: '0', LOG_LEVEL: 'silent', MODELS: JSON.stringify([{ name: 'gone', base: '/nowhere' }]) };
  const { exitCode, stdout, stderr } = await easel(['serve'], { cwd, env });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(/^easel: \/nowhere[^\n]*\n$/);
});

test('what keeps it from going on ends it with one line, and what was asked for comes after the next start', async () => {
  const fake = await startFakeDiscord();
  const ann = fake.person('ann', fake.channel(fake.guild('Painters'), 'gallery'));
  const settings = {
    ...fake.environment,
    PORT: '0',
    LOG_LEVEL: 'silent',
  };
  const { exitCode, stderr } = await easel(['serve'], {
    cwd,
    env: settings,
    async onStart(child) {
      await once(child.stdout ?? child, 'data');
      await ann.slash('imagine', { prompt: 'a cat', size: '64x64', steps: 30 });
      fake.gateway.close(GatewayCloseCodes.DisallowedIntents);
    },
  });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^easel: Discord does not allow the intents [^\n]*Privileged Gateway Intents\)\.\n$/);
  const program = await startProgram(cwd, 0, settings);
  await fake.until(
    () => ann.seesOfBot().some(({ attachments }) => attachments.some(({ filename }) => filename.endsWith('.png'))),
    'the picture',
    60,
  );
  expect(ann.seesOfBot()).toHaveLength(1);
  await program.stop();
  await fake.close();
});

test('a platform that cannot be reached at the start leaves the page to everybody else', async () => {
  const log: string[] = [];
  const nowhere = 'http://127.0.0.1:1';
  const settings = { DISCORD_TOKEN: 'token', DISCORD_API_URL: `${nowhere}/api`, PORT: '0', LOG_LEVEL: 'warn' };
  const { exitCode, stderr } = await easel(['serve'], {
    cwd,
    env: settings,
    async onStart(child) {
      child.stdout?.on('data', (chunk) => log.push(String(chunk)));
      await expect.poll(() => log.join(''), { timeout: 60_000 }).toMatch(/Easel is at http/);
      child.kill('SIGTERM');
    },
  });
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/Discord cannot be reached at [^\n]*Trying again in 5 s/);
});
