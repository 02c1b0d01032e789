import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ARITHMETICS, type Arithmetic } from '../../commands/engine.ts';
import type { FullSizeOptions, FullSizeResult } from './full-size.ts';
import type { KnownNetwork } from './made-up-weights.ts';
import type { Row } from './table.ts';

const resultSchema = z.object({
  parameters: z.number(),
  sessionSeconds: z.number(),
  forwardSeconds: z.number(),
  peakResidentBytes: z.number(),
  ownBytes: z.number(),
}) satisfies z.ZodType<FullSizeResult>;

/** SDXL 1.0 on made-up fp16 weights: every network alone in a process, then a base, a refiner and a decoder in one. */
export async function fullSizeRows(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const arithmetic of ARITHMETICS) {
    rows.push(...(await unetRows(arithmetic)));
    rows.push(await togetherRow(arithmetic));
  }
  for (const [network, name] of others) {
    const [result] = await measure([{ network, arithmetic: 'float32', pixels: 1024, batch: 1 }]);
    if (result) rows.push({ name, value: result.forwardSeconds, unit: 's', note: memoryOf(result) });
  }
  return rows;
}

const others: readonly (readonly [KnownNetwork, string])[] = [
  ['text_encoder', 'First text encoder, 77 tokens'],
  ['text_encoder_2', 'Second text encoder, 77 tokens'],
  ['vae', 'Decoding 1024x1024'],
];

async function unetRows(arithmetic: Arithmetic): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const pixels of [512, 1024]) {
    const [result] = await measure([{ network: 'unet', arithmetic, pixels, batch: 1 }]);
    if (result === undefined) continue;
    const { sessionSeconds, forwardSeconds } = result;
    if (rows.length === 0) {
      rows.push({ name: `UNet, ${arithmetic}: session start`, value: sessionSeconds, unit: 's', target: '<= 10 s' });
    }
    const name = `UNet, ${arithmetic}: one forward at ${pixels}x${pixels}`;
    rows.push({ name, value: forwardSeconds, unit: 's', note: memoryOf(result) });
  }
  return rows;
}

async function togetherRow(arithmetic: Arithmetic): Promise<Row> {
  const results = await measure([
    { network: 'unet', arithmetic, pixels: 512, batch: 1 },
    { network: 'refiner_unet', arithmetic, pixels: 512, batch: 1 },
    { network: 'vae', arithmetic, pixels: 1024, batch: 1 },
  ]);
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
async function measure(all: readonly FullSizeOptions[]): Promise<readonly FullSizeResult[]> {
  const program = ['--import', 'tsx', join(import.meta.dirname, 'full-size.ts'), JSON.stringify(all)];
  const { stdout } = await promisify(execFile)(process.execPath, program, { maxBuffer: 2 ** 26 });
  return z.array(resultSchema).parse(JSON.parse(stdout.slice(stdout.indexOf('['))));
}
