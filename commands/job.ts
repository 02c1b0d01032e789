import { z } from 'zod';
import { ARITHMETICS, type Arithmetic, stages } from './engine.ts';
import { type BlobKey, type JobId, type PictureId, pictureIdSchema, type RecipeId } from './ids.ts';
import type { PictureNote } from './picture-note.ts';
import { MAX_PICTURES, pictureRecipe, pictureTextsSchema, type Recipe, recipeSchema, withTexts } from './recipe.ts';
import type { Origin } from './request.ts';

/** What a job does. `recipe` is that of the first picture that it will make. */
export const workSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('draw'),
    recipe: recipeSchema,
    /** Of all its pictures. */
    count: z.int().min(1).max(MAX_PICTURES),
    /** One for each picture, where they differ in more than the seed. */
    variants: z.array(pictureTextsSchema).max(MAX_PICTURES).optional(),
    /** What it is to be computed in, so that it comes out as before; absent: whatever a worker has. */
    arithmetic: z.enum(ARITHMETICS).optional(),
  }),
  z.strictObject({
    kind: z.literal('refine'),
    recipe: recipeSchema,
    source: pictureIdSchema,
    arithmetic: z.enum(ARITHMETICS).optional(),
  }),
  z.strictObject({ kind: z.literal('upscale'), recipe: recipeSchema, source: pictureIdSchema }),
  /** Enlarged, then drawn over for more detail. */
  z.strictObject({ kind: z.literal('detail'), recipe: recipeSchema, source: pictureIdSchema }),
]);
export type Work = z.infer<typeof workSchema>;

/** The model that the work cannot be done without, by name; null: none. */
export function modelOf({ kind, recipe }: Work): string | null {
  return kind === 'upscale' ? null : recipe.model.name;
}

/** How many pictures a piece of work makes. */
export function pictureCount(work: Work): number {
  return work.kind === 'draw' ? work.count : 1;
}

/** The recipe of the picture with this index. */
export function workRecipe(work: Work, index: number): Recipe {
  const texts = work.kind === 'draw' ? work.variants?.[index] : undefined;
  return texts === undefined ? pictureRecipe(work.recipe, index) : withTexts(work.recipe, texts);
}

/** The recipes of all its pictures. */
export function workRecipes(work: Work): readonly Recipe[] {
  return Array.from({ length: pictureCount(work) }, (_, index) => workRecipe(work, index));
}

/** A job that ended its worker or the engine this often is taken for the cause, and fails. */
export const MAX_ATTEMPTS = 3;

export type JobStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface JobFailure {
  readonly code: string;
  /** One line, in English unless only whoever asked is told of it; `failureText` has it in their language. */
  readonly message: string;
  /** What it is about: the label of a picture that was held back. */
  readonly name?: string;
  /** One line for the operator, where the person's leaves out what it was. */
  readonly cause?: string;
}

export interface Job {
  readonly id: JobId;
  readonly origin: Origin;
  readonly work: Work;
  readonly status: JobStatus;
  readonly visibility: 'public' | 'private';
  /** Its pictures are hidden until clicked. */
  readonly spoiler: boolean;
  /** How often a worker has begun it. */
  readonly attempts: number;
  /** Compute seconds: reserved when accepted, measured when done. */
  readonly reservedSeconds: number;
  readonly measuredSeconds: number | null;
  readonly failure: JobFailure | null;
  /** The request's `traceparent` (W3C Trace Context), for the spans that follow; null: it is not traced. */
  readonly trace: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export interface Picture {
  readonly id: PictureId;
  readonly job: JobId;
  readonly recipe: Recipe;
  readonly recipeId: RecipeId;
  readonly blob: BlobKey;
  readonly handoff: BlobKey | null;
  /** Its bytes are no longer kept, by the operator's policy; its recipe is. */
  readonly expired: boolean;
  readonly width: number;
  readonly height: number;
  readonly origin: Origin;
  readonly notes: readonly PictureNote[];
  /** What its model was computed in: the same recipe comes out a little otherwise in another arithmetic. Null: not known. */
  readonly arithmetic: Arithmetic | null;
  readonly createdAt: Date;
}

/** `working`: whatever a worker of a newer version does that this one has no name for. */
export const shownStageSchema = z.enum([...stages, 'working']).catch('working');
export type ShownStage = z.infer<typeof shownStageSchema>;

/** What a person sees while waiting: a place in line, then steps and a preview that sharpens. */
export type JobProgress =
  | { readonly job: JobId; readonly state: 'queued'; readonly place: number; readonly expectedSeconds: number }
  | {
      readonly job: JobId;
      readonly state: 'running';
      readonly stage: ShownStage;
      readonly step: number;
      readonly steps: number;
      /** The picture of the job that this is about, from 0. */
      readonly index: number;
      readonly count: number;
      /** A small JPEG. */
      readonly preview?: Uint8Array;
    }
  | { readonly job: JobId; readonly state: 'restarting' }
  | { readonly job: JobId; readonly state: 'finished'; readonly status: 'done' | 'failed' | 'cancelled' };
