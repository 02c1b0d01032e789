import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineClient } from '../../../bot/engine/engine-client.ts';
import { EnginePair } from '../../../bot/engine/engine-pair.ts';
import type { EngineTask } from '../../../commands/engine.ts';
import { FROM_SOURCE } from '../../../tools/from-source-options.ts';
import { recipe } from '../store/requests.ts';

const entry = fileURLToPath(new URL('../../fixtures/engines/scripted.ts', import.meta.url));
const settings = { provider: 'cpu', threads: 1, maxBatch: 1, cacheFolder: tmpdir(), previews: true } as const;
const SILENCE_SECONDS = 0.2;

const model = { base: '/model', refiner: null };
const task = (prompt: string): EngineTask => ({
  kind: 'draw',
  model,
  recipe: { ...recipe, prompt },
  handoffAt: null,
});

describe('an engine that reads files in a process of their own', () => {
  let engine: EnginePair;
  let crashes: string[];
  beforeEach(() => {
    crashes = [];
    const parts = { entry, nodeOptions: FROM_SOURCE, settings, onCrash: (message: string) => crashes.push(message) };
    engine = new EnginePair(new EngineClient(parts), new EngineClient({ ...parts, silenceSeconds: SILENCE_SECONDS }));
  });
  afterEach(() => engine.close());

  it('refuses a file that holds its reader up by its name, and loses nothing that is drawn or read beside it', async () => {
    const abort = new AbortController();
    let begun = (): void => {};
    const isDrawing = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const drawing = engine.run(task('hang'), { signal: abort.signal, onProgress: () => begun() });
    await isDrawing;
    const drawer = engine.processId;
    const [blocked, next] = await Promise.allSettled([engine.inspect('/blocks'), engine.inspect('/model')]);
    expect(blocked).toMatchObject({
      status: 'rejected',
      reason: { code: 'checkpoint', message: expect.stringMatching(/^\/blocks: it could not be read within 0.2 s/) },
    });
    expect(next).toMatchObject({ status: 'fulfilled', value: { path: '/model' } });
    expect(engine.processId).toBe(drawer);
    abort.abort();
    await expect(drawing).rejects.toMatchObject({ code: 'cancelled' });
    expect(crashes).toEqual([expect.stringContaining('stopped after 0.2 s of silence')]);
  });

  it('waits for a file that takes long but not in silence', async () => {
    expect(await engine.inspect('/takes long')).toMatchObject({ path: '/takes long' });
    expect(crashes).toEqual([]);
  });

  it('keeps what is drawn with and what is read apart', async () => {
    await engine.run(task('draw'));
    const { pid } = await engine.inspect('/model');
    expect(pid).not.toBe(engine.processId);
    expect(await engine.describe(model)).toMatchObject({ name: 'mini' });
    await expect(engine.forget(model)).rejects.toMatchObject({ code: 'internal' });
  });
});
