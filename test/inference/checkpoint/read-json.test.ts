import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readJson } from '../../../inference/checkpoint/read-json.ts';

const folder = await mkdtemp(join(tmpdir(), 'easel-read-json-'));
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string): Promise<unknown> {
  const path = join(folder, 'file.json');
  await writeFile(path, text);
  return readJson(path);
}

it("reads the infinities of Python's json as null, and no string as a number", async () => {
  const text = '{"lambda_min_clipped": -Infinity, "limits": [Infinity, NaN], "name": "-Infinity \\"NaN\\" \\\\"}';
  expect(await read(text)).toEqual({ lambda_min_clipped: null, limits: [null, null], name: '-Infinity "NaN" \\' });
});

it.each(['', '{', '{"a": Infinite}', '{"a": "open}', '{"a": 1,}'])('refuses %j', async (text) => {
  await expect(read(text)).rejects.toThrow(/file\.json: is not sound JSON/);
});

it('takes time in proportion to the length of a text that never ends its strings', async () => {
  // Quadratic, this would be some hours.
  await expect(read(`"${'\\"'.repeat(2_000_000)}`)).rejects.toThrow(/is not sound JSON/);
  await expect(read('"\\'.repeat(2_000_000))).rejects.toThrow(/is not sound JSON/);
});
