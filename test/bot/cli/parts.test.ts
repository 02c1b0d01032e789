import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf, InterruptedError } from '../../../bot/cli/failure.ts';
import { checkNode } from '../../../bot/cli/health-checks.ts';
import { bytes } from '../../../bot/cli/inspection-table.ts';
import { interruptible } from '../../../bot/cli/interruption.ts';
import { planOutput, slug, writeOutput } from '../../../bot/cli/output-files.ts';
import { progressDisplay } from '../../../bot/cli/progress-display.ts';
import { table } from '../../../bot/cli/table.ts';
import { chooseModel } from '../../../bot/models/choose-model.ts';
import { EngineError } from '../../../commands/engine.ts';
import { UserError } from '../../../commands/request.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-out-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('where pictures go', () => {
  const naming = () => ({ prompt: 'A cat, in the Snow!', seed: 7, count: 1, folder });
  const one = new Uint8Array([1]);

  test('a made-up name is never one that is there', async () => {
    const plan = await planOutput(undefined, naming());
    const paths = [await writeOutput(plan, 0, one), await writeOutput(plan, 0, new Uint8Array([2]))];
    expect(paths).toEqual(['a-cat-in-the-snow-7.png', 'a-cat-in-the-snow-7-2.png'].map((name) => join(folder, name)));
    expect(await readFile(paths[0] ?? '')).toEqual(Buffer.from(one));
  });

  test('a given name is written over, whole', async () => {
    await writeFile(join(folder, 'cat.PNG'), 'old');
    await writeFile(join(folder, 'cat.png'), 'old');
    const plan = await planOutput('cat.png', naming());
    expect(await writeOutput(plan, 0, one)).toBe(join(folder, 'cat.png'));
    expect(await readFile(join(folder, 'cat.png'))).toEqual(Buffer.from(one));
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('several are numbered', async () => {
    const plan = await planOutput('cat.png', { ...naming(), count: 2 });
    expect(await writeOutput(plan, 1, one)).toBe(join(folder, 'cat-2.png'));
  });

  test('what cannot be written is told before anything is drawn', async () => {
    await mkdir(join(folder, 'a.png'));
    await expect(planOutput('a.png', naming())).rejects.toThrow('--out a.png is a folder; give a file.');
    await expect(planOutput('b', naming())).rejects.toThrow('must end in .png');
    await expect(planOutput('no/b.png', naming())).rejects.toThrow(
      `Pictures cannot be written to ${join(folder, 'no')}: there is no such file or folder.`,
    );
  });

  test('a write that fails leaves nothing', async () => {
    const plan = await planOutput('cat.png', naming());
    await mkdir(join(folder, 'cat.png'));
    await expect(writeOutput(plan, 0, one)).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['cat.png']);
  });

  test('any prompt makes a file name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (prompt) => {
        expect(slug(prompt)).toMatch(/^[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,46}[\p{L}\p{N}])?$/u);
      }),
      { numRuns: 50 },
    );
    expect(slug('../../etc/passwd')).toBe('etc-passwd');
    expect(slug('🐈')).toBe('picture');
  });
});

test('how each error ends the program', () => {
  expect(failureOf(new UserError('a', 'Wrong size.'))).toEqual({ exitCode: 2, line: 'Wrong size.' });
  expect(failureOf(new EngineError('invalid', 'No refiner.'))).toEqual({ exitCode: 2, line: 'No refiner.' });
  expect(failureOf(new EngineError('checkpoint', 'x: no.'))).toEqual({ exitCode: 1, line: 'x: no.' });
  expect(failureOf(new InterruptedError())).toEqual({ exitCode: 130, line: null });
  expect(failureOf(new Error('one\nat two'))).toEqual({ exitCode: 1, line: 'one' });
  expect(failureOf('thrown')).toEqual({ exitCode: 1, line: 'thrown' });
});

test('work that a signal ends rejects as interrupted, whatever it makes of it', async () => {
  const listeners = process.listenerCount('SIGINT');
  const work = interruptible(async (signal) => {
    process.emit('SIGINT');
    if (signal.aborted) throw new EngineError('cancelled', 'Cancelled.');
  });
  await expect(work).rejects.toBeInstanceOf(InterruptedError);
  await expect(interruptible(async () => 7)).resolves.toBe(7);
  expect(process.listenerCount('SIGINT')).toBe(listeners);
});

describe('the model', () => {
  const models = [{ name: 'mini', base: '/b', refiner: '/r' }];
  test('flags come before the configuration, and a named base brings no refiner', () => {
    expect(chooseModel({}, models)).toEqual({ base: '/b', refiner: '/r' });
    expect(chooseModel({ refiner: folder }, models)).toEqual({ base: '/b', refiner: folder });
    expect(chooseModel({ model: folder }, models)).toEqual({ base: folder, refiner: null });
    expect(chooseModel({ model: folder, refiner: folder }, models)).toEqual({ base: folder, refiner: folder });
    expect(chooseModel({ model: 'mini' }, models)).toEqual({ base: '/b', refiner: '/r' });
    expect(chooseModel({ vae: folder, prediction: 'v_prediction' }, models)).toEqual({
      ...{ base: '/b', refiner: '/r', vae: folder },
      predictionType: 'v_prediction',
    });
    expect(() => chooseModel({ model: '/nowhere' }, models)).toThrow(
      '--model /nowhere: there is no such file or folder, and no model of that name; there are: mini.',
    );
    expect(() => chooseModel({ refiner: '/nowhere' }, models)).toThrow('--refiner /nowhere: there is no such');
  });
});

test('progress in a log: a line a stage and a line a quarter, over all pictures', () => {
  let log = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  const stream = Object.assign(sink, { isTTY: false }) as unknown as NodeJS.WriteStream;
  const display = progressDisplay(stream, 2);
  display.update(0, { stage: 'loading', step: 0, steps: 0 });
  for (let step = 1; step <= 4; step++) {
    for (const index of [0, 1]) display.update(index, { stage: 'drawing', step, steps: 4 });
  }
  display.update(0, { stage: 'decoding', step: 4, steps: 4 });
  display.stop();
  expect(log.trim().split('\n')).toEqual([
    'loading',
    'drawing: 1/8 steps',
    'drawing: 2/8 steps',
    'drawing: 4/8 steps',
    'drawing: 6/8 steps',
    'drawing: 8/8 steps',
    'decoding',
  ]);
});

test('a table is aligned, and a stranger’s file cannot paint the terminal', () => {
  expect(table([['a', 'bb', 'c'], ['aaa', '\x1b[31mb\n'], []])).toBe('a    bb       c\naaa   [31mb\n');
  expect(table([])).toBe('');
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [5_135_149_760, '4.8 GiB'],
  [2 ** 60, '1048576.0 TiB'],
])('%d bytes are %s', (size, text) => {
  expect(bytes(size)).toBe(text);
});

test.each([
  ['20.19.0', 'ok'],
  ['22.1.0', 'ok'],
  ['20.18.9', 'missing'],
  ['18.20.0', 'missing'],
])('Node %s is %s', (version, status) => {
  expect(checkNode(version).status).toBe(status);
});
