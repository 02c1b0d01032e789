import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { FROM_SOURCE } from '../from-source-options.ts';
import type { FullSizeOptions } from './full-size.ts';
import type { Row } from './table.ts';

const repository = join(import.meta.dirname, '../..');
const python = join(repository, '.peers/bin/python');

/** What one program takes for one forward pass of SDXL's UNet, one row, on made-up weights. */
const resultSchema = z.object({ forwardSeconds: z.number(), peakResidentBytes: z.number() });
type Measured = z.infer<typeof resultSchema>;
/** One that fails must not take the others' figures with it. */
type PeerResult = { readonly name: string } & (Measured | { readonly failure: string });

interface Contender {
  readonly name: string;
  readonly command: readonly [file: string, ...parameters: string[]];
}

/** Easel, and what people would pick instead. */
function contenders(pixels: number, weightsFolder: string): readonly Contender[] {
  const easel = (name: string, options: Partial<FullSizeOptions>): Contender => ({
    name: `Easel, ${name}`,
    command: [
      process.execPath,
      ...FROM_SOURCE,
      join(import.meta.dirname, 'full-size.ts'),
      JSON.stringify({ ...options, pixels }),
      weightsFolder,
    ],
  });
  const peer = (name: string, script: string, ...parameters: string[]): Contender => ({
    name,
    command: [python, join(repository, 'tools/peers', script), '--pixels', String(pixels), ...parameters],
  });
  return [
    easel('float32', {}),
    easel('int8-linear', { arithmetic: 'int8-linear' }),
    easel('int8', { arithmetic: 'int8' }),
    peer('diffusers, float32', 'diffusers_unet.py', '--dtype', 'float32'),
    peer('diffusers, bfloat16', 'diffusers_unet.py', '--dtype', 'bfloat16'),
    peer('stable-diffusion.cpp, q8_0', 'stable_diffusion_cpp_steps.py', '--type', 'q8_0'),
  ];
}

/** Easel beside its peers; where those are not installed, the one row says how to. */
export async function peerRows(pixels: number, weightsFolder: string): Promise<readonly Row[]> {
  const isInstalled = await access(python).then(
    () => true,
    () => false,
  );
  if (!isInstalled) return [{ name: 'Peers: left out, tools/peers/setup.sh installs them', value: 0, unit: '' }];
  const results = await measurePeers(pixels, weightsFolder);
  return results.map((result) => {
    const name = `SDXL's UNet, one forward at ${pixels}x${pixels}: ${result.name}`;
    if ('failure' in result) return { name, value: Number.NaN, unit: 's', note: `failed: ${result.failure}` };
    const { forwardSeconds, peakResidentBytes } = result;
    return { name, value: forwardSeconds, unit: 's', note: `${(peakResidentBytes / 1e9).toFixed(1)} GB at its peak` };
  });
}

/** Runs all of them one after the other, each in a process of its own, so that times and memory are its own. */
async function measurePeers(pixels: number, weightsFolder: string): Promise<readonly PeerResult[]> {
  const results: PeerResult[] = [];
  for (const { name, command } of contenders(pixels, weightsFolder)) {
    const [file, ...parameters] = command;
    const run = promisify(execFile)(file, parameters, { cwd: repository, maxBuffer: 2 ** 26 });
    const measured = run.then(({ stdout }) => resultSchema.parse(JSON.parse(stdout.slice(stdout.indexOf('{')))));
    results.push({ name, ...(await measured.catch((error: unknown) => ({ failure: String(error) }))) });
  }
  return results;
}
