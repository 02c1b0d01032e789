import { randomInt } from 'node:crypto';
import { buildRecipe } from '../../commands/build-recipe.ts';
import { drawWork } from '../../commands/draw-work.ts';
import type { Engine, EngineResult, ModelDescription, ModelSource } from '../../commands/engine.ts';
import { workRecipes } from '../../commands/job.ts';
import { en } from '../../commands/locale/en.ts';
import { type Canvas, extended, panned, zoomedOut } from '../../commands/outpaint.ts';
import { recipeOptions } from '../../commands/parameters/index.ts';
import { parseOptions } from '../../commands/parse-options.ts';
import { noteLines } from '../../commands/picture-note.ts';
import { zoomOut } from '../../commands/pictures/zoom-out.ts';
import { parseLoraList } from '../../commands/prompt/lora-tags.ts';
import { resolvePrompts } from '../../commands/prompt/resolve-prompts.ts';
import { type Recipe, recipeId } from '../../commands/recipe.ts';
import { UserError } from '../../commands/request.ts';
import { loadConfig } from '../../config/index.ts';
import { withLabel } from '../delivery/picture-label.ts';
import type { ExtraShelf } from '../extras/extra-shelf.ts';
import { embeddingSources, withLoras } from '../extras/extra-sources.ts';
import { chooseModel } from '../models/choose-model.ts';
import { modelsOf } from '../models/find-models.ts';
import { withEngine } from './engine.ts';
import { type ImagineFlags, imagineOptions } from './imagine.ts';
import { interruptible } from './interruption.ts';
import { planOutput, writeOutput } from './output-files.ts';
import { progressDisplay } from './progress-display.ts';
import { openLibrary } from './prompt-library.ts';
import { readStartPicture, type StartPicture } from './start-picture.ts';
import { print, printJson } from './terminal.ts';

/** One drawn picture and where it lies. */
interface Drawn {
  readonly file: string;
  readonly recipe: Recipe;
  readonly result: EngineResult;
}

