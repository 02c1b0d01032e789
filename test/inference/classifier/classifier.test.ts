import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openClassifier } from '../../../inference/classifier/classifier.ts';
import { EngineServer } from '../../../inference/engine/server.ts';
import { miniature, receiver } from '../engine/receiver.ts';
import { smallRecipe } from '../small-recipe.ts';
import { type ClassifierFiles, makeClassifier } from './made-classifier.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-classifier-'));
});
afterAll(() => rm(folder, { recursive: true }));

let made = 0;
async function open(files: ClassifierFiles = {}, labels: readonly string[] = []) {
  const place = await makeClassifier(join(folder, String(made++)), files);
  return openClassifier({ folder: place, labels }, { threads: 1 });
}

const flat = (background: string) =>
  sharp({ create: { width: 40, height: 30, channels: 3, background } })
    .png()
    .toBuffer();

describe('a classifier', () => {
  test('gives a share to each label, all together one', async () => {
    const { labels, classify } = await open();
    expect(labels).toEqual(['red', 'green', 'blue']);
    const scores = await classify(await flat('#ff0000'));
    // Black is -1 and full is 1 after normalising; the graph multiplies by 4.
    const [full, none] = [Math.exp(4), Math.exp(-4)];
    const sum = full + 2 * none;
    expect(scores.map(({ label }) => label)).toEqual(labels);
    scores.forEach(({ score }, index) => {
      expect(score).toBeCloseTo((index === 0 ? full : none) / sum, 5);
    });
  });

  test('of several labels at once scores each by itself', async () => {
    const { classify } = await open({ config: { problem_type: 'multi_label_classification' } });
    const scores = await classify(await flat('#ff00ff'));
    expect(scores.map(({ score }) => Math.round(score * 100))).toEqual([98, 2, 98]);
  });

  test('may have its graph in a folder of its own', async () => {
    const { classify } = await open({ file: 'onnx/model.onnx' });
    expect((await classify(await flat('#00ff00')))[1]).toMatchObject({
      label: 'green',
      score: expect.closeTo(0.999, 2),
    });
  });

  test.each<[string, ClassifierFiles, string[], RegExp]>([
    ['no graph', { file: 'other.onnx' }, [], /neither model\.onnx nor onnx\/model\.onnx/],
    ['a gap in its labels', { id2label: { 0: 'red', 2: 'blue' } }, [], /config\.json: id2label: must name every class/],
    [
      'a rule for a label that it lacks',
      {},
      ['red', 'nude'],
      /config\.json: has no label "nude".*it has red, green, blue/,
    ],
  ])('with %s is refused', async (_, files, labels, message) => {
    await expect(open(files, labels)).rejects.toThrow(message);
  });

  test('whose labels are not as many as its scores is found out', async () => {
    const { classify } = await open({ id2label: { 0: 'safe', 1: 'nude' } });
    await expect(classify(await flat('#ff0000'))).rejects.toThrow(/gives 3 scores, but .*config\.json names 2/);
  });
});

test('the engine looks at every finished picture', async () => {
  const engine = receiver();
  const classifier = { folder: await makeClassifier(join(folder, 'engine')), labels: ['red'] };
  const settings = { provider: 'cpu', threads: 1, maxBatch: 8, cacheFolder: '', previews: false, classifier } as const;
  const server = new EngineServer(settings, engine.send);
  const recipe = smallRecipe({ prompt: 'a red car on the beach', width: 64, height: 64, steps: 2, guidance: 1 });
  const drawn = await engine.run(server, { kind: 'draw', model: miniature, recipe, handoffAt: null });
  const enlarged = await engine.run(server, {
    kind: 'upscale',
    recipe: { ...recipe, upscale: { factor: 2, method: 'lanczos' } },
    picture: drawn.picture,
  });
  const { data } = await sharp(drawn.picture)
    .resize(1, 1, { kernel: 'linear' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (const { labels = [] } of [drawn, enlarged]) {
    expect(labels.map(({ label }) => label)).toEqual(['red', 'green', 'blue']);
    expect(labels.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    const strongest = labels.reduce((a, b) => (a.score > b.score ? a : b)).label;
    expect(strongest).toBe(['red', 'green', 'blue'][data.indexOf(Math.max(...data))]);
  }
});
