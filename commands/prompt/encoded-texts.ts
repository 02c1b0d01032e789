import type { Messages } from '../locale/index.ts';
import { rulesOf } from '../parameters/revision.ts';
import type { Recipe } from '../recipe.ts';
import { UserError } from '../request.ts';
import { promptsOfSteps } from './schedule.ts';

/** Each is read by the text encoders and by the rules, and each step of a part is a pass of the UNet. */
const MAX_READINGS = 40;
const MAX_PARTS = 6;
/** Of all readings of a request: the rules go through each sign of them on the bot's own thread. */
const MAX_SIGNS = 150_000;

/** What of a recipe says how its prompts are read. */
export type ReadingRules = Pick<Recipe, 'steps' | 'revision'>;

/** A prompt that is drawn towards beside others, by its weight: composable diffusion (Liu et al. 2022). */
export interface ComposedPrompt {
  readonly text: string;
  readonly weight: number;
}

/** The prompts that the word AND joins, each with the weight after its last colon: `a castle AND fog :0.6`. At least one. */
export function composedPrompts(prompt: string, rules: ReadingRules): readonly ComposedPrompt[] {
  if (!rulesOf(rules).changesWords || !prompt.includes('AND')) return [{ text: prompt, weight: 1 }];
  const parts = prompt.split(/\bAND\b/).filter((part) => part.trim() !== '');
  if (parts.length < 2) return [{ text: prompt, weight: 1 }];
  return parts.map((part) => {
    const text = part.trimEnd();
    // So far from the end, because a search through long runs of spaces takes quadratic time.
    const [ending, weight] = /\s{0,8}:\s{0,8}([+-]?(?:\d{1,8}\.?\d{0,8}|\.\d{1,8}))$/.exec(text.slice(-40)) ?? [];
    return ending === undefined ? { text, weight: 1 } : { text: text.slice(0, -ending.length), weight: Number(weight) };
  });
}

/** What the encoders read at each step; one text where it does not change. */
export function textsOfSteps(prompt: string, rules: ReadingRules): readonly string[] {
  return rulesOf(rules).changesWords ? promptsOfSteps(prompt, rules.steps) : [prompt];
}

/** All texts that the encoders are given of a prompt, each once. */
export function encodedTexts(prompt: string, rules: ReadingRules, side: 'towards' | 'away'): readonly string[] {
  const parts = side === 'towards' ? composedPrompts(prompt, rules).map(({ text }) => text) : [prompt];
  return [...new Set(parts.flatMap((part) => textsOfSteps(part, rules)))];
}

/** Throws a `UserError` for prompts whose words change into more texts, or longer ones, than are read. */
export function requireFewReadings(recipes: readonly Recipe[], messages: Messages): void {
  const known = new Set<string>();
  let signs = 0;
  for (const recipe of recipes) {
    for (const text of readingsOf(recipe, messages)) {
      if (known.has(text)) continue;
      known.add(text);
      signs += text.length;
      if (signs > MAX_SIGNS) throw new UserError('too_long', messages.prompts.tooMuchToRead(MAX_SIGNS));
    }
  }
}

function readingsOf(recipe: Recipe, { prompts }: Messages): readonly string[] {
  const { prompt, prompt2 = '', negative = '', negative2 = '' } = recipe;
  for (const text of [prompt, prompt2]) {
    const parts = composedPrompts(text, recipe).length;
    if (parts > MAX_PARTS) throw new UserError('too_many', prompts.tooManyParts(parts, MAX_PARTS));
  }
  const all: string[] = [];
  for (const [text, side] of [
    [prompt, 'towards'],
    [prompt2, 'towards'],
    [negative, 'away'],
    [negative2, 'away'],
  ] as const) {
    const readings = encodedTexts(text, recipe, side);
    if (readings.length > MAX_READINGS) {
      throw new UserError('too_many', prompts.tooManyReadings(readings.length, MAX_READINGS));
    }
    all.push(...readings);
  }
  return all;
}
