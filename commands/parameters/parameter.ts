import type { z } from 'zod';
import type { ModelDescription } from '../engine.ts';
import type { Messages } from '../locale/index.ts';
import type { OptionDefinition, OptionDefinitions, OptionValues } from '../options.ts';

/** A line of a recipe as people read it. The label is English, which `Messages.describe` translates. */
export type Row = readonly [label: string, value: string | number | undefined];

/** Settings of an infotext by the names that they have there; undefined: left out. */
export type Settings = Readonly<Record<string, string | number | undefined>>;

/** The settings of an infotext that is being read. */
export interface SettingsReader {
  text(name: string): string | undefined;
  number(name: string): number | undefined;
  json(name: string): unknown;
}

/** What a parameter is chosen from, beside what the person said. */
export interface Choice<Slice> {
  /** An earlier recipe, whose values come before the model's. */
  readonly start: Slice | undefined;
  readonly model: ModelDescription;
  readonly seed: number;
  /** Whether the picture begins with another one. */
  readonly drawsFromPicture: boolean;
  readonly messages: Messages;
}

/** A default that members and guilds may set: its label, the option that sets it, and the schema it is stored under. */
export interface Preference {
  readonly label: string;
  readonly option: OptionDefinition;
  readonly schema: z.ZodType;
}

/** The part of a recipe that these schemas describe. */
export type SliceOf<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape, z.core.$strict>>;

/**
 * Everything that Easel knows of one parameter of a picture. The recipe's schema, the options of `/imagine` and of the
 * command line, the edit form, the infotext both ways, the recipe as people read it, the defaults that may be set and what
 * is left of a recipe when its author is forgotten are made from the list of them in `index.ts`. What is absent does not
 * apply to the parameter.
 */
export interface Parameter<
  Shape extends z.ZodRawShape,
  Options extends OptionDefinitions,
  Advanced extends OptionDefinitions,
  Preferences extends Readonly<Record<string, Preference>>,
> {
  /** The recipe's keys that belong to it. */
  readonly shape: Shape;
  /** The options that say it, by name. */
  readonly options?: Options;
  /** Those that few people need: they are listed last. */
  readonly advancedOptions?: Advanced;
  readonly preferences?: Preferences;
  /** Throws a `UserError` of one line. Absent: `buildRecipe` chooses, because it depends on other parameters. */
  readonly choose?: (
    given: Partial<OptionValues<Options & Advanced>>,
    choice: Choice<SliceOf<Shape>>,
  ) => SliceOf<Shape>;
  /** What takes its place when the author is forgotten. Absent: it stays, because it says nothing about a person. */
  readonly blank?: SliceOf<Shape>;
  readonly write: (slice: SliceOf<Shape>) => Settings;
  /** `recipeSchema` judges what this returns. */
  readonly read: (settings: SettingsReader) => Readonly<Record<string, unknown>>;
  readonly describe?: (slice: SliceOf<Shape>, messages: Messages) => readonly Row[];
  /** How it is typed after a command; null: it need not be, because it is as usual. */
  readonly typed?: (slice: SliceOf<Shape>) => string | null;
}

/** Ties a parameter's functions to its own keys and options. */
export function defineParameter<
  const Shape extends z.ZodRawShape,
  const Options extends OptionDefinitions = Readonly<Record<never, never>>,
  const Advanced extends OptionDefinitions = Readonly<Record<never, never>>,
  const Preferences extends Readonly<Record<string, Preference>> = Readonly<Record<never, never>>,
>(parameter: Parameter<Shape, Options, Advanced, Preferences>): Parameter<Shape, Options, Advanced, Preferences> {
  return parameter;
}
