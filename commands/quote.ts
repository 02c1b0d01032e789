import type { EngineResult } from './engine.ts';
import { pictureCount, type Work } from './job.ts';
import { composedPrompts } from './prompt/encoded-texts.ts';
import type { Recipe } from './recipe.ts';

/** What of the making of a picture is measured apart. `coding` is the autoencoder's work, at either end. */
export type RatedStage = 'drawing' | 'refining' | 'coding' | 'upscaling';

/** Seconds that a unit takes somebody: a model, or what enlarges. Measured at one size, and good near it. */
export interface Rate {
  readonly by: string;
  readonly stage: RatedStage;
  /**
   * Of all that is computed together, about (see `sizeClass`): of several pictures, with and without the prompt. The more
   * that is, the less a unit takes.
   */
  readonly pixels: number;
  readonly secondsPerUnit: number;
}

/** A part of a piece of work. */
type Effort = Omit<Rate, 'secondsPerUnit'> & { readonly units: number };

/** The area that one unit of work is about, 256x256 pixels: of one pass of a UNet, or of one coding or enlarging. */
const UNIT_PIXELS = 256 * 256;
/** How far the refiner goes over a picture that kept no latent for it; a latent says where it begins. */
const REFINED_AFTERWARDS = 0.3;

/** Windows that share a quarter of their sides cover a picture about so many times. */
const WINDOWS = 16 / 9;

/** Seconds a unit where nothing has been measured yet: about a small processor's with the miniature. */
const INITIAL: Readonly<Record<RatedStage, number>> = { drawing: 0.05, refining: 0.03, coding: 0.2, upscaling: 0.5 };

/** Compute seconds that a piece of work will take, by what is known of such work. */
export function priceOf(work: Work, rates: readonly Rate[]): number {
  return effortsOf(work).reduce((sum, effort) => sum + effort.units * rateOf(effort, rates), 0);
}

/** Whose rates a piece of work goes by. */
export function ratedBy({ recipe }: Work): readonly string[] {
  return recipe.upscale === undefined ? [recipe.model.name] : [recipe.model.name, recipe.upscale.method];
}

/** How many steps follow one another in a piece of work; those of its pictures are taken together. */
export function roundsOf(work: Work): number {
  const { drawing, refining } = callsOf(work);
  return Math.max(1, Math.round(drawing + refining));
}

/** How much the newest measurement counts: single outliers hardly move a price, a new machine does within ten jobs. */
const NEWEST = 0.2;

/** The rates that change by one more measurement: what each picture of the work took, in seconds a stage. */
export function measuredRates(
  work: Work,
  pictures: readonly EngineResult['timings'][],
  known: readonly Rate[],
): readonly Rate[] {
  const took = (stage: keyof EngineResult['timings']) =>
    pictures.reduce((sum, timings) => sum + (timings[stage] ?? 0), 0);
  const seconds: Readonly<Record<RatedStage, number>> = {
    drawing: took('drawing'),
    refining: took('refining'),
    coding: took('encoding') + took('decoding'),
    upscaling: took('upscaling'),
  };
  return effortsOf(work).flatMap(({ units, ...effort }): Rate[] => {
    if (seconds[effort.stage] === 0) return [];
    const measured = seconds[effort.stage] / units;
    const same = known.find(
      (rate) => rate.by === effort.by && rate.stage === effort.stage && rate.pixels === effort.pixels,
    );
    const before = same?.secondsPerUnit ?? measured;
    return [{ ...effort, secondsPerUnit: before + NEWEST * (measured - before) }];
  });
}

/** What is known of the nearest size; else what other stages say of this machine; else a guess. */
function rateOf({ by, stage, pixels }: Effort, rates: readonly Rate[]): number {
  const own = rates.filter((rate) => rate.by === by);
  const distance = (rate: Rate): number => Math.abs(Math.log(rate.pixels / pixels));
  const [nearest] = own.filter((rate) => rate.stage === stage).sort((a, b) => distance(a) - distance(b));
  if (nearest !== undefined) return nearest.secondsPerUnit;
  const [other] = own;
  return INITIAL[stage] * (other === undefined ? 1 : other.secondsPerUnit / INITIAL[other.stage]);
}

