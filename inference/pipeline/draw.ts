import { EngineError, type EngineResult, type EngineTask } from '../../commands/engine.ts';
import { callRange } from '../sampling/range.ts';
import type { CallRange, Sampler } from '../sampling/sampler.ts';
import type { Tensor } from '../tensor.ts';
import { finish } from './finish.ts';
import { encodeHandoff, handoffCall } from './handoff.ts';
import { LATENT_FACTOR } from './latents.ts';
import { partNote } from './part-note.ts';
import { PictureNoise } from './picture-noise.ts';
import { Progress } from './progress.ts';
import { recipeSampler } from './recipe-sampler.ts';
import { refineLatent } from './refine.ts';
import { runExpert } from './run-expert.ts';
import { startOf } from './start.ts';
import { readStart } from './start-picture.ts';
import type { TaskContext } from './task.ts';

type DrawTask = Extract<EngineTask, { kind: 'draw' }>;

/** Text to picture, or picture to picture where the recipe has a start (only under its mask, if any); then the refiner, where the recipe asks for it. */
export async function draw(task: DrawTask, context: TaskContext): Promise<EngineResult> {
  const { recipe, embeddings = [] } = task;
  const progress = new Progress(context);
  const model = await progress.during('loading', () => context.library.open(task.model));
  if (recipe.refine !== null && model.refiner === null) {
    throw new EngineError('invalid', 'This model has no refiner: name one with --refiner, or draw with refine off.');
  }
  const { checkpoint } = model.base.networks;
  const { numTrainTimesteps } = checkpoint.scheduler;
  const sampler = recipeSampler(recipe, checkpoint.scheduler);
  const shape = [1, checkpoint.unet.config.inChannels, recipe.height / LATENT_FACTOR, recipe.width / LATENT_FACTOR];
  const noise = new PictureNoise(recipe.seed, shape);

  const strength = recipe.init?.strength;
  const whole = callRange(
    sampler.schedule,
    recipe.steps,
    numTrainTimesteps,
    strength === undefined ? {} : { strength },
  );
  const turnOver = recipe.refine ?? task.handoffAt;
  const handoffIndex = turnOver === null ? whole.to : handoffCall(sampler.schedule, numTrainTimesteps, turnOver);
  // A weak picture to picture may begin where the refiner's part does: then the base draws it alone.
  const isRefined = recipe.refine !== null && handoffIndex > whole.from && handoffIndex < whole.to;
  const range: CallRange = isRefined ? { from: whole.from, to: handoffIndex } : whole;
  progress.expectSteps(stepsOf(sampler, whole));

  const startPicture = await readStart(recipe, task);
  const partial = await partNote(recipe, startPicture, task.init);
  if (partial !== null) progress.note(partial);
  const { latent: start, inpainting } = await progress.alone('encoding', () =>
    startOf(recipe, startPicture, model.base.networks, sampler.schedule, range.from, noise),
  );
  let handoff: Uint8Array | null = null;
  const keepHandoff = (latent: Tensor): void => {
    if (turnOver !== null) handoff = encodeHandoff({ latent, draws: noise.draws, at: turnOver, inpainting });
  };
  const drawn = await runExpert({
    expert: model.base,
    stage: 'drawing',
    recipe,
    embeddings,
    sampler,
    run: { ...range, latent: start, noise: noise.next },
    inpainting,
    context,
    progress,
    onCall: (call) => {
      if (!isRefined && call.index === handoffIndex && call.index > range.from) keepHandoff(call.latent);
    },
  });
  if (isRefined) keepHandoff(drawn);
  const refiner = isRefined ? model.refiner : null;
  const latent =
    refiner !== null && recipe.refine !== null
      ? await refineLatent({
          expert: refiner,
          recipe,
          embeddings,
          range: { start: recipe.refine },
          latent: drawn,
          noise,
          inpainting,
          context,
          progress,
        })
      : drawn;
  return finish({ expert: refiner ?? model.base, latent, start: startPicture, recipe, handoff, context, progress });
}

function stepsOf({ schedule }: Sampler, { from, to }: CallRange): number {
  return Math.ceil((to - from) / schedule.callsPerStep);
}
