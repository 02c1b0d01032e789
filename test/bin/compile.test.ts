import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FROM_SOURCE } from '../../tools/from-source-options.ts';
import { easel } from '../bot/cli/easel.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-compile-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('compiled code', () => {
  it('leaves nothing in the shared temporary folder and reads nothing of it, the engine included', async () => {
    const shared = join(folder, 'shared');
    await mkdir(shared);
    const drawn = await easel(['imagine', 'a cat', '--steps', '2', '--out', join(folder, 'cat.png')], {
      cwd: folder,
      env: { TMPDIR: shared },
    });
    expect(drawn.exitCode, drawn.stderr).toBe(0);
    expect((await readdir(shared)).filter((name) => name.startsWith('tsx'))).toEqual([]);
  });
});

it('has lines of the sources in what its engine tells of a fault', async () => {
  const told: string[] = [];
  const script = `import { startEngine } from './bot/engine/start-engine.ts';
    startEngine({ provider: 'none' }).probe().catch(() => {});`;
  const child = spawn(process.execPath, [...FROM_SOURCE, '--input-type=module', '-e', script]);
  child.stderr.on('data', (chunk) => told.push(String(chunk)));
  await once(child, 'close');
  expect(told.join('')).toMatch(/inference\/engine\/main\.ts:\d+/);
});

describe('another copy of Easel', () => {
  let copy: string;
  const run = (...parts: string[]) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      execFile(process.execPath, [join(copy, 'bin/easel.js'), ...parts], (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
      });
    });
  beforeAll(async () => {
    copy = join(folder, 'copy');
    await mkdir(copy);
    for (const part of ['bin', 'bot', 'commands', 'config', 'inference', 'package.json']) {
      await cp(part, join(copy, part), { recursive: true });
    }
    await symlink(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
  });

  it('compiles itself where nobody has, once', async () => {
    expect(await run('--version')).toMatchObject({ code: 0 });
    const stamp = await readFile(join(copy, 'dist/sources.sha256'), 'utf8');
    await writeFile(join(copy, 'dist/easel.js'), 'console.log("as compiled before");\n');
    expect((await run('--version')).output).toBe('as compiled before\n');
    expect(await readFile(join(copy, 'dist/sources.sha256'), 'utf8')).toBe(stamp);
  });

  it('never runs code of before an edit', async () => {
    const words = join(copy, 'bot/cli/models.ts');
    await writeFile(
      words,
      (await readFile(words, 'utf8')).replace(/\.description\('[^']*'\)/, ".description('Edited')"),
    );
    expect((await run('--help')).output).toMatch(/models .*Edited/);
  });

  it('names lines of the sources where it breaks', async () => {
    await appendFile(join(copy, 'bot/cli/main.ts'), "\nsetImmediate(() => {\n  throw new Error('broken');\n});\n");
    expect((await run('--version')).output).toMatch(/bot\/cli\/main\.ts:\d+/);
  });

  it('says in one line what to do where it cannot be compiled', async () => {
    await rm(join(copy, 'dist'), { recursive: true });
    await writeFile(join(copy, 'dist'), '');
    const { code, output } = await run('--version');
    expect(code).toBe(1);
    expect(output).toMatch(/^easel: .* has to be compiled, which failed \(.*\): run `npm ci` there\.\n$/);
  });
});
