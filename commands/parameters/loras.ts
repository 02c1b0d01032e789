import { z } from 'zod';
import { modelReferenceSchema } from './model.ts';
import { defineParameter } from './parameter.ts';

export const MAX_LORAS = 8;
/** Beyond these a LoRA gives noise. */
export const MAX_LORA_WEIGHT = 4;
export const MAX_EMBEDDINGS = 16;

/** What the prompts name beside words. `resolvePrompts` chooses them; LoRAs may also be listed in an option. */
export const loras = defineParameter({
  shape: {
    loras: z
      .array(modelReferenceSchema.extend({ weight: z.number().min(-MAX_LORA_WEIGHT).max(MAX_LORA_WEIGHT) }))
      .max(MAX_LORAS),
    /** Names in the prompts that stand for vectors of their own; what is not listed here is plain text. */
    embeddings: z.array(modelReferenceSchema).max(MAX_EMBEDDINGS).optional(),
  },
  options: {
    lora: {
      type: 'string',
      minLength: 0,
      maxLength: 600,
      autocomplete: 'lora',
      list: true,
      description: 'LoRAs with their weights, such as watercolour:0.8, grain; <lora:name:0.8> in the prompt does too',
    },
  },
  blank: { loras: [] },
  write: (recipe) => ({
    Loras: recipe.loras.length === 0 ? undefined : JSON.stringify(recipe.loras),
    Embeddings: recipe.embeddings && JSON.stringify(recipe.embeddings),
  }),
  read: (settings) => ({ loras: settings.json('Loras') ?? [], embeddings: settings.json('Embeddings') }),
  describe: (recipe) => [
    ['LoRAs', recipe.loras.map(({ name, weight }) => `${name}:${weight}`).join(', ')],
    ['Embeddings', recipe.embeddings?.map(({ name }) => name).join(', ')],
  ],
});
