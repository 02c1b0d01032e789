import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { easel } from './easel.ts';

const MINI = fileURLToPath(new URL('../../../models/mini/base', import.meta.url));

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'easel-cli-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

test('help and version are quick answers with code 0', async () => {
  const help = await easel(['--help'], { cwd });
  expect(help).toMatchObject({ exitCode: 0, stderr: '' });
  for (const name of ['imagine', 'serve', 'worker', 'doctor', 'inspect', 'models'])
    expect(help.stdout).toContain(`  ${name}`);
  expect(await easel(['--version'], { cwd })).toEqual({ exitCode: 0, stdout: '0.1.0\n', stderr: '' });
  expect(await easel(['paint'], { cwd })).toMatchObject({ exitCode: 2, stderr: "easel: unknown command 'paint'\n" });
});

test('imagine names every option', async () => {
  const { stdout } = await easel(['imagine', '--help'], { cwd });
  const flags =
    'negative size aspect steps guidance guidance-rescale sampler seed count refine fast init strength model refiner provider out json';
  for (const flag of flags.split(' ')) expect(stdout).toMatch(new RegExp(`^ {2}--${flag}\\b[^\\n]* {2,}\\S`, 'm'));
});

describe('inspect', () => {
  test('a checkpoint, for people and as JSON', async () => {
    const { exitCode, stdout } = await easel(['inspect', MINI], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('is an SDXL base checkpoint.');
    expect(stdout).toMatch(/^unet +16,467,268 +31\.4 MiB +F16$/m);
    const json = await easel(['inspect', MINI, '--json'], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'base', parameters: 19_153_051, nativeSize: 256 });
  });

  test.each([
    ['truncated.safetensors', Buffer.from([16, 0, 0, 0, 0, 0, 0, 0, 123])],
    ['hostile.safetensors', Buffer.alloc(64, 0xff)],
    ['pickle.ckpt', Buffer.from('\x80\x02}q\x00.', 'latin1')],
  ])('%s is one line and code 1', async (name, bytes) => {
    await writeFile(join(cwd, name), bytes);
    const { exitCode, stdout, stderr } = await easel(['inspect', name], { cwd });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^easel: [^\\n]*${name}[^\\n]*\\n$`));
  });
});

test('models lists what is configured; what cannot be opened is told, with code 1', async () => {
  expect(await easel(['models'], { cwd })).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(
      /^mini +SDXL, epsilon, with refiner +[0-9a-f]{10} +[\d.]+ MiB +MIT +256x256, euler, 20 steps.* everyone +\//m,
    ),
  });
  const models = JSON.stringify([
    { name: 'mini', base: MINI },
    { name: 'gone', base: '/nowhere' },
  ]);
  const LORA_DIR = await mkdtemp(join(cwd, 'loras-'));
  const broken = join(LORA_DIR, 'broken.safetensors');
  await writeFile(broken, 'no tensors');
  const UPSCALERS = JSON.stringify([{ name: 'torn', file: broken }]);
  const { exitCode, stdout } = await easel(['models'], { cwd, env: { MODELS: models, LORA_DIR, UPSCALERS } });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^mini +SDXL, epsilon .*\ngone is refused: \/nowhere: /m);
  for (const left of ['LoRA broken', 'upscaler torn']) {
    expect(stdout).toContain(`The ${left} cannot be used: ${broken}: not a safetensors file`);
  }
});

describe('doctor', () => {
  test('a fresh machine is ready, and hears what more there is', async () => {
    const { exitCode, stdout } = await easel(['doctor'], { cwd, env: { PORT: '0' } });
    expect(exitCode).toBe(0);
    for (const line of [
      /^ok +Node +\d+/m,
      /^ok +Provider cpu +works \(chosen\)/m,
      /^ok +Model mini /m,
      /^off +Discord /m,
    ]) {
      expect(stdout).toMatch(line);
    }
    expect(stdout).toContain('Discord: set DISCORD_TOKEN');
    expect(stdout).toContain('Easel is ready: npm start');
  });

  test('what is missing is named with what mends it, and the code is 1', async () => {
    const server = await listen();
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const env = {
      PORT: port,
      DATABASE_URL: 'postgres://easel:hunter22@127.0.0.1:1/easel',
      REDIS_URL: 'redis://127.0.0.1:1',
      MODELS: JSON.stringify([{ name: 'gone', base: '/nowhere' }]),
    };
    const { exitCode, stdout, stderr } = await easel(['doctor'], { cwd, env });
    server.close();
    expect(exitCode).toBe(1);
    for (const name of ['Model gone', 'Store', 'Queue', 'Page']) {
      expect(stdout).toMatch(new RegExp(`^MISSING +${name} `, 'm'));
      expect(stdout).toMatch(new RegExp(`^ {2}${name}: `, 'm'));
    }
    expect(stdout).not.toContain('Easel is ready');
    expect(stdout + stderr).not.toContain('hunter22');
  });
});

async function listen(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
