import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isMarkedAsAi } from '../ai-mark.ts';
import { newDatabase } from '../bot/store/stores.ts';
import { BrowserPerson } from '../bot/web/browser-person.ts';
import { type Program, readLog, startProgram } from '../browser/program.ts';
import { watchOutput } from '../canary.ts';
import { writeLora } from '../made-up-extras.ts';

const { TEST_DATABASE_URL: postgres, TEST_REDIS_URL: redis } = process.env;
const BIN = fileURLToPath(new URL('../../bin/easel.js', import.meta.url));
const SLOWLY = { timeout: 120_000, interval: 100 };

/** The requests of the lines that say this. */
function requestsOf(log: readonly string[], told: string): unknown[] {
  const lines = log.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return lines.flatMap(({ msg, request }) => (msg === told ? [request] : []));
}

/** A bot that draws nothing, and workers in processes of their own: the same program in its larger sizes. */
describe.each([
  ['Postgres', postgres === undefined ? null : {}],
  ['Postgres and Redis', postgres === undefined || redis === undefined ? null : { REDIS_URL: redis }],
])('a bot and workers on %s', (_, queue) => {
  if (queue === null || postgres === undefined) {
    it.skip('left out: TEST_DATABASE_URL or TEST_REDIS_URL names no server', () => {});
    return;
  }
  let folder: string;
  let settings: Record<string, string>;
  let bot: Program | undefined;
  let removeDatabase: () => Promise<void>;
  const workers: ChildProcess[] = [];
  let workersLog: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-distributed-'));
    const { url, remove } = await newDatabase(postgres);
    removeDatabase = remove;
    workersLog = [];
    settings = { ...queue, DATABASE_URL: url, THREADS: '1' };
  });
  afterEach(async () => {
    const ends = workers
      .splice(0)
      .map((worker) => new Promise((resolve) => worker.once('close', resolve).kill('SIGKILL') || resolve(null)));
    await bot?.stop();
    await Promise.all(ends);
    await removeDatabase();
    await rm(folder, { recursive: true });
  });

  function startWorker(own: Record<string, string> = {}): Promise<ChildProcess> {
    const worker = spawn(process.execPath, [BIN, 'worker'], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'info', ...settings, ...own },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    watchOutput(worker);
    readLog(worker, workersLog);
    workers.push(worker);
    return new Promise((resolve, reject) => {
      worker.stdout?.on('data', (chunk) => {
        if (String(chunk).includes('The worker is ready.')) resolve(worker);
      });
      worker.once('close', (code) => reject(new Error(`The worker ended with code ${code}.`)));
    });
  }

  it('draws elsewhere what was asked here, and a worker that is killed costs nobody a picture', async () => {
    bot = await startProgram(folder, 0, { ...settings, WORKER: 'off' });
    const first = await startWorker();
    const person = await BrowserPerson.open(bot.address);
    const pictures = async () => (await person.messages()).flatMap((message) => message.pictures);

    await person.runs('imagine', { prompt: 'a cat in the snow', size: '128x128', steps: '4' });
    await vi.waitFor(async () => expect(await pictures()).toHaveLength(1), SLOWLY);
    expect(await isMarkedAsAi((await pictures())[0]!.bytes)).toBe(true);
    const { log } = bot;
    await vi.waitFor(() => expect(requestsOf(log, 'delivered')).toHaveLength(1), SLOWLY);
    const accepted = requestsOf(log, 'accepted');
    expect(accepted).toEqual([expect.any(String)]);
    expect([requestsOf(workersLog, 'job done'), requestsOf(log, 'delivered')]).toEqual([accepted, accepted]);

    await person.runs('imagine', { prompt: 'a fox in the forest', size: '128x128', steps: '80' });
    await vi.waitFor(
      () => expect([...person.progress.values()].some((seen) => JSON.stringify(seen).includes('80'))).toBe(true),
      SLOWLY,
    );
    first.kill('SIGKILL');
    await startWorker();
    await vi.waitFor(async () => expect(await pictures()).toHaveLength(2), SLOWLY);

    // Of two workers one has the LoRA's file.
    const loras = join(folder, 'own-loras');
    await mkdir(loras);
    await writeLora(join(loras, 'swirl.safetensors'), { seed: 1 });
    await startWorker({ LORA_DIR: loras });
    await vi.waitFor(
      async () => {
        await person.runs('imagine', { prompt: 'a cat <lora:swirl:1>', size: '128x128', steps: '2' });
        expect((await pictures()).length).toBeGreaterThan(2);
      },
      { ...SLOWLY, interval: 3_000 },
    );
    const texts = (await person.messages()).map(({ text }) => text).join('\n');
    expect(texts).not.toContain('of this recipe is not here');
  });
});
