import type { ContentRule } from '../../commands/content.ts';
import {
  type Engine,
  EngineError,
  type EngineProgress,
  type EngineResult,
  type EngineTask,
  type ModelSource,
} from '../../commands/engine.ts';
import type { BlobKey, PictureId } from '../../commands/ids.ts';
import { type Job, workRecipes } from '../../commands/job.ts';
import type { Recipe } from '../../commands/recipe.ts';
import { LANCZOS } from '../../commands/upscale-methods.ts';
import type { Blobs } from '../blobs/blobs.ts';
import type { ExtraShelf } from '../extras/extra-shelf.ts';
import { embeddingSources, withLoras } from '../extras/extra-sources.ts';
import type { UpscalerShelf } from '../extras/upscaler-shelf.ts';
import type { FinishedPicture, Store } from '../store/store.ts';
import { inSpan } from '../tracing/spans.ts';
import { judge } from './content.ts';

export interface MakingParts {
  readonly engine: Engine;
  readonly blobs: Pick<Blobs, 'get' | 'put'>;
  readonly store: {
    readonly pictures: Pick<Store['pictures'], 'find'>;
    readonly settings: Pick<Store['settings'], 'of'>;
  };
  /** What the operator demands by the labels of the picture classifier. */
  readonly contentRules: readonly ContentRule[];
  /** By name: where a model lies here, and from which share of the steps its refiner could take over (null: it has none). */
  readonly models: ReadonlyMap<string, ServedModel>;
  /** Where the operator's own networks that enlarge lie here. */
  readonly upscalers: Pick<UpscalerShelf, 'find'>;
  /** Where the LoRAs and embeddings of a recipe lie here. */
  readonly extras: Pick<ExtraShelf, 'find'>;
  readonly deadlineSeconds: number;
  /** Not side by side: what ran out of memory then needs as little of it as can be. */
  readonly oneByOne?: boolean;
  /** Hears that the engine is done with the whole job; the bytes of its last picture are yet to be stored. */
  readonly onDrawn?: () => void;
}

export interface ServedModel {
  readonly source: ModelSource;
  readonly handoffAt: number | null;
}

/** How far a refine goes over a picture that has no hand-off latent: far enough to sharpen, not to redraw. */
const REFINE_STRENGTH = 0.3;

export interface MadePictures {
  readonly pictures: readonly FinishedPicture[];
  /** Without the loading of a model: that is nobody's picture. */
  readonly computeSeconds: number;
  /** Whether the check of their content wants them covered. */
  readonly spoiler: boolean;
}

/**
 * Makes all pictures of a job, by default side by side, and stores their bytes. Rejects with an EngineError (a
 * MissingFileError where another worker may have what is needed), or with a RefusedPictureError where one may not be
 * delivered; what is stored by then is found again by its content when the job is tried again.
 */
export async function makePictures(
  job: Job,
  parts: MakingParts,
  signal: AbortSignal,
  onProgress: (index: number, progress: EngineProgress) => void,
): Promise<MadePictures> {
  const { engine, blobs, deadlineSeconds, oneByOne = false, onDrawn } = parts;
  const tasks = await tasksOf(job, parts);
  let left = tasks.length;
  // One that fails stops the others: half a job would be charged for nothing.
  const stop = new AbortController();
  const makeOne = async (task: EngineTask, index: number) => {
    try {
      const result = await inSpan('engine', { attributes: { 'easel.index': index } }, async (span) => {
        const made = await engine.run(task, {
          signal: AbortSignal.any([signal, stop.signal]),
          deadlineSeconds,
          onProgress: (progress) => onProgress(index, progress),
        });
        for (const [stage, seconds] of Object.entries(made.timings))
          span.setAttribute(`easel.seconds.${stage}`, seconds);
        return made;
      });
      left -= 1;
      if (left === 0) onDrawn?.();
      const { spoiler, notes } = await judge(job, result.labels ?? [], parts);
      return { ...(await keep(index, { ...result, notes: [...result.notes, ...notes] }, blobs)), spoiler };
    } catch (error) {
      stop.abort();
      throw error;
    }
  };
  const made: Awaited<ReturnType<typeof makeOne>>[] = [];
  if (oneByOne) for (const [index, task] of tasks.entries()) made.push(await makeOne(task, index));
  else made.push(...(await Promise.all(tasks.map(makeOne))));
  return {
    pictures: made.map(({ picture }) => picture),
    computeSeconds: made.reduce((sum, { computeSeconds }) => sum + computeSeconds, 0),
    spoiler: made.some(({ spoiler }) => spoiler),
  };
}

