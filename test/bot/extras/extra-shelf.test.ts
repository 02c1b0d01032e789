import { copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ExtraShelf } from '../../../bot/extras/extra-shelf.ts';
import { createWildcardService } from '../../../bot/services/wildcards.ts';
import { EngineError } from '../../../commands/engine.ts';
import { failureOf } from '../../../inference/engine/failure.ts';
import { ModelLibrary } from '../../../inference/engine/library.ts';
import { goldenPath } from '../../golden/golden-folder.ts';
import { miniature } from '../../inference/engine/receiver.ts';
import { writeEmbeddingOf, writeLora } from '../../made-up-extras.ts';

let folder: string;
const warnings: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-extras-'));
  await writeLora(at('loras/swirl.safetensors'), { seed: 1 });
  await writeLora(at('loras/style/haze.safetensors'), { seed: 2 });
  await writeEmbeddingOf(at('embeddings/cosy.safetensors'), 'a cat');
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  warnings.length = 0;
});

const at = (path: string) => join(folder, path);

/** Over the engine's own library, without the process around it. */
function shelf(models = { mini: miniature }): ExtraShelf {
  const settings = { provider: 'cpu', threads: 1, maxBatch: 1, cacheFolder: at('cache'), previews: false } as const;
  const library = new ModelLibrary(settings);
  return new ExtraShelf({
    folders: { lora: at('loras'), embedding: at('embeddings') },
    models: () => new Map(Object.entries(models)),
    engine: {
      describeExtra: (...parts) =>
        library.describeExtra(...parts).catch((error: unknown) => {
          const { code, message } = failureOf(error);
          throw new EngineError(code, message);
        }),
    },
    warn: (problem) => warnings.push(problem),
  });
}

describe('a shelf', () => {
  test('offers what lies in the folders, and tells when that has changed', async () => {
    const extras = shelf();
    expect(await extras.refresh()).toBe(true);
    expect(extras.offers().map(({ kind, name, models }) => [kind, name, ...models])).toEqual([
      ['lora', 'style/haze', 'mini'],
      ['lora', 'swirl', 'mini'],
      ['embedding', 'cosy', 'mini'],
    ]);
    expect(await extras.refresh()).toBe(false);
    await rename(at('loras/style/haze.safetensors'), at('loras/fog.safetensors'));
    expect(await extras.refresh()).toBe(true);
    expect(extras.offers().map(({ name }) => name)).toEqual(['fog', 'swirl', 'cosy']);
    await rename(at('loras/fog.safetensors'), at('loras/style/haze.safetensors'));
  });

  test('finds a recipe’s file by its hash, whatever it is called, and no other', async () => {
    const extras = shelf();
    await extras.refresh();
    const hash = extras.offers().find(({ name }) => name === 'swirl')?.hash ?? '';
    const path = at('loras/swirl.safetensors');
    expect(await extras.find('lora', { name: 'elsewhere', hash })).toBe(path);
    await rename(path, at('loras/renamed.safetensors'));
    expect(await extras.find('lora', { name: 'swirl', hash })).toBe(at('loras/renamed.safetensors'));
    await writeLora(path, { seed: 3 });
    await rm(at('loras/renamed.safetensors'));
    await expect(extras.find('lora', { name: 'swirl', hash })).rejects.toThrow(
      'The LoRA swirl of this recipe is not here any more, or is another file now',
    );
    await expect(extras.find('embedding', { name: 'swirl', hash })).rejects.toBeInstanceOf(EngineError);
  });

  test('leaves out what cannot be used, and says why, once', async () => {
    await writeFile(at('loras/broken.safetensors'), 'no tensors');
    await writeFile(at('loras/readme.txt'), 'not a LoRA');
    await writeLora(at('embeddings/misplaced.safetensors'), { seed: 4 });
    const extras = shelf();
    await extras.refresh();
    await extras.refresh();
    expect(extras.offers().map(({ name }) => name)).toEqual(['style/haze', 'swirl', 'cosy']);
    expect(warnings).toEqual([
      expect.stringContaining('The LoRA broken cannot be used'),
      expect.stringContaining('The embedding misplaced cannot be used'),
    ]);
    for (const path of ['loras/broken', 'embeddings/misplaced']) await rm(at(`${path}.safetensors`));
  });

  test('offers those of other models too, for no model', async () => {
    await copyFile(goldenPath('lora/kohya.safetensors'), at('loras/golden.safetensors'));
    const extras = shelf();
    await extras.refresh((name) => name === 'golden');
    expect(extras.offers()).toMatchObject([{ name: 'golden', models: [] }]);
    expect(warnings).toEqual([expect.stringContaining('The LoRA golden goes with no model here')]);
    await rm(at('loras/golden.safetensors'));
  });

  test('is empty where there are no folders', async () => {
    const extras = new ExtraShelf({
      folders: { lora: at('nowhere'), embedding: at('nowhere') },
      models: () => new Map(),
      engine: { describeExtra: () => Promise.reject(new Error('asked')) },
      warn: () => {},
    });
    expect(await extras.refresh()).toBe(false);
    expect(extras.offers()).toEqual([]);
  });
});

test('wildcards are the lines of text files, without comments', async () => {
  await writeFile(at('animal.txt'), '\uFEFFcat\r\n# no\r\n\r\n  fox \n');
  await writeFile(at('loras/tree.txt'), 'oak');
  const wildcards = createWildcardService(folder);
  expect(await wildcards.names()).toEqual(['animal', 'loras/readme', 'loras/tree']);
  expect(await wildcards.lines('animal')).toEqual(['cat', 'fox']);
  expect(await wildcards.lines('../animal')).toBeNull();
  expect(await createWildcardService(at('nowhere')).names()).toEqual([]);
});
