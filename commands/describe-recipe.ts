import type { Messages } from './locale/index.ts';
import { type Recipe, recipeId } from './recipe.ts';
import type { Field } from './reply.ts';

/** One line: the prompt's beginning, what was done to another picture where it began with one, and what a person would compare. */
export function recipeLine(recipe: Recipe, messages: Messages): string {
  const { work } = messages;
  const { width, height, steps, seed, upscale } = recipe;
  const factor = upscale?.factor ?? 1;
  const change = changeOf(recipe, messages);
  const details = [
    ...(change === undefined ? [] : [change]),
    `${width * factor}x${height * factor}`,
    work.steps(steps),
    work.seed(seed),
  ].join(' · ');
  return work.summary(excerpt(recipe.prompt, 120), details);
}

/** What tells a picture from the one that it was made from; a new seed alone is told by the seed. */
function changeOf({ upscale, parent }: Recipe, { work }: Messages): string | undefined {
  if (upscale !== undefined)
    return upscale.detail === undefined ? work.enlarged(upscale.factor) : work.detailed(upscale.factor);
  switch (parent?.by) {
    case 'refine':
      return work.refined;
    case 'vary':
      return work.varied;
    case 'inpaint':
      return work.inpainted;
    case 'zoom-out':
      return work.zoomedOut;
    case 'pan':
      return work.panned;
    default:
      return undefined;
  }
}

/** Every value of a recipe, as a list for people. */
export function recipeFields(recipe: Recipe, messages: Messages): readonly Field[] {
  const { fields } = messages;
  const { upscale } = recipe;
  const place = recipe.init?.place;
  const rows: readonly (readonly [string, string | number | undefined])[] = [
    [fields.prompt, recipe.prompt],
    [fields.prompt2, recipe.prompt2],
    [fields.negative, recipe.negative],
    [fields.negative2, recipe.negative2],
    [fields.loras, recipe.loras.map(({ name, weight }) => `${name}:${weight}`).join(', ')],
    [fields.embeddings, recipe.embeddings?.map(({ name }) => name).join(', ')],
    [fields.size, `${recipe.width}x${recipe.height}`],
    [fields.steps, recipe.steps],
    [fields.guidance, recipe.guidance],
    [fields.guidanceRescale, recipe.guidanceRescale === 0 ? undefined : recipe.guidanceRescale],
    [fields.fast, recipe.deepEvery === undefined ? undefined : fields.fastBy(recipe.deepEvery)],
    [fields.sampler, recipe.sampler],
    [fields.seed, recipe.seed],
    [fields.refine, recipe.refine === null ? fields.refineOff : fields.refineFrom(recipe.refine)],
    [
      fields.model,
      recipe.model.hash === '' ? recipe.model.name : `${recipe.model.name} (${recipe.model.hash.slice(0, 10)})`,
    ],
    [fields.strength, recipe.init?.strength],
    [fields.extended, place && fields.place(place.width, place.height, place.x, place.y)],
    [fields.mask, recipe.mask && fields.maskValue],
    [
      fields.upscale,
      upscale && [`${upscale.factor}x`, upscale.method, ...(upscale.detail ? [fields.detail] : [])].join(', '),
    ],
    [fields.parent, recipe.parent === undefined ? undefined : `${recipe.parent.recipe} (${recipe.parent.by})`],
    [fields.recipe, recipeId(recipe)],
  ];
  return rows.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [{ name, value: String(value) }]));
}

/** The first words of a text, whole letters only. */
export function excerpt(text: string, length: number): string {
  const letters = [...text.replace(/\s+/g, ' ').trim()];
  return letters.length <= length ? letters.join('') : `${letters.slice(0, length - 1).join('')}…`;
}
