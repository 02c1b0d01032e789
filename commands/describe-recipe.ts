import type { RecipeId } from './ids.ts';
import type { Messages } from './locale/index.ts';
import { parameters } from './parameters/index.ts';
import type { Recipe } from './recipe.ts';
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
export function recipeFields(recipe: Recipe, id: RecipeId, messages: Messages): readonly Field[] {
  const rows = [
    ...parameters.flatMap((parameter) => parameter.describe?.(recipe, messages) ?? []),
    ['Recipe', id] as const,
  ];
  return rows.flatMap(([label, value]) =>
    value === undefined || value === '' ? [] : [{ name: messages.describe(label), value: String(value) }],
  );
}

/** The first words of a text, whole letters only. */
export function excerpt(text: string, length: number): string {
  const letters = [...text.replace(/\s+/g, ' ').trim()];
  return letters.length <= length ? letters.join('') : `${letters.slice(0, length - 1).join('')}…`;
}
