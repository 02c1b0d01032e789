import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashModel } from '../../../inference/checkpoint/hash.ts';
import { encodeSafetensors } from '../../../inference/checkpoint/safetensors.ts';

let folder = '';
let cache = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-hash-'));
  cache = join(folder, 'cache', 'hashes.json');
  file = join(folder, 'lora.safetensors');
  await writeFile(file, encodeSafetensors({ a: { shape: [1], data: Float32Array.of(1) } }));
});
afterEach(() => rm(folder, { recursive: true }));

test('a file’s hash is its SHA-256', async () => {
  const expected = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  expect(await hashModel(file, cache)).toBe(expected);
  expect(await hashModel(file, cache)).toBe(expected);
});

test('the cache is believed until the file changes', async () => {
  await hashModel(file, cache);
  const remembered = JSON.parse(await readFile(cache, 'utf8'));
  remembered[file].sha256 = 'ab'.repeat(32);
  await writeFile(cache, JSON.stringify(remembered));
  expect(await hashModel(file, cache)).toBe('ab'.repeat(32));
  await utimes(file, 1, 1);
  expect(await hashModel(file, cache)).not.toBe('ab'.repeat(32));
});

test('a damaged cache is none', async () => {
  const expected = await hashModel(file, cache);
  for (const damage of ['', '{', '{"a":1}', 'null']) {
    await writeFile(cache, damage);
    expect(await hashModel(file, cache)).toBe(expected);
  }
});

test('a folder’s hash depends on its weights and not on its place', async () => {
  const copy = join(folder, 'copy');
  await cp('models/mini/base', copy, { recursive: true });
  const original = await hashModel('models/mini/base', cache);
  expect(await hashModel(copy, cache)).toBe(original);
  expect(await hashModel('models/mini/refiner', cache)).not.toBe(original);
  const vae = join(copy, 'vae', 'diffusion_pytorch_model.safetensors');
  const bytes = await readFile(vae);
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  await writeFile(vae, bytes);
  expect(await hashModel(copy, cache)).not.toBe(original);
});

test('a missing model is an error that names it', async () => {
  await expect(hashModel(join(folder, 'none'), cache)).rejects.toThrow(/none: there is no such file/);
});

test('files that are hashed at once all stay in the cache, and none is in the way of another', async () => {
  const files = Array.from({ length: 8 }, (_, index) => join(folder, `${index}.safetensors`));
  for (const [index, path] of files.entries()) await writeFile(path, Buffer.alloc(1000 * (8 - index)));
  await Promise.all(files.map((path) => hashModel(path, cache)));
  expect(Object.keys(JSON.parse(await readFile(cache, 'utf8'))).sort()).toEqual(files);
  expect(await readdir(join(folder, 'cache'))).toEqual(['hashes.json']);
});

test('a cache that cannot be written costs only time', async () => {
  const blocked = join(file, 'hashes.json');
  expect(await hashModel(file, blocked)).toBe(await hashModel(file, cache));
});