/** Draws what the flags say, writes the files and tells what was made. Rejects with one clear line's worth of error. */
export async function runImagine(
  given: string,
  flags: ImagineFlags & Readonly<Record<string, unknown>>,
): Promise<void> {
  const begun = performance.now();
  const config = loadConfig();
  const { prompt } = parseOptions({ prompt: recipeOptions.prompt }, { prompt: given });
  const wishes = parseOptions(imagineOptions, optionsAmong(flags));
  const start = await readStartPicture(flags);
  const zoom = parseOptions(zoomOut.options, { factor: flags.zoomOut }).factor;
  const count = wishes.count ?? 1;
  const seed = wishes.seed ?? randomInt(2 ** 32);
  const output = await planOutput(flags.out, { prompt, seed, count, folder: process.cwd() });
  const model = chooseModel(flags, await modelsOf(config));
  const drawn = await interruptible((signal) =>
    withEngine({ ...config, ...(flags.provider && { provider: flags.provider }) }, async (engine) => {
      const description = await engine.describe(model);
      const { prompt2, negative, negative2, lora, ...rest } = wishes;
      const typed = [prompt, prompt2, negative, negative2, lora].join('\n');
      const named = { name: description.name, source: model };
      const { library, shelf } = await openLibrary(config, engine, named, typed);
      // As in chat, where the refiner is a button; whoever names one wants it.
      const { refine = flags.refiner === undefined ? 'off' : 'auto' } = wishes;
      const built = buildRecipe({ ...rest, refine, prompt: '', init: start?.init }, description, seed);
      const canvas = canvasOf(built, zoom, flags.pan);
      const recipe = canvas === null ? built : extendedStart(built, canvas, description, wishes.strength);
      const loras = parseLoraList(lora ?? '', en);
      const texts = { prompt, prompt2, negative, negative2 };
      const pictures = await resolvePrompts({ texts, count, seed, loras, usualLoras: [] }, library, en);
      const recipes = workRecipes(drawWork(recipe, pictures));
      return drawAll({
        engine,
        model,
        shelf,
        recipes,
        start,
        signal,
        write: async (index, bytes) =>
          writeOutput({ ...output, count: recipes.length }, index, await shownPicture(bytes, config.pictureLabel)),
      });
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  if (flags.json === true) printJson(report(drawn, seconds));
  else print(lines(drawn, seconds));
}

/** Commander names a flag `guidance-rescale` by `guidanceRescale`. */
function optionsAmong(flags: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const camelCase = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.keys(imagineOptions).map((name) => [name, flags[camelCase(name)]]));
}

async function drawAll(work: {
  readonly engine: Engine;
  readonly model: ModelSource;
  readonly shelf: ExtraShelf;
  readonly recipes: readonly Recipe[];
  readonly start: StartPicture | undefined;
  readonly signal: AbortSignal;
  readonly write: (index: number, bytes: Uint8Array) => Promise<string>;
}): Promise<readonly Drawn[]> {
  const { engine, model, shelf, recipes, start, signal, write } = work;
  const display = progressDisplay(process.stderr, recipes.length);
  // One that fails ends the others: what is drawn by then stays, whole.
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  try {
    return await Promise.all(
      recipes.map(async (recipe, index) => {
        const task = {
          kind: 'draw',
          model: await withLoras(model, recipe, shelf),
          recipe,
          handoffAt: null,
          ...start?.files,
          embeddings: await embeddingSources(recipe, shelf),
        } as const;
        const result = await engine.run(task, {
          signal: either,
          onProgress: (progress) => display.update(index, progress),
        });
        return { file: await write(index, result.picture), recipe, result };
      }),
    );
  } catch (error) {
    failure.abort(error);
    throw error;
  } finally {
    display.stop();
  }
}

/** Where the start picture lies, where it is to be extended. */
function canvasOf(recipe: Recipe, zoom: number | undefined, side: ImagineFlags['pan']): Canvas | null {
  if (zoom !== undefined && side !== undefined) throw new UserError('invalid', 'Give --zoom-out or --pan, not both.');
  if (zoom !== undefined) return zoomedOut(recipe, zoom);
  return side === undefined ? null : panned(recipe, side);
}

function extendedStart(recipe: Recipe, canvas: Canvas, model: ModelDescription, strength: number | undefined): Recipe {
  if (recipe.init !== undefined) return extended(recipe, recipe.init.picture, canvas, model, strength);
  throw new UserError('no_picture', '--zoom-out and --pan need a picture to extend: name it with --init.');
}

function shownPicture(bytes: Uint8Array, label: string | undefined): Promise<Uint8Array> {
  return label === undefined ? Promise.resolve(bytes) : withLabel(bytes, label);
}

/** What `--json` prints: the recipe of the request, and of each file its own with what it took. */
function report(drawn: readonly Drawn[], seconds: number) {
  return {
    recipe: drawn[0]?.recipe,
    seconds: rounded(seconds),
    files: drawn.map(({ file, recipe, result }) => ({
      file,
      recipeId: recipeId(recipe),
      prompt: recipe.prompt,
      seed: recipe.seed,
      width: result.width,
      height: result.height,
      computeSeconds: rounded(result.computeSeconds),
      timings: result.timings,
      notes: noteLines([result], en),
    })),
  };
}

function lines(drawn: readonly Drawn[], seconds: number): string {
  const results = drawn.map(({ result }) => result);
  const prompts = new Set(drawn.map(({ recipe }) => recipe.prompt));
  const files = drawn.map(({ file, recipe }) =>
    [
      file,
      ...(prompts.size > 1 ? [recipe.prompt] : []),
      `${recipe.width}x${recipe.height}`,
      `${recipe.steps} steps`,
      `seed ${recipe.seed}`,
      recipeId(recipe),
    ].join(' · '),
  );
  return `${[...noteLines(results, en), ...files, `${seconds.toFixed(1)} s`].join('\n')}\n`;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