async function tasksOf(
  { work }: Job,
  { blobs, store, models, upscalers, extras }: MakingParts,
): Promise<readonly EngineTask[]> {
  const { recipe } = work;
  switch (work.kind) {
    case 'draw': {
      const { source: model, handoffAt } = requireServed(recipe.model.name, models);
      const start = await startOf(recipe, blobs);
      return Promise.all(
        workRecipes(work).map(async (own) => ({
          kind: 'draw' as const,
          model: await withLoras(model, own, extras),
          recipe: own,
          handoffAt,
          ...start,
          embeddings: await embeddingSources(own, extras),
        })),
      );
    }
    case 'refine': {
      const { source: model } = requireServed(recipe.model.name, models);
      const source = await sourceOf(work.source, store);
      const from =
        source.handoff === null
          ? { picture: await blobs.get(source.blob), strength: REFINE_STRENGTH }
          : { handoff: await blobs.get(source.handoff) };
      const start = await startOf(recipe, blobs);
      return [{ kind: 'refine', model, recipe, from, ...start, embeddings: await embeddingSources(recipe, extras) }];
    }
    case 'upscale': {
      const source = await sourceOf(work.source, store);
      const upscaler = upscalers.find(recipe.upscale?.method ?? LANCZOS);
      return [{ kind: 'upscale', recipe, picture: await blobs.get(source.blob), ...(upscaler && { upscaler }) }];
    }
    case 'detail': {
      const { source: model } = requireServed(recipe.model.name, models);
      const source = await sourceOf(work.source, store);
      const upscaler = upscalers.find(recipe.upscale?.method ?? LANCZOS);
      return [
        {
          kind: 'upscale',
          model: await withLoras(model, recipe, extras),
          recipe,
          picture: await blobs.get(source.blob),
          ...(upscaler && { upscaler }),
          embeddings: await embeddingSources(recipe, extras),
        },
      ];
    }
    default:
      return work satisfies never;
  }
}

function requireServed(name: string, models: MakingParts['models']): ServedModel {
  const model = models.get(name);
  if (model !== undefined) return model;
  throw new EngineError('invalid', `The model ${name} is not served any more: choose another one.`);
}

/** The pictures that a recipe starts from. */
async function startOf(
  { init, mask }: Recipe,
  blobs: MakingParts['blobs'],
): Promise<{ init?: Uint8Array; mask?: Uint8Array }> {
  return {
    ...(init && { init: await blobs.get(init.picture) }),
    ...(mask && { mask: await blobs.get(mask) }),
  };
}

async function sourceOf(
  id: PictureId,
  { pictures }: MakingParts['store'],
): Promise<{ blob: BlobKey; handoff: BlobKey | null }> {
  const picture = await pictures.find(id);
  if (picture === null) throw new EngineError('invalid', 'The picture that this starts from has been deleted.');
  return picture;
}

async function keep(index: number, result: EngineResult, blobs: MakingParts['blobs']) {
  const { picture, handoff, width, height, notes, arithmetic, timings } = result;
  const computeSeconds = Math.max(0, result.computeSeconds - (timings.loading ?? 0));
  const stored: FinishedPicture = {
    index,
    blob: await blobs.put(picture),
    handoff: handoff === null ? null : await blobs.put(handoff),
    width,
    height,
    notes,
    ...(arithmetic && { arithmetic }),
    timings,
  };
  return { picture: stored, computeSeconds };
}
