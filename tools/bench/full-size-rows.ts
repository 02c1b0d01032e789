import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Arithmetic } from '../../commands/engine.ts';
import { FROM_SOURCE } from '../from-source-options.ts';
import type { FullSizeOptions, FullSizeResult } from './full-size.ts';
import type { KnownNetwork } from './made-up-weights.ts';
import type { Row } from './table.ts';

const resultSchema = z.object({
  parameters: z.number(),
  sessionSeconds: z.number(),
  forwardSeconds: z.number(),
  batchSeconds: z.array(z.number()),
  peakResidentBytes: z.number(),
  ownBytes: z.number(),
}) satisfies z.ZodType<FullSizeResult>;

/**
 * SDXL 1.0 on made-up fp16 weights in one arithmetic: its UNet alone in a process, then a base, a refiner and a decoder
 * in one.
 */
export async function fullSizeRows(arithmetic: Arithmetic, folder: string): Promise<readonly Row[]> {
  return [...(await unetRows(arithmetic, folder)), await togetherRow(arithmetic, folder)];
}

/** The networks that are always exact. */
export async function otherNetworksRows(folder: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [network, name] of others) {
    const [result] = await measure([{ network, arithmetic: 'float32', pixels: 1024, batches: [1], passes: 2 }], folder);
    if (result) rows.push({ name, value: result.forwardSeconds, unit: 's', note: memoryOf(result) });
  }
  return rows;
}

const others: readonly (readonly [KnownNetwork, string])[] = [
  ['text_encoder', 'First text encoder, 77 tokens'],
  ['text_encoder_2', 'Second text encoder, 77 tokens'],
  ['vae', 'Decoding 1024x1024'],
];

/** Pictures that share a pass, in what a full-size UNet is fastest in. */
export async function fullSizeBatchingRows(arithmetic: Arithmetic, folder: string): Promise<readonly Row[]> {
  const batches = [1, 2, 4, 8];
  const [result] = await measure([{ network: 'unet', arithmetic, pixels: 512, batches }], folder);
  return (result?.batchSeconds ?? []).map((seconds, index) => {
    const rows = batches[index] ?? 1;
    const note = `${(rows / seconds).toPrecision(3)} rows a second`;
    return { name: `UNet, ${arithmetic}: one forward at 512x512 of ${rows} rows`, value: seconds, unit: 's', note };
  });
}

async function unetRows(arithmetic: Arithmetic, folder: string): Promise<readonly Row[]> {
  const unet = { network: 'unet', arithmetic, batches: [1] } as const;
  const rows: Row[] = [];
  for (const pixels of [512, 1024]) {
    const [result] = await measure([{ ...unet, pixels }], folder);
    if (result === undefined) continue;
    const { sessionSeconds, forwardSeconds } = result;
    if (rows.length === 0) {
      rows.push({ name: `UNet, ${arithmetic}: session start`, value: sessionSeconds, unit: 's', target: '<= 10 s' });
    }
    const name = `UNet, ${arithmetic}: one forward at ${pixels}x${pixels}`;
    rows.push({ name, value: forwardSeconds, unit: 's', note: memoryOf(result) });
  }
  const [finest] = await measure([{ ...unet, pixels: 512, finestOnly: true }], folder);
  if (finest) {
    rows.push({
      name: `UNet, ${arithmetic}: its finest level at 512x512 (fast)`,
      value: finest.forwardSeconds,
      unit: 's',
    });
  }
  return rows;
}

async function togetherRow(arithmetic: Arithmetic, folder: string): Promise<Row> {
  const results = await measure(
    [
      { network: 'unet', arithmetic, pixels: 512, batches: [1], passes: 1 },
      { network: 'refiner_unet', arithmetic, pixels: 512, batches: [1], passes: 1 },
      { network: 'vae', arithmetic, pixels: 1024, batches: [1], passes: 1 },
    ],
    folder,
  );
  const own = Math.max(...results.map(({ ownBytes }) => ownBytes));
  const peak = Math.max(...results.map(({ peakResidentBytes }) => peakResidentBytes));
  return {
    name: `Base, refiner and decoder held together, ${arithmetic}: memory of its own`,
    value: own / 1e9,
    unit: 'GB',
    target: '<= 8 GB',
    note: `${(peak / 1e9).toFixed(1)} GB with mapped files at its peak`,
  };
}

function memoryOf({ ownBytes, peakResidentBytes }: FullSizeResult): string {
  return `${(ownBytes / 1e9).toFixed(1)} GB, with mapped files ${(peakResidentBytes / 1e9).toFixed(1)} GB`;
}

/** In a process of its own, so that the memory measured is that of these networks. */
async function measure(all: readonly FullSizeOptions[], folder: string): Promise<readonly FullSizeResult[]> {
  const program = [...FROM_SOURCE, join(import.meta.dirname, 'full-size.ts'), JSON.stringify(all), folder];
  const { stdout } = await promisify(execFile)(process.execPath, program, { maxBuffer: 2 ** 26 });
  return z.array(resultSchema).parse(JSON.parse(stdout.slice(stdout.indexOf('['))));
}
