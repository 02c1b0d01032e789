import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_HEADER_BYTES } from '../../../inference/checkpoint/safetensors-header.ts';
import { FROM_SOURCE } from '../../../tools/from-source-options.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-header-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Repeats a text with a counter up to the longest header that is read at all. */
function fill(start: string, repeated: (index: number) => string, end: string): string {
  const parts = [start];
  let length = start.length + end.length;
  for (let index = 0; ; index++) {
    const part = repeated(index);
    if (length + part.length > MAX_HEADER_BYTES) return parts.join('') + end;
    parts.push(part);
    length += part.length;
  }
}

test.each([
  ['keys', fill('{"_":0', (index) => `,"${index.toString(36)}":0`, '}')],
  [
    'tensors without bytes',
    fill(
      '{"_":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}',
      (index) => `,"${index.toString(36)}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`,
      '}',
    ),
  ],
  ['dimensions', fill('{"a":{"dtype":"U8","shape":[0', () => ',1', '],"data_offsets":[0,0]}}')],
  ['lists', fill('{"a":{"b":[0', () => ',0', ']}}')],
  ['brackets', fill('{"a":', () => '[', '')],
])('the longest header of nothing but %s is read or refused in half a gigabyte', async (_, json) => {
  const path = join(folder, 'hostile.safetensors');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  await writeFile(path, Buffer.concat([length, Buffer.from(json)]));
  const script = `
    import { readSafetensorsHeader } from './inference/checkpoint/safetensors.ts';
    import { CheckpointError } from './inference/checkpoint/errors.ts';
    try { console.log('read', (await readSafetensorsHeader(${JSON.stringify(path)})).tensors.size); }
    catch (error) { if (!(error instanceof CheckpointError)) throw error; console.log('refused'); }`;
  const options = ['--max-old-space-size=512', ...FROM_SOURCE, '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  expect(stdout).toMatch(/^(read \d+|refused)\n$/);
});
