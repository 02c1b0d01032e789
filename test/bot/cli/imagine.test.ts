import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DRAWER } from '../../../bot/engine/start-engine.ts';
import { parseInfotext } from '../../../commands/infotext.ts';
import { readPngText } from '../../../commands/png-text.ts';
import { pictureRecipe, recipeId, recipeSchema } from '../../../commands/recipe.ts';
import { isMarkedAsAi } from '../../ai-mark.ts';
import { writeEmbeddingOf, writeLora } from '../../made-up-extras.ts';
import { easel, told } from './easel.ts';

const run = promisify(execFile);
const QUICK = ['--steps', '3', '--size', '64x64', '--refine', 'off'];

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'easel-cli-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const pictures = async (): Promise<string[]> => (await readdir(cwd)).filter((name) => !name.startsWith('.')).sort();

test('draws into a file that carries its recipe, and tells what it made', async () => {
  const { exitCode, stdout, stderr } = await easel(
    ['imagine', 'a cat in the snow', '--seed', '7', '--out', 'cat.png', '--steps', '4', '--size', '64x96'],
    { cwd },
  );
  expect({ exitCode, stderr: stderr.split('\n').slice(0, 2) }).toEqual({
    exitCode: 0,
    stderr: ['loading', 'encoding'],
  });
  expect(stdout).toContain(join(cwd, 'cat.png'));
  expect(stdout).toContain('64x96 · 4 steps · seed 7');
  const bytes = await readFile(join(cwd, 'cat.png'));
  expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 64, height: 96 });
  const recipe = parseInfotext(readPngText(bytes, 'parameters') ?? '');
  expect(recipe).toMatchObject({ prompt: 'a cat in the snow', seed: 7, steps: 4, refine: null });
  expect(stdout).toContain(recipe && recipeId(recipe));
});

test('LoRAs, embeddings, wildcards and permutations, from the folders beside the data', async () => {
  const own = join(cwd, '.named');
  await writeLora(join(own, '.easel/loras/swirl.safetensors'), { seed: 5, size: 0.3 });
  await writeEmbeddingOf(join(own, '.easel/embeddings/cosy.safetensors'), 'a cat');
  await mkdir(join(own, '.easel/wildcards'), { recursive: true });
  await writeFile(join(own, '.easel/wildcards/animal.txt'), 'a cat\n');
  const prompt = '{a cat|cosy|__animal__|a cat <lora:swirl:0.8>} in the snow';
  const { stdout, exitCode } = await easel(['imagine', prompt, '--seed', '7', '--json', ...QUICK], { cwd: own });
  expect(exitCode).toBe(0);
  const files: { file: string; prompt: string }[] = JSON.parse(stdout).files;
  expect(files.map((file) => file.prompt)).toEqual([
    'a cat in the snow',
    'cosy in the snow',
    'a cat in the snow',
    'a cat in the snow',
  ]);
  const [plain, embedded, picked, adapted] = await Promise.all(files.map(({ file }) => sharp(file).raw().toBuffer()));
  expect(embedded).toEqual(plain);
  expect(picked).toEqual(plain);
  expect(adapted).not.toEqual(plain);
  const recipe = parseInfotext(readPngText(await readFile(files[3]?.file ?? ''), 'parameters') ?? '');
  expect(recipe?.loras).toEqual([{ name: 'swirl', hash: expect.stringMatching(/^[0-9a-f]{64}$/), weight: 0.8 }]);

  const unknown = await easel(['imagine', 'a cat <lora:swril>', ...QUICK], { cwd: own });
  expect(unknown.stderr).toContain('There is no LoRA "swril" for this model; did you mean swirl?');
});

test('several as JSON: nothing else on standard output, seeds count up, names are never taken twice', async () => {
  const again = () => easel(['imagine', 'Two cats!', '--seed', '9', '--count', '2', '--json', ...QUICK], { cwd });
  const [first, second] = [await again(), await again()];
  expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
  const report = JSON.parse(first.stdout);
  const recipe = recipeSchema.parse(report.recipe);
  expect(report.files).toMatchObject([
    { file: join(cwd, 'two-cats-9-1.png'), seed: 9, width: 64, height: 64, recipeId: recipeId(recipe) },
    { file: join(cwd, 'two-cats-9-2.png'), seed: 10, recipeId: recipeId(pictureRecipe(recipe, 1)) },
  ]);
  expect(report.files[0].timings).toHaveProperty('drawing');
  const names = JSON.parse(second.stdout).files.map(({ file }: { file: string }) => file);
  expect(names).toEqual([join(cwd, 'two-cats-9-1-2.png'), join(cwd, 'two-cats-9-2-2.png')]);
  // Drawn side by side or apart, a seed gives its picture.
  const [a, b] = await Promise.all(
    ['two-cats-9-1.png', 'two-cats-9-1-2.png'].map((name) => sharp(join(cwd, name)).raw().toBuffer()),
  );
  expect(a).toEqual(b);
});

