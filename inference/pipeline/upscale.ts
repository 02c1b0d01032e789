import { fileURLToPath } from 'node:url';
import { EngineError, type EngineResult, type EngineTask } from '../../commands/engine.ts';
import type { Recipe } from '../../commands/recipe.ts';
import { BUNDLED_UPSCALER, LANCZOS } from '../../commands/upscale-methods.ts';
import { decodePicture, sizeOfPicture } from '../image/decode.ts';
import { encodePng } from '../image/png.ts';
import { recipeTexts } from '../image/recipe-texts.ts';
import { upscaleLanczos } from '../image/upscale.ts';
import { addDetail } from './detail.ts';
import { requireFinite } from './finite.ts';
import { LATENT_FACTOR } from './latents.ts';
import { Progress } from './progress.ts';
import type { TaskContext } from './task.ts';
import { type PictureUpscaler, UPSCALER_CELL } from './upscaler.ts';

type UpscaleTask = Extract<EngineTask, { kind: 'upscale' }>;

/** The networks that come with Easel, by the method's name. */
const BUNDLED: ReadonlyMap<string, string> = new Map([
  [BUNDLED_UPSCALER, fileURLToPath(new URL('../../models/upscaler/model.safetensors', import.meta.url))],
]);

/** What a network may make of a picture: in float32 this takes 1.2 GB, once for the network and once for the file. */
const MAX_PIXELS = 100_000_000;

/** Enlarges a finished picture as its recipe's `upscale` says: by Lanczos' filter or a network, and with detail drawn into it. */
export async function upscale(task: UpscaleTask, context: TaskContext): Promise<EngineResult> {
  const { recipe } = task;
  const progress = new Progress(context);
  if (recipe.upscale === undefined) throw new EngineError('invalid', 'The recipe does not say how much to enlarge.');
  const enlarged = await enlarge(task, recipe.upscale, context, progress);
  const { detail } = recipe.upscale;
  const finished = detail === undefined ? enlarged : await detailed(task, enlarged, detail, context, progress);
  return { ...finished, handoff: null, ...progress.account() };
}

type Enlarged = Pick<EngineResult, 'picture' | 'width' | 'height'>;

async function enlarge(
  task: UpscaleTask,
  { factor, method }: NonNullable<Recipe['upscale']>,
  context: TaskContext,
  progress: Progress,
): Promise<Enlarged> {
  const { recipe, picture } = task;
  if (method === LANCZOS) {
    return progress.during('upscaling', () => upscaleLanczos(picture, factor, recipeTexts(recipe)));
  }
  const path = task.upscaler ?? BUNDLED.get(method);
  if (path === undefined) {
    const known = [LANCZOS, ...BUNDLED.keys()].join(', ');
    throw new EngineError('invalid', `The method ${JSON.stringify(method)} is not known here; known: ${known}.`);
  }
  return context.library.withUpscaler(path, (network) => enlargeByNetwork(task, network, factor, context, progress));
}

async function enlargeByNetwork(
  { recipe, picture }: UpscaleTask,
  network: PictureUpscaler,
  factor: number,
  context: TaskContext,
  progress: Progress,
): Promise<Enlarged> {
  await progress.during('loading', () => network.load());
  const { width, height } = await sizeOfPicture(picture);
  if (width * height * network.scale ** 2 > MAX_PIXELS) {
    throw new EngineError('invalid', `A picture of ${width}x${height} is too large for this method: use lanczos.`);
  }
  const inCells = (length: number): number => Math.ceil(length / UPSCALER_CELL) * UPSCALER_CELL;
  const small = await decodePicture(picture, { width: inCells(width), height: inCells(height) });
  const large = await network.enlarge(small, (tile) => {
    context.signal.throwIfAborted();
    return progress.alone('upscaling', tile);
  });
  const size = { width: width * factor, height: height * factor };
  return { picture: await encodePng(requireFinite(large), recipeTexts(recipe), size), ...size };
}

/** The enlarged picture drawn over; its sides are cut to what a latent can have. */
async function detailed(
  { recipe, model, embeddings = [] }: UpscaleTask,
  enlarged: Enlarged,
  strength: number,
  context: TaskContext,
  progress: Progress,
): Promise<Enlarged> {
  if (model === undefined) throw new EngineError('invalid', 'Drawing detail needs a model: name one.');
  const inLatents = (side: number): number => Math.floor(side / LATENT_FACTOR) * LATENT_FACTOR;
  const size = { width: inLatents(enlarged.width), height: inLatents(enlarged.height) };
  const large = await decodePicture(enlarged.picture, size);
  const drawn = await addDetail(large, strength, { model, embeddings, recipe, context, progress });
  return { picture: await encodePng(drawn.picture, recipeTexts(recipe, drawn.arithmetic)), ...size };
}
