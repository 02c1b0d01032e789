import { clipSkip } from './clip-skip.ts';
import { parent, upscale } from './derivation.ts';
import { fast } from './fast.ts';
import { guidance } from './guidance.ts';
import { guidanceRescale } from './guidance-rescale.ts';
import { loras } from './loras.ts';
import { model } from './model.ts';
import { prompts } from './prompts.ts';
import { refine } from './refine.ts';
import { revision } from './revision.ts';
import { sampler } from './sampler.ts';
import { seed } from './seed.ts';
import { size } from './size.ts';
import { startPicture } from './start-picture.ts';
import { steps } from './steps.ts';

/** All parameters of a picture, in the order in which people read them. A new one is a file and a line here. */
export const parameters = [
  prompts,
  loras,
  size,
  seed,
  steps,
  guidance,
  guidanceRescale,
  clipSkip,
  fast,
  sampler,
  refine,
  model,
  startPicture,
  upscale,
  parent,
  revision,
] as const;

type Definition = (typeof parameters)[number];
type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
type Merged<Union> = { readonly [Key in keyof Intersection<Union>]: Intersection<Union>[Key] };
type FacetOf<Each, Facet extends string> =
  Each extends Readonly<Partial<Record<Facet, infer Value>>> ? NonNullable<Value> : never;

/** The recipe's keys and their schemas. */
export const recipeShape: Merged<FacetOf<Definition, 'shape'>> = Object.assign(
  {},
  ...parameters.map(({ shape }) => shape),
);

/** What a person may say of a picture. */
export const recipeOptions: Merged<FacetOf<Definition, 'options'>> = Object.assign(
  {},
  ...parameters.map(({ options }) => options),
);

/** The same, for options that few people need. */
export const advancedOptions: Merged<FacetOf<Definition, 'advancedOptions'>> = Object.assign(
  {},
  ...parameters.map((parameter) => parameter.advancedOptions),
);

/** The defaults that members and guilds may set. */
export const recipePreferences: Merged<FacetOf<Definition, 'preferences'>> = Object.assign(
  {},
  ...parameters.map(({ preferences }) => preferences),
);
