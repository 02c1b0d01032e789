import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../../inference/checkpoint/safetensors.ts';
import { describeModel } from '../../../inference/pipeline/describe.ts';
import { openModel } from '../../../inference/pipeline/model.ts';
import { miniature } from '../engine/receiver.ts';

const options = { provider: 'cpu', threads: 1 } as const;

describe('a model’s card', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-card-'));
    await cp(miniature.base, join(folder, 'base'), { recursive: true });
    await symlink(miniature.refiner ?? '', join(folder, 'its-refiner'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const card = (content: unknown) => writeFile(join(folder, 'base', 'easel.json'), JSON.stringify(content));
  const source = () => ({ base: join(folder, 'base'), refiner: null });

  it('names its refiner, its licence, who may use it and its default recipe', async () => {
    await card({ licence: 'CC0', refiner: '../its-refiner', allow: { roles: ['artists'] }, defaults: { steps: 7 } });
    const model = await openModel(source(), options);
    expect(model.refiner?.networks.checkpoint.kind).toBe('refiner');
    const { licence, allow, defaults, refiner, name, bytes } = await describeModel(model, folder);
    expect({ licence, allow, name }).toEqual({
      licence: 'CC0',
      allow: { guilds: [], roles: ['artists'], users: [] },
      name: 'base',
    });
    expect(defaults).toMatchObject({ steps: 7, refine: 0.8 });
    expect(refiner?.name).toBe('its-refiner');
    expect(bytes).toBeGreaterThan(30e6);
  });

  it('says how the model predicts, which who names the model may overrule', async () => {
    await card({ predictionType: 'v_prediction' });
    const predictionOf = async (given: Parameters<typeof openModel>[0]) =>
      (await openModel(given, options)).base.networks.checkpoint.scheduler.predictionType;
    expect(await predictionOf(source())).toBe('v_prediction');
    expect(await predictionOf({ ...source(), predictionType: 'epsilon' })).toBe('epsilon');
  });

  it('that is wrong is an error that names the card and the key', async () => {
    await card({ licence: 7 });
    await expect(openModel(source(), options)).rejects.toThrow(/base\/easel\.json: licence/);
  });

  it('lies beside a single file', async () => {
    const file = join(folder, 'broken.safetensors');
    await writeFile(file, encodeSafetensors({ x: { shape: [1], data: Float32Array.of(1) } }, {}));
    await writeFile(join(folder, 'broken.easel.json'), '{"steps": 3}');
    await expect(openModel({ base: file, refiner: null }, options)).rejects.toThrow('broken.easel.json');
  });
});
