import type { Weights } from './weights.ts';

/** How text encoders are spelt beside transformers' usual names: a pattern, what it stands for, and who writes it so. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  // Mergers and early converters, which keep transformers' names below OpenCLIP's place.
  [/^transformer\.(?=text_model\.|text_projection\.)/, ''],
  // transformers from 5.6 on, whose CLIPTextModel has no inner model any more.
  [/^(?=(embeddings|encoder|final_layer_norm)\.)/, 'text_model.'],
];

/** The weights of a text encoder under the names that transformers had for most of its time. */
export function usualClipNames(weights: Weights): Weights {
  return new Map([...weights].map(([name, stored]) => [usualClipName(name), stored]));
}

/** The same of one tensor or module. */
export function usualClipName(name: string): string {
  return SPELLINGS.reduce((spelt, [pattern, usual]) => spelt.replace(pattern, usual), name);
}
