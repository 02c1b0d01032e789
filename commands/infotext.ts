import { parameters } from './parameters/index.ts';
import type { Settings, SettingsReader } from './parameters/parameter.ts';
import { type Recipe, recipeId, recipeSchema } from './recipe.ts';

/*
 * A recipe as the text that Stable Diffusion WebUI (A1111), which calls it infotext, writes into its PNGs, so that other
 * programs read it:
 *
 *     the prompt, any number of lines
 *     Negative prompt: any number of lines
 *     Steps: 20, Sampler: euler, CFG scale: 5, Seed: 7, Size: 256x256, Model hash: ..., Model: ...
 *
 * The last line is always the settings. Easel adds settings of its own, so that the text holds the whole recipe.
 */

const NEGATIVE = '\nNegative prompt: ';

/** The web UI's settings come first, as other programs expect them. */
const leading = ['Steps', 'Sampler', 'CFG scale', 'Seed', 'Size', 'Model hash', 'Model'];

/** Writes a recipe as an infotext; `parseInfotext` reads it back whole. */
export function formatInfotext(recipe: Recipe): string {
  const { prompt, negative } = recipe;
  const body = negative === undefined ? prompt : `${prompt}${NEGATIVE}${negative}`;
  const isAmbiguous = splitBody(body, undefined).prompt !== prompt;
  const written: Settings = Object.assign({}, ...parameters.map((parameter) => parameter.write(recipe)));
  const settings: Settings = {
    ...Object.fromEntries(leading.map((name) => [name, written[name]])),
    ...written,
    'Prompt length': isAmbiguous ? prompt.length : undefined,
    'Easel recipe': recipeId(recipe),
  };
  const line = Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${quote(String(value))}`)
    .join(', ');
  return `${body}\n${line}`;
}

/** Reads a recipe back; null where the text is another program's, or damaged. */
export function parseInfotext(text: string): Recipe | null {
  const lineStart = text.lastIndexOf('\n');
  const settings = parseSettings(text.slice(lineStart + 1));
  if (lineStart === -1 || settings === null) return null;
  const reader = readerOf(settings);
  const parsed = recipeSchema.safeParse(
    withoutUndefined(
      Object.assign(
        splitBody(text.slice(0, lineStart), reader.number('Prompt length')),
        ...parameters.map((parameter) => parameter.read(reader)),
      ),
    ),
  );
  return parsed.success ? parsed.data : null;
}

function readerOf(settings: ReadonlyMap<string, string>): SettingsReader {
  return {
    text: (name) => settings.get(name),
    number: (name) => {
      const value = settings.get(name);
      return value === undefined || value === '' ? undefined : Number(value);
    },
    json: (name) => {
      const value = settings.get(name);
      // What is no JSON is damaged, and not absent.
      return value === undefined ? undefined : (parseJson(value) ?? null);
    },
  };
}
/** Where the negative prompt begins is told by its heading, or by the prompt's length where a prompt has that heading too. */
function splitBody(body: string, promptLength: number | undefined): { prompt: string; negative?: string } {
  const end = promptLength ?? body.indexOf(NEGATIVE);
  if (end === -1 || !body.startsWith(NEGATIVE, end)) return { prompt: body };
  return { prompt: body.slice(0, end), negative: body.slice(end + NEGATIVE.length) };
}

/** As A1111 does: a value that would end early is a JSON string. */
function quote(value: string): string {
  return value === '' || /[,:"\n\r]|^\s|\s$/.test(value) ? JSON.stringify(value) : value;
}

/** `Key: value, Key: "quoted, value"`; null where the line is not of this form. */
function parseSettings(line: string): ReadonlyMap<string, string> | null {
  const settings = new Map<string, string>();
  const pattern = /([A-Za-z][\w \-/]{0,60}): ?("(?:[^"\\]|\\.)*"|[^",][^,]*)(?:, ?|$)/y;
  while (pattern.lastIndex < line.length) {
    const match = pattern.exec(line);
    if (!match) return null;
    const [, key = '', value = ''] = match;
    const text = value.startsWith('"') ? parseJson(value) : value;
    if (typeof text !== 'string') return null;
    settings.set(key, text);
  }
  return settings;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutUndefined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
