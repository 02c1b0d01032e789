import { z } from 'zod';
import { defineParameter } from './parameter.ts';

/** A model as a recipe names it: what people call it, and the SHA-256 (or its first digits) of its weights. */
export const modelReferenceSchema = z.strictObject({ name: z.string().min(1).max(200), hash: z.string().max(64) });
export type ModelReference = z.infer<typeof modelReferenceSchema>;

const option = { type: 'string', maxLength: 100, autocomplete: 'model', description: 'The model that draws' } as const;

export const model = defineParameter({
  shape: { model: modelReferenceSchema },
  options: { model: option },
  preferences: { model: { label: 'Model', option, schema: z.string().min(1).max(100) } },
  choose: (_given, choice) => ({ model: { name: choice.model.name, hash: choice.model.hash } }),
  write: (recipe) => ({ 'Model hash': recipe.model.hash, Model: recipe.model.name }),
  read: (settings) => ({ model: { name: settings.text('Model'), hash: settings.text('Model hash') } }),
  describe: ({ model: { name, hash } }) => [['Model', hash === '' ? name : `${name} (${hash.slice(0, 10)})`]],
  typed: (recipe) => `--model ${quoted(recipe.model.name)}`,
});

function quoted(name: string): string {
  return /\s|["']/.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name;
}
