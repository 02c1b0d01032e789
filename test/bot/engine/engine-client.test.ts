import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineClient } from '../../../bot/engine/engine-client.ts';
import type { EngineProgress, EngineTask } from '../../../commands/engine.ts';
import { FROM_SOURCE } from '../../../tools/from-source-options.ts';
import { childrenOf } from '../../child-processes.ts';
import { recipe } from '../store/requests.ts';

const entry = fileURLToPath(new URL('../../fixtures/engines/scripted.ts', import.meta.url));
const settings = { provider: 'cpu', threads: 1, maxBatch: 1, cacheFolder: tmpdir(), previews: true } as const;

const task = (prompt: string): EngineTask => ({
  kind: 'draw',
  model: { base: '/model', refiner: null },
  recipe: { ...recipe, prompt },
  handoffAt: null,
});
const engines = (parent = process.pid) => childrenOf(parent, 'engines/scripted.ts');

describe('the engine’s client', () => {
  let engine: EngineClient;
  let crashes: string[];
  beforeEach(() => {
    crashes = [];
    engine = new EngineClient({
      entry,
      nodeOptions: FROM_SOURCE,
      settings,
      onCrash: (message) => crashes.push(message),
    });
  });
  afterEach(() => engine.close());
  /** Starts a task, and resolves once it has begun. */
  const begun = async (prompt: string, options: { signal?: AbortSignal; deadlineSeconds?: number } = {}) => {
    let resolve = (): void => {};
    const first = new Promise<void>((begin) => {
      resolve = begin;
    });
    const outcome = engine.run(task(prompt), { ...options, onProgress: () => resolve() });
    outcome.catch(() => resolve());
    await first;
    return { outcome };
  };

  it('starts no process before it is needed', async () => {
    expect(await engines()).toEqual([]);
    await engine.inspect('/model');
    expect(await engines()).toHaveLength(1);
  });

  it('brings bytes and progress across as they are', async () => {
    const progress: EngineProgress[] = [];
    const result = await engine.run(task('draw'), { onProgress: (now) => progress.push(now) });
    expect([...result.picture]).toEqual(Array.from({ length: 256 }, (_, index) => index));
    expect(progress).toEqual([{ stage: 'drawing', step: 1, steps: 2, preview: Uint8Array.of(1, 2, 3) }]);
  });

  it('keeps the answers of many tasks apart, in one process', async () => {
    const paths = Array.from({ length: 20 }, (_, index) => `/model-${index}`);
    const reports = await Promise.all(paths.map((path) => engine.inspect(path)));
    expect(reports.map(({ path }) => path)).toEqual(paths);
    expect(new Set(reports.map(({ pid }) => pid)).size).toBe(1);
  });

  it('passes a refusal on', async () => {
    await expect(engine.run(task('refuse'))).rejects.toMatchObject({ code: 'invalid', message: 'Not that.' });
  });

  it('cancels one task, and leaves the others alone', async () => {
    const abort = new AbortController();
    const { outcome } = await begun('hang', { signal: abort.signal });
    abort.abort();
    await expect(outcome).rejects.toMatchObject({ code: 'cancelled' });
    expect((await engine.run(task('draw'))).width).toBe(16);
    expect(crashes).toEqual([]);
  });

  it('does not begin what is cancelled already', async () => {
    const run = engine.run(task('draw'), { signal: AbortSignal.abort() });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(await engines()).toEqual([]);
  });

  it('tells everybody in flight of a crash, and goes on in a new process', async () => {
    const { outcome } = await begun('hang');
    const [before] = await engines();
    const both = Promise.allSettled([outcome, engine.run(task('die'))]);
    const codes = (await both).map((one) => (one.status === 'rejected' ? one.reason.code : 'done'));
    expect(codes).toEqual(['crashed', 'crashed']);
    expect(crashes).toEqual([expect.stringContaining('ended with code 7')]);
    expect((await engine.inspect('/model')).pid).not.toBe(before);
  });

  it('survives a kill from outside', async () => {
    const { outcome } = await begun('hang');
    for (const pid of await engines()) process.kill(pid, 'SIGKILL');
    await expect(outcome).rejects.toMatchObject({ code: 'crashed', message: expect.stringContaining('SIGKILL') });
    expect((await engine.run(task('draw'))).width).toBe(16);
  });

  it('kills an engine that is blocked past the deadline', async () => {
    const { outcome } = await begun('block', { deadlineSeconds: 1 });
    await expect(outcome).rejects.toMatchObject({ code: 'deadline' });
    expect((await engine.run(task('draw'))).width).toBe(16);
  });

  it('goes on in a new process after one that ran out of memory, once the others in it are done', async () => {
    const abort = new AbortController();
    const { outcome } = await begun('hang', { signal: abort.signal });
    await expect(engine.run(task('exhaust'))).rejects.toMatchObject({ code: 'out_of_memory' });
    const [worn] = await engines();
    expect((await engine.inspect('/model')).pid).toBe(worn);
    abort.abort();
    await expect(outcome).rejects.toMatchObject({ code: 'cancelled' });
    expect((await engine.inspect('/model')).pid).not.toBe(worn);
    expect(crashes).toEqual([]);
  });

  it('ends its process, a blocked one too, and takes nothing more', async () => {
    const { outcome } = await begun('block');
    const ended = expect(outcome).rejects.toMatchObject({ code: 'crashed' });
    await engine.close();
    await ended;
    expect(await engines()).toEqual([]);
    expect(crashes).toEqual([]);
    await expect(engine.run(task('draw'))).rejects.toMatchObject({ code: 'crashed' });
  });

  it.each(['/model', '/blocks'])(
    'leaves no process behind when its own is killed, whatever it does: %s',
    async (path) => {
      const client = new URL('../../../bot/engine/engine-client.ts', import.meta.url).href;
      const script = `import { EngineClient } from ${JSON.stringify(client)};
      const engine = new EngineClient({ ...${JSON.stringify({ entry, nodeOptions: FROM_SOURCE, settings })}, onCrash() {} });
      console.log((await engine.inspect('/model')).pid);
      await engine.inspect(${JSON.stringify(path)});
      setInterval(() => {}, 1000);`;
      const parent = spawn(process.execPath, [...FROM_SOURCE, '--input-type=module', '--eval', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = await parent.stdout.take(1).toArray();
      const pid = Number(String(line));
      expect(await engines(parent.pid)).toEqual([pid]);
      parent.kill('SIGKILL');
      await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
    },
  );
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
