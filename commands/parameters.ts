import { type Place, type Recipe, recipeId, recipeSchema } from './recipe.ts';

/*
 * A recipe as the text that Stable Diffusion WebUI (A1111) writes into its PNGs, so that other programs read it:
 *
 *     the prompt, any number of lines
 *     Negative prompt: any number of lines
 *     Steps: 20, Sampler: euler, CFG scale: 5, Seed: 7, Size: 256x256, Model hash: ..., Model: ...
 *
 * The last line is always the settings. Easel adds settings of its own, so that the text holds the whole recipe.
 */

const NEGATIVE = '\nNegative prompt: ';

type Settings = Readonly<Record<string, string | number | undefined>>;

/** Writes a recipe as A1111's text; `parseParameters` reads it back whole. */
export function formatParameters(recipe: Recipe): string {
  const { prompt, negative, init, refiner, upscale } = recipe;
  const body = negative === undefined ? prompt : `${prompt}${NEGATIVE}${negative}`;
  const isAmbiguous = splitBody(body, undefined).prompt !== prompt;
  const settings: Settings = {
    Steps: recipe.steps,
    Sampler: recipe.sampler,
    'CFG scale': recipe.guidance,
    Seed: recipe.seed,
    Size: `${recipe.width}x${recipe.height}`,
    'Model hash': recipe.model.hash,
    Model: recipe.model.name,
    'Deep features every': recipe.deepEvery,
    'CFG rescale': recipe.guidanceRescale === 0 ? undefined : recipe.guidanceRescale,
    Refiner: refiner?.name,
    'Refiner hash': refiner?.hash,
    'Refiner switch at': recipe.refine ?? undefined,
    'Denoising strength': init?.strength,
    'Init image': init?.picture,
    'Init place': init?.place && formatPlace(init.place),
    Mask: recipe.mask,
    'Mask blur': recipe.feather,
    'Second prompt': recipe.prompt2,
    'Second negative prompt': recipe.negative2,
    Loras: recipe.loras.length === 0 ? undefined : JSON.stringify(recipe.loras),
    Embeddings: recipe.embeddings && JSON.stringify(recipe.embeddings),
    'Hires upscale': upscale?.factor,
    'Hires upscaler': upscale?.method,
    'Hires detail': upscale?.detail,
    Parent: recipe.parent?.recipe,
    'Parent by': recipe.parent?.by,
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
export function parseParameters(text: string): Recipe | null {
  const lineStart = text.lastIndexOf('\n');
  const settings = parseSettings(text.slice(lineStart + 1));
  if (lineStart === -1 || settings === null) return null;
  const number = (key: string): number | undefined => {
    const value = settings.get(key);
    return value === undefined || value === '' ? undefined : Number(value);
  };
  const size = /^(\d{1,5})x(\d{1,5})$/.exec(settings.get('Size') ?? '');
  const strength = number('Denoising strength');
  const parsed = recipeSchema.safeParse(
    withoutUndefined({
      ...splitBody(text.slice(0, lineStart), number('Prompt length')),
      prompt2: settings.get('Second prompt'),
      negative2: settings.get('Second negative prompt'),
      width: Number(size?.[1]),
      height: Number(size?.[2]),
      steps: number('Steps'),
      guidance: number('CFG scale'),
      guidanceRescale: number('CFG rescale') ?? 0,
      sampler: settings.get('Sampler'),
      seed: number('Seed'),
      deepEvery: number('Deep features every'),
      refine: number('Refiner switch at') ?? null,
      model: { name: settings.get('Model'), hash: settings.get('Model hash') },
      refiner: settings.has('Refiner')
        ? { name: settings.get('Refiner'), hash: settings.get('Refiner hash') }
        : undefined,
      loras: parseJson(settings.get('Loras') ?? '[]'),
      embeddings: settings.has('Embeddings') ? parseJson(settings.get('Embeddings') ?? '') : undefined,
      init:
        strength === undefined
          ? undefined
          : withoutUndefined({
              picture: settings.get('Init image'),
              strength,
              place: parsePlace(settings.get('Init place')),
            }),
      mask: settings.get('Mask'),
      feather: number('Mask blur'),
      parent: settings.has('Parent') ? { recipe: settings.get('Parent'), by: settings.get('Parent by') } : undefined,
      upscale: settings.has('Hires upscale')
        ? withoutUndefined({
            factor: number('Hires upscale'),
            method: settings.get('Hires upscaler'),
            detail: number('Hires detail'),
          })
        : undefined,
    }),
  );
  return parsed.success ? parsed.data : null;
}

/** As X11 writes a rectangle: `128x128+64+64`. */
function formatPlace({ width, height, x, y }: Place): string {
  return `${width}x${height}+${x}+${y}`;
}

function parsePlace(text: string | undefined): Record<keyof Place, number> | undefined {
  if (text === undefined) return undefined;
  const [, width, height, x, y] = /^(\d{1,5})x(\d{1,5})\+(\d{1,5})\+(\d{1,5})$/.exec(text) ?? [];
  return { width: Number(width), height: Number(height), x: Number(x), y: Number(y) };
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