/** The parts of a piece of work; those that are nothing are left out. */
function effortsOf(work: Work): readonly Effort[] {
  const { recipe } = work;
  const pixels = recipe.width * recipe.height;
  const area = pixels / UNIT_PIXELS;
  // A network enlarges by a factor of its own, whichever is asked for.
  if (work.kind === 'upscale') {
    return [{ by: recipe.upscale?.method ?? '', stage: 'upscaling', pixels: sizeClass(pixels), units: area }];
  }
  const by = recipe.model.name;
  if (work.kind === 'detail') return detailEfforts(work, area);
  const count = pictureCount(work);
  const rows = count * passes(recipe);
  const { drawing, refining } = callsOf(work);
  const codings = recipe.init === undefined || work.kind === 'refine' ? 1 : 2;
  const step = { by, pixels: sizeClass(pixels * rows) };
  const efforts: readonly Effort[] = [
    { ...step, stage: 'drawing', units: area * rows * drawing * computedShare(recipe) },
    { ...step, stage: 'refining', units: area * rows * refining * computedShare(recipe) },
    { by, pixels: sizeClass(pixels * count), stage: 'coding', units: area * count * codings },
  ];
  return efforts.filter(({ units }) => units > 0);
}

/** Enlarging, then picture to picture at that size, through windows of the size that the model knows. */
function detailEfforts(work: Work, area: number): readonly Effort[] {
  const { recipe } = work;
  const { factor = 1, method = '' } = recipe.upscale ?? {};
  const by = recipe.model.name;
  const [pixels, large] = [area * UNIT_PIXELS, area * factor ** 2];
  const rows = passes(recipe);
  return [
    { by: method, stage: 'upscaling', pixels: sizeClass(pixels), units: area },
    { by, stage: 'drawing', pixels: sizeClass(pixels * rows), units: large * WINDOWS * callsOf(work).drawing * rows },
    { by, stage: 'coding', pixels: sizeClass(pixels * factor ** 2), units: 2 * large },
  ];
}

/** Sizes a quarter of a doubling apart: as many as there are to tell apart, however many sizes people ask for. */
function sizeClass(pixels: number): number {
  return Math.round(2 ** (Math.round(4 * Math.log2(pixels)) / 4));
}

/** How often one picture's latent is given to the base and to the refiner: a step may take several calls. */
function callsOf({ kind, recipe }: Work): { readonly drawing: number; readonly refining: number } {
  const calls = recipe.steps * (recipe.sampler === 'heun' ? 2 : 1);
  switch (kind) {
    case 'draw': {
      const from = 1 - (recipe.init?.strength ?? 1);
      // A weak picture to picture that begins where the refiner's part does is the base's alone.
      const to = recipe.refine === null || recipe.refine <= from ? 1 : recipe.refine;
      return { drawing: calls * (to - from), refining: calls * (1 - to) };
    }
    case 'refine':
      return { drawing: 0, refining: calls * (recipe.refine === null ? REFINED_AFTERWARDS : 1 - recipe.refine) };
    case 'upscale':
      return { drawing: 0, refining: 0 };
    case 'detail':
      return { drawing: calls * (recipe.upscale?.detail ?? 0), refining: 0 };
    default:
      return kind satisfies never;
  }
}

/** Guidance draws every step twice, with and without the prompt; of prompts that AND joins, with each. */
function passes(recipe: Recipe): number {
  const parts = composedPrompts(recipe.prompt, recipe).length;
  return recipe.guidance > 1 || parts > 1 ? 1 + parts : 1;
}

/** What a pass of the finest level alone takes of a whole one, about, and the share of the steps that are always whole. */
const FINEST_LEVEL = 0.25;
const WHOLE_STEPS = 0.25;

/** The share of its passes' work that is computed; see `Recipe.deepEvery`. */
function computedShare({ deepEvery = 1 }: Recipe): number {
  return WHOLE_STEPS + (1 - WHOLE_STEPS) * (1 / deepEvery + (1 - 1 / deepEvery) * FINEST_LEVEL);
}
