import type { EmbeddingSource, Stage } from '../../commands/engine.ts';
import type { Recipe } from '../../commands/recipe.ts';
import type { ModelCall, Run, Sampler } from '../sampling/sampler.ts';
import { predictPicture } from '../sampling/schedule.ts';
import type { Tensor } from '../tensor.ts';
import { encodePrompts, guidanceOf } from './conditioning.ts';
import { denoise } from './denoise.ts';
import { loadEmbeddings } from './embeddings.ts';
import type { Inpainting } from './inpaint.ts';
import { LATENT_FACTOR } from './latents.ts';
import type { Expert } from './model.ts';
import { createPreviewer } from './preview.ts';
import type { Progress } from './progress.ts';
import type { TaskContext } from './task.ts';
import { throughWindows, windowsOf } from './windows.ts';

export interface ExpertRun {
  readonly expert: Expert;
  readonly stage: Extract<Stage, 'drawing' | 'refining'>;
  readonly recipe: Recipe;
  /** Those of the recipe. */
  readonly embeddings: readonly EmbeddingSource[];
  readonly sampler: Sampler;
  readonly run: Run;
  readonly inpainting: Inpainting | null;
  readonly context: TaskContext;
  readonly progress: Progress;
  readonly onCall?: (call: ModelCall) => void;
}

/** One expert's part of a picture: reads the prompts, takes the steps of the run, and returns the last latent. */
export async function runExpert(part: ExpertRun): Promise<Tensor> {
  const { expert, stage, recipe, embeddings, sampler, run, inpainting, context, progress } = part;
  await progress.during('loading', async () => {
    for (const load of expert.networks.textEncoders) await load();
  });
  const text = await progress.alone('encoding', async () =>
    encodePrompts(expert, recipe, await loadEmbeddings(embeddings, expert.networks.checkpoint)),
  );
  const cutTokens = Math.max(...text.steps.map((step) => step.cutTokens));
  if (cutTokens > 0) progress.note({ code: 'prompt_cut', tokens: cutTokens });
  context.signal.throwIfAborted();
  const unet = await progress.during('loading', () => expert.networks.unet());
  const showPreview = createPreviewer(expert.networks.checkpoint, context, (preview) =>
    progress.preview(stage, preview),
  );
  const { callsPerStep } = sampler.schedule;
  const side = expert.networks.checkpoint.unet.config.sampleSize;
  const windows = exceedsModel(recipe, side) ? windowsOf(run.latent.shape, side, inpainting?.mask ?? null) : null;
  if (windows !== null) progress.splitSteps(windows.count);
  const passDone = (seconds: number): void =>
    progress.stepDone(stage, seconds, 1 / ((windows?.count ?? 1) * callsPerStep));
  const guidance = guidanceOf(expert, text, { ...recipe, ...windows?.size });
  return denoise({
    unet,
    predict: windows === null ? context.predict : throughWindows(context.predict, windows, context.signal, passDone),
    sampler,
    run,
    // Over all steps of the recipe, those included that a start picture leaves out or the other expert takes.
    guidanceAt: (call) => guidance(Math.floor(call / callsPerStep)),
    // Each window would have deep features of its own.
    deepEvery: windows === null ? (recipe.deepEvery ?? 1) : 1,
    inpainting,
    signal: context.signal,
    beforeCall: (call) => part.onCall?.(call),
    afterCall: (call, output, seconds) => {
      const isLast = call.index === run.to - 1;
      const isWholeStep = isLast || (call.index + 1) % callsPerStep === 0;
      if (windows === null) progress.stepDone(stage, seconds, isWholeStep ? 1 : 0);
      showPreview(() => predictPicture(sampler.schedule, call.latent, output, call.index));
    },
  });
}

/** Whether a recipe is one that makes pictures of any size, or larger than a model of this side (in latent values) draws. */
function exceedsModel({ width, height, init, upscale }: Recipe, side: number): boolean {
  const isHuge = width * height > (MAX_WHOLE * side * LATENT_FACTOR) ** 2;
  return isHuge || init?.place !== undefined || upscale?.detail !== undefined;
}

/** Up to so many times its own square along each side a model is let draw a picture as a whole. */
const MAX_WHOLE = 2;
