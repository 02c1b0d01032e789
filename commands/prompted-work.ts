import { drawWork } from './draw-work.ts';
import { promptLibrary } from './extras.ts';
import type { Work } from './job.ts';
import type { Messages } from './locale/index.ts';
import { LATEST_REVISION } from './parameters/revision.ts';
import { escapeSigns } from './prompt/escapes.ts';
import { formatLoraTags } from './prompt/lora-tags.ts';
import { resolvePrompts } from './prompt/resolve-prompts.ts';
import type { Recipe } from './recipe.ts';
import type { Services } from './services.ts';

/**
 * The work that draws a recipe with another prompt, read as that of `/imagine`; with its own where none is given. LoRAs that
 * the prompt names replace the recipe's. Rejects with a `UserError` of one line.
 */
export async function promptedWork(
  recipe: Recipe,
  prompt: string | undefined,
  services: Services,
  messages: Messages,
): Promise<Work> {
  if (prompt === undefined) return { kind: 'draw', recipe, count: 1 };
  const escaped = (text: string | undefined) => text && escapeSigns(text);
  const { prompt2, negative, negative2, seed, loras, model } = recipe;
  const texts = { prompt, prompt2: escaped(prompt2), negative: escaped(negative), negative2: escaped(negative2) };
  const wishes = { texts, count: 1, seed, loras: [], usualLoras: loras };
  // Words that are typed now are read as words are now.
  return drawWork(
    { ...recipe, revision: LATEST_REVISION },
    await resolvePrompts(wishes, await promptLibrary(model.name, services), messages),
  );
}

/** What a person would type for this recipe's prompt. */
export function typedPrompt({ prompt, loras }: Recipe): string {
  return [escapeSigns(prompt), formatLoraTags(loras)].filter((part) => part !== '').join(' ');
}