test('from a picture, whose shape chooses the size', async () => {
  const init = await sharp({ create: { width: 300, height: 150, channels: 3, background: '#4080c0' } })
    .jpeg()
    .toBuffer();
  await writeFile(join(cwd, 'start.jpg'), init);
  const { exitCode, stdout } = await easel(
    ['imagine', 'a lake', '--init', 'start.jpg', '--strength', '0.5', '--steps', '4', '--seed', '1', '--json'],
    { cwd, env: { PICTURE_LABEL: 'AI' } },
  );
  expect(exitCode).toBe(0);
  const { recipe, files } = JSON.parse(stdout);
  expect(recipe).toMatchObject({ init: { strength: 0.5 }, refine: null });
  const delivered = await readFile(files[0].file);
  expect(await isMarkedAsAi(delivered)).toBe(true);
  expect(parseInfotext(readPngText(delivered, 'parameters') ?? '')).toEqual(recipe);
  expect(recipe.width).toBeGreaterThan(recipe.height * 1.4);
});

describe('what cannot be is one line and code 2, before anything is loaded', () => {
  test.each<[string, string[], string]>([
    ['no prompt', [], "missing required argument 'prompt'"],
    ['an empty prompt', [''], 'prompt is missing: What to draw, in words'],
    [
      'a prompt of 5,000 characters',
      ['x'.repeat(5000)],
      'prompt: 5,000 characters is not possible; it takes text of at most 4,000 characters.',
    ],
    ['an unknown option', ['a', '--colour'], "unknown option '--colour'"],
    ['a missing file', ['a', '--init', 'no.png'], '--init no.png cannot be read: there is no such file or folder.'],
  ])('%s', async (_name, flags, line) => {
    const before = await pictures();
    expect(await easel(['imagine', ...flags], { cwd })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `easel: ${line}\n`,
    });
    expect(await pictures()).toEqual(before);
  });

  test('what only the model can tell is a line too', async () => {
    const { exitCode, stderr } = await easel(['imagine', 'a cat', '--size', '250x250'], { cwd });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr:
        'easel: size: 250x250 is not possible; each side is a multiple of 8 from 64 to 512, and the nearest is 248x248.\n',
    });
  });
});

describe('what ends it early', () => {
  const long = ['imagine', 'a cat', '--steps', '200', '--out', 'never.png'];

  test('Ctrl-C: code 130, no half file, no process left', async () => {
    const before = await pictures();
    let engine: number | undefined;
    const { exitCode, stderr } = await easel(long, {
      cwd,
      onStart: async (child) => {
        await told(child, 'drawing');
        engine = await drawerOf(child.pid);
        child.kill('SIGINT');
      },
    });
    expect(exitCode).toBe(130);
    expect(stderr).not.toContain('easel:');
    expect(await pictures()).toEqual(before);
    expect(() => process.kill(engine ?? 0, 0)).toThrow('ESRCH');
  });

  test('the engine is killed: one line and code 1', async () => {
    const before = await pictures();
    const { exitCode, stderr } = await easel(long, {
      cwd,
      onStart: async (child) => {
        await told(child, 'drawing');
        process.kill(await drawerOf(child.pid), 'SIGKILL');
      },
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/\neasel: The engine process was ended by SIGKILL before the picture was finished\.\n$/);
    expect(await pictures()).toEqual(before);
  });

  test('wrong settings: a line for each', async () => {
    const env = { PORT: 'seven', THREADS: '-1' };
    const { exitCode, stderr } = await easel(['imagine', 'a cat'], { cwd, env });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^easel: PORT [^\n]*\neasel: THREADS [^\n]*\n$/);
  });
});

/** The engine that draws; the other one reads files. */
async function drawerOf(parent: number | undefined): Promise<number> {
  const { stdout } = await run('ps', ['-ww', '-o', 'pid=,args=', '--ppid', String(parent)]);
  const line = stdout.split('\n').find((process) => process.endsWith(` ${DRAWER}`));
  return Number(line?.trim().split(' ')[0]);
}
