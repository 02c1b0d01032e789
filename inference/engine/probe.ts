import { availableParallelism } from 'node:os';
import ort from 'onnxruntime-node';
import type { EngineReport, EngineSettings, Provider, ProviderReport } from '../../commands/engine.ts';
import { createSession } from '../graph/session.ts';
import { buildModel } from '../models/model.ts';
import { reportArithmetic } from '../quantization/arithmetic.ts';

const FIXES: Readonly<Record<Provider, string>> = {
  cpu: 'Install the packages again: npm ci.',
  cuda: "It needs an NVIDIA driver, CUDA 12 and cuDNN 9, and ONNX Runtime's CUDA libraries: npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12.",
  webgpu: 'It needs a Vulkan driver and its loader: apt-get install libvulkan1.',
};

/** What this process can compute with, found by running a one-node graph on every provider. */
export async function probe(settings: EngineSettings): Promise<EngineReport> {
  const providers: ProviderReport[] = [];
  for (const provider of ['cpu', 'cuda', 'webgpu'] as const) providers.push(await tryProvider(provider));
  return {
    runtime: `ONNX Runtime ${ort.env.versions.node ?? ort.env.versions.common}`,
    providers,
    arithmetic: await reportArithmetic(settings),
    threads: settings.threads > 0 ? settings.threads : availableParallelism(),
    residentBytes: process.memoryUsage.rss(),
  };
}

async function tryProvider(provider: Provider): Promise<ProviderReport> {
  const inputs = { x: 'float32' } as const;
  try {
    const model = buildModel(inputs, ['y'], { provider }, (graph) =>
      graph.output('y', graph.input('x', 'float32', [1]), [1]),
    );
    const session = await createSession(model, { provider });
    await session.run({ x: { shape: [1], data: Float32Array.of(1) } });
    await session.release();
    return { provider, available: true };
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    return { provider, available: false, reason: `${problem} ${FIXES[provider]}` };
  }
}
