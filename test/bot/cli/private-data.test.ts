import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProgram } from '../../browser/program.ts';
import { BrowserPerson } from '../web/browser-person.ts';
import { easel } from './easel.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-private-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Whatever another user of the machine could read or write. */
async function openToOthers(path: string): Promise<readonly string[]> {
  // Postgres' own cache of its catalogue gets its mode from PGlite at each start, below folders that nobody else enters.
  const names = (await readdir(path, { recursive: true })).filter((name) => !name.endsWith('/pg_internal.init'));
  const modes = await Promise.all(
    ['.', ...names].map(async (name) => ({ name, mode: (await stat(join(path, name))).mode })),
  );
  return modes
    .filter(({ mode }) => (mode & 0o077) !== 0)
    .map(({ name, mode }) => `${name} ${(mode & 0o777).toString(8)}`);
}

test('what is kept, drawn and cached is for nobody else of the machine, also where a folder was open before', async () => {
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  await chmod(dataDir, 0o755);
  const settings = { DATA_DIR: dataDir, PUBLIC_URL: 'http://localhost:1' };
  const program = await startProgram(folder, 0, settings);
  expect(program.log.filter((line) => line.includes('the data folder was open'))).toHaveLength(1);
  expect(await openToOthers(dataDir)).toEqual([]);
  expect(await program.stop()).toBe(0);
  expect(await openToOthers(dataDir)).toEqual([]);
  // An earlier version left the store's files writable for everybody.
  await chmod(join(dataDir, 'store/postgres/PG_VERSION'), 0o666);
  await chmod(join(dataDir, 'store/postgres/global/pg_control'), 0o666);
  const again = await startProgram(folder, 0, settings);
  expect(again.log.filter((line) => line.includes('the data folder'))).toEqual([]);
  expect(await again.stop()).toBe(0);
  expect(await openToOthers(dataDir)).toEqual([]);
});

test('a picture that was drawn is for nobody else of the machine', async () => {
  const dataDir = join(folder, 'pictures');
  const program = await startProgram(folder, 0, { DATA_DIR: dataDir });
  const ann = await BrowserPerson.open(program.address);
  await ann.runs('imagine', { prompt: 'a cat', steps: '2' });
  await expect
    .poll(() => [...ann.turns.values()].some(({ answer }) => answer?.kind === 'message'), { timeout: 60_000 })
    .toBe(true);
  await expect
    .poll(() => readdir(join(dataDir, 'blobs')), { timeout: 60_000 })
    .toContainEqual(expect.stringMatching(/^[0-9a-f]{2}$/));
  ann.leave();
  await program.stop();
  expect(await openToOthers(dataDir)).toEqual([]);
});

test('doctor tells of a data folder that others may enter', async () => {
  const dataDir = join(folder, 'wide');
  await mkdir(dataDir);
  await chmod(dataDir, 0o755);
  const { exitCode, stdout } = await easel(['doctor'], { cwd: folder, env: { DATA_DIR: dataDir, PORT: '0' } });
  expect(exitCode).toBe(1);
  expect(stdout).toContain(`chmod 700 ${dataDir}`);
  await chmod(dataDir, 0o700);
  const mended = await easel(['doctor'], { cwd: folder, env: { DATA_DIR: dataDir, PORT: '0' } });
  expect(mended.stdout).not.toContain('chmod');
});

test('a picture from the command line makes a folder for its caches that others may not enter', async () => {
  const env = { DATA_DIR: join(folder, 'drawn'), TMPDIR: join(folder, 'shared') };
  await mkdir(env.TMPDIR);
  const { exitCode } = await easel(['imagine', 'a cat', '--steps', '2', '--out', 'cat.png'], { cwd: folder, env });
  expect(exitCode).toBe(0);
  expect((await stat(env.DATA_DIR)).mode & 0o777).toBe(0o700);
  // No library's either: ONNX Runtime keeps what it tells its makers under fixed names there.
  expect(await readdir(env.TMPDIR)).toEqual([]);
});

async function parentOf(pid: number): Promise<number> {
  return Number(/^PPid:\t(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

test('the engine has no secret in its environment, whosever it is, and finds none in that of its parent', async () => {
  const secrets = {
    HF_TOKEN: 'hf_not-for-the-engine',
    PGPASSWORD: 'not-for-the-engine',
    NODE_AUTH_TOKEN: 'not-for-it',
  };
  const program = await startProgram(folder, 0, { DATA_DIR: join(folder, 'engine'), ...secrets });
  const environment = (await readFile(`/proc/${await program.engineId()}/environ`, 'latin1')).split('\0');
  const parent = await parentOf(await program.engineId());
  const ofParent = (await readFile(`/proc/${parent}/environ`, 'latin1')).split('\0');
  expect(await program.stop()).toBe(0);
  expect(ofParent.filter((entry) => entry.includes('not-for'))).toEqual([]);
  expect(ofParent).toContain(`PATH=${process.env.PATH}`);
  expect(environment).toContain('ORT_DISABLE_TELEMETRY=1');
  expect(environment.filter((entry) => entry.includes('not-for'))).toEqual([]);
});
