import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { parseUnetConfig } from '../../inference/checkpoint/parse-model-configuration.ts';
import { buildUnet } from '../../inference/models/unet/unet.ts';
import { configurationOf, makeUpIntegers, makeUpWeights } from './made-up-weights.ts';
import type { Row } from './table.ts';

const REPEATS = 2;

/**
 * A session of SDXL's UNet in int8 from the graph as it is built, and from the one that ONNX Runtime has optimised and
 * saved (its weights stay where they are): the second start would use it if it were the faster.
 */
export async function savedGraphRows(weightsFolder: string): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-saved-'));
  try {
    const weights = await makeUpWeights('unet', weightsFolder);
    const quantized = await makeUpIntegers('unet', 'int8', weightsFolder);
    const config = parseUnetConfig(await configurationOf('unet'), 'unet');
    const built = buildUnet(config, weights, { provider: 'cpu', ...(quantized && { quantized }) }).bytes;
    const optimizedModelFilePath = join(folder, 'optimised.onnx');
    await start(built, { graphOptimizationLevel: 'extended', optimizedModelFilePath });
    const saved = await readFile(optimizedModelFilePath);
    const [fromBuilt, fromSaved]: [number[], number[]] = [[], []];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      fromBuilt.push(await start(built, { graphOptimizationLevel: 'extended' }));
      fromSaved.push(await start(saved, { graphOptimizationLevel: 'disabled' }));
    }
    const name = 'UNet, int8: session start';
    return [
      { name: `${name} from the graph as built`, value: Math.min(...fromBuilt), unit: 's' },
      { name: `${name} from ONNX Runtime's saved graph`, value: Math.min(...fromSaved), unit: 's' },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Seconds. */
async function start(model: Uint8Array, options: ort.InferenceSession.SessionOptions): Promise<number> {
  const begin = performance.now();
  const session = await ort.InferenceSession.create(model, {
    ...options,
    executionProviders: ['cpu'],
    logSeverityLevel: 4,
    extra: {
      session: { model_external_initializers_file_folder_path: '/' },
      optimization: { disable_specified_optimizers: 'DynamicQuantizeMatMulFusion' },
    },
  });
  const seconds = (performance.now() - begin) / 1000;
  await session.release();
  return seconds;
}
