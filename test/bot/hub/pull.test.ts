import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseWish } from '../../../bot/cli/run-pull.ts';
import { chooseFiles } from '../../../bot/hub/choose-files.ts';
import type { HubRepository } from '../../../bot/hub/hub.ts';
import { type PullWish, pull } from '../../../bot/hub/pull.ts';
import { sortIn } from '../../../bot/hub/sort-in.ts';
import { startFakeHub } from '../../fakes/hub.ts';

const weights = (seed: number) => Uint8Array.from({ length: 300_000 }, (_, index) => (index * seed) % 251);
const wish = (repository: string, changes: Partial<PullWish> = {}): PullWish => ({
  ...{ repository, file: undefined, revision: 'main', variant: 'fp16' },
  ...changes,
});
const BIN = fileURLToPath(new URL('../../../bin/easel.js', import.meta.url));
/** Where a request for bytes began. */
const startOf = ({ range }: { range: string | undefined }) => Number(/\d+/.exec(range ?? '0')?.[0]);

describe('a pull', () => {
  let hub: Awaited<ReturnType<typeof startFakeHub>>;
  let folder: string;
  beforeAll(async () => {
    hub = await startFakeHub();
    hub.add('people/one', { 'one.safetensors': weights(7), 'README.md': '# One' }, { licence: 'mit' });
    hub.add('people/two', { 'a.safetensors': weights(2), 'b/c.safetensors': weights(3) });
    hub.add('people/secret', { 'one.safetensors': weights(7) }, { token: 'hf_right', gated: true });
    hub.add('people/sdxl', {
      'model_index.json': '{}',
      'scheduler/scheduler_config.json': '{"a": 1}',
      'unet/config.json': '{}',
      'unet/diffusion_pytorch_model.safetensors': weights(3),
      'unet/diffusion_pytorch_model.fp16.safetensors': weights(5),
      'unet/model.onnx': weights(2),
      'vae/config.json': '{}',
      'vae/diffusion_pytorch_model.safetensors': weights(11),
      'tokenizer/vocab.json': '{}',
      'sd_xl_base_1.0.safetensors': weights(13),
    });
  });
  afterAll(() => hub.close());
  beforeEach(async () => {
    hub.requests.length = 0;
    folder = await mkdtemp(join(tmpdir(), 'easel-pull-'));
    return () => rm(folder, { recursive: true });
  });
  const run = (what: PullWish, options: Partial<Parameters<typeof pull>[3]> & { token?: string } = {}) => {
    const { token, signal = new AbortController().signal, onBytes = () => {}, alsoIn = [] } = options;
    return pull(what, folder, { endpoint: hub.url, token }, { signal, onBytes, alsoIn });
  };
  const isWhole = async (path: string) => (await readFile(path)).equals(weights(7));

  it.each(['../../../../victim.safetensors', '/etc/victim.safetensors', 'a/../../b.safetensors', 'a//b.safetensors'])(
    'knows no file that a hub calls %s',
    async (name) => {
      hub.add('people/hostile', { [name]: weights(7) });
      await expect(run(wish('people/hostile'))).rejects.toThrow('has no model as .safetensors');
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('brings the only file there is, with its licence beside it, and leaves nothing else behind', async () => {
    const { path, licence } = await run(wish('people/one'));
    expect(path).toBe(join(folder, 'one.safetensors'));
    expect(await isWhole(path)).toBe(true);
    expect(licence).toBe('mit');
    expect(JSON.parse(await readFile(join(folder, 'one.easel.json'), 'utf8'))).toEqual({ licence: 'mit' });
    expect(await readdir(join(folder, '.pull'))).toEqual([]);
    await expect(run(wish('people/one'))).rejects.toThrow('is there already');
  });

  it('brings of a pipeline what Easel needs, in the precision that is preferred', async () => {
    const { path } = await run(wish('people/sdxl'));
    const files = (await readdir(path, { recursive: true })).filter((name) => /\.\w+$/.test(name));
    expect(files.sort()).toEqual([
      'model_index.json',
      'scheduler/scheduler_config.json',
      'tokenizer/vocab.json',
      'unet/config.json',
      'unet/diffusion_pytorch_model.fp16.safetensors',
      'vae/config.json',
      'vae/diffusion_pytorch_model.safetensors',
    ]);
  });

  it('goes on where a cut connection stopped, waits as long as it is told, and tries again', async () => {
    hub.fail(
      'one.safetensors',
      { kind: 'status', status: 429, retryAfter: 0 },
      { kind: 'cut', after: 100_000 },
      { kind: 'status', status: 503, retryAfter: 0 },
      { kind: 'cut', after: 50_000 },
    );
    expect(await isWhole((await run(wish('people/one'))).path)).toBe(true);
    const starts = hub.requests.map(startOf);
    expect(starts).toHaveLength(5);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts.at(-1)).toBeGreaterThan(0);
  });

  it('begins anew where the server sends the whole file again', async () => {
    hub.fail('one.safetensors', { kind: 'cut', after: 100_000 }, { kind: 'no-range' });
    expect(await isWhole((await run(wish('people/one'))).path)).toBe(true);
  });

  it('takes no wrong bytes: it fetches them again, and the second time it fails with nothing there', async () => {
    hub.fail('one.safetensors', { kind: 'damaged' });
    expect(await isWhole((await run(wish('people/one'))).path)).toBe(true);
    hub.fail('scheduler/scheduler_config.json', { kind: 'damaged' }, { kind: 'damaged' });
    await expect(run(wish('people/sdxl'))).rejects.toThrow('scheduler_config.json: what came twice is not');
    const visible = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    expect(visible).toEqual(['one.easel.json', 'one.safetensors']);
  });

  it('stops when it is told, and goes on from there when it is run again', async () => {
    const stop = new AbortController();
    hub.fail('one.safetensors', { kind: 'stall', after: 200_000 });
    const onBytes = () => setTimeout(() => stop.abort(new Error('stopped')), 200);
    await expect(run(wish('people/one'), { signal: stop.signal, onBytes })).rejects.toThrow('stopped');
    await expect(stat(join(folder, 'one.safetensors'))).rejects.toThrow();
    expect(await isWhole((await run(wish('people/one'))).path)).toBe(true);
    expect(startOf(hub.requests.at(-1)!)).toBeGreaterThan(0);
  });

  // A limit on the size of files stops a write in the midst of a piece, as a full disk does.
  it.skipIf(process.platform === 'win32')('says so where no more can be written, and goes on from there', async () => {
    const env = { PATH: process.env.PATH, HF_ENDPOINT: hub.url, MODEL_DIR: folder, DATA_DIR: folder };
    const limited = ['-c', 'ulimit -f 580 && exec "$@"', 'sh', process.execPath, BIN, 'pull', 'people/one'];
    const { code, stderr } = await promisify(execFile)('/bin/sh', limited, { cwd: folder, env }).then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    );
    const line = `easel: ${folder} cannot be written: files may not be so large there. Mend that and pull again: what has come is kept.`;
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(line);
    expect((await readdir(folder)).filter((name) => name.endsWith('.safetensors'))).toEqual([]);
    hub.requests.length = 0;
    expect(await isWhole((await run(wish('people/one'))).path)).toBe(true);
    expect(hub.requests.map(startOf)).toEqual([580 * 512]);
  });

  it('brings nothing that lies in the folder of its kind already', async () => {
    const loras = join(folder, 'loras');
    await mkdir(loras);
    await writeFile(join(loras, 'one.safetensors'), 'mine');
    await expect(run(wish('people/one'), { alsoIn: [loras] })).rejects.toThrow(
      'loras/one.safetensors is there already',
    );
  });

  it('shows its token to the hub, and to no other host', async () => {
    await run(wish('people/secret'), { token: 'hf_right' });
    expect(hub.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it.each<[string, PullWish, string | RegExp]>([
    ['a gated model', wish('people/secret'), /^people\/secret is gated: accept its terms at http.*set HF_TOKEN/],
    ['several files', wish('people/two'), 'pull people/two/FILE with one of a.safetensors, b/c.safetensors'],
    ['a missing one', wish('people/nobody'), 'people/nobody is not there, or not for this token'],
    ['a missing revision', wish('people/one', { revision: 'v9' }), 'people/one has no revision v9'],
    ['a missing file', wish('people/one', { file: 'x.safetensors' }), 'no file x.safetensors; it has: one.safetensors'],
    ['a pickle', wish('people/one', { file: 'x.ckpt' }), 'x.ckpt is no .safetensors'],
  ])('refuses %s with one clear line', async (_, what, line) => {
    const message = await run(what).catch((error: Error) => error.message);
    expect(message).toMatch(line);
    expect(String(message)).not.toContain('\n');
  });

  it('says so where nobody answers', async () => {
    const nobody = { endpoint: 'http://127.0.0.1:9', token: undefined };
    const options = { signal: new AbortController().signal, onBytes: () => {} };
    await expect(pull(wish('people/one'), folder, nobody, options)).rejects.toThrow('127.0.0.1:9 does not answer');
  });
});

describe('what goes with a model', () => {
  it.each([
    ['on the same disk', tmpdir()],
    ['on another disk', '/dev/shm'],
  ])('goes to the folder of its kind, %s', async (_, to) => {
    const from = await mkdtemp(join(tmpdir(), 'easel-pull-'));
    const place = await mkdtemp(join(to, 'easel-pull-')).catch(() => mkdtemp(join(tmpdir(), 'easel-pull-')));
    await writeFile(join(from, 'one.safetensors'), weights(7));
    await writeFile(join(from, 'one.easel.json'), '{}');
    expect(await sortIn(join(from, 'one.safetensors'), join(place, 'loras'))).toBe(
      join(place, 'loras', 'one.safetensors'),
    );
    expect(await readdir(from)).toEqual([]);
    expect(await readdir(join(place, 'loras'))).toEqual(['one.safetensors']);
    expect((await readFile(join(place, 'loras', 'one.safetensors'))).equals(weights(7))).toBe(true);
    await Promise.all([from, place].map((made) => rm(made, { recursive: true })));
  });
});

describe('the files of a pipeline', () => {
  const chosen = (variant: string | null, ...paths: string[]) => {
    const repository: HubRepository = {
      name: 'people/sdxl',
      commit: '0'.repeat(40),
      licence: null,
      files: ['model_index.json', ...paths].map((path) => ({
        path,
        bytes: 1,
        checksum: { kind: 'git-sha1', hex: '0'.repeat(40) },
      })),
    };
    return chooseFiles(repository, undefined, variant).files.map(({ path }) => path);
  };
  const stem = 'unet/diffusion_pytorch_model';

  it('may be in shards, of one precision', () => {
    const full = [`${stem}.safetensors.index.json`, `${stem}-00001-of-00002.safetensors`];
    const half = [`${stem}.safetensors.index.fp16.json`, `${stem}.fp16-00001-of-00001.safetensors`];
    expect(chosen('fp16', ...full, ...half)).toEqual(['model_index.json', ...half]);
    expect(chosen('fp16', ...full)).toEqual(['model_index.json', ...full]);
    expect(chosen(null, ...full, ...half)).toEqual(['model_index.json', ...full]);
  });

  it('are refused where they are pickles only', () => {
    expect(() => chosen(null, `${stem}.bin`)).toThrow('it has pickles only, which Easel never opens');
  });
});

describe('what is to be pulled', () => {
  const flags = { revision: 'main', variant: 'fp16' };
  it.each([
    ['a/b', { repository: 'a/b', file: undefined, revision: 'main' }],
    ['a/b/c/d.safetensors', { repository: 'a/b', file: 'c/d.safetensors', revision: 'main' }],
    ['https://hub.test/a/b', { repository: 'a/b', file: undefined, revision: 'main' }],
    [
      'https://hub.test/a/b/resolve/v2/c%20d.safetensors',
      { repository: 'a/b', file: 'c d.safetensors', revision: 'v2' },
    ],
  ])('is said by %s', (said, expected) => {
    expect(parseWish(said, flags)).toMatchObject(expected);
  });

  it.each(['', 'a', '../b', 'a/..', 'a/b/../../x.safetensors', 'a b/c'])('is not said by "%s"', (said) => {
    expect(() => parseWish(said, flags)).toThrow(/is no (repository|file)/);
  });
});
