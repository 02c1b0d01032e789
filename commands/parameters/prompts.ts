import { z } from 'zod';
import { defineParameter } from './parameter.ts';

export const MAX_PROMPT_LENGTH = 4000;

/** The recipe's texts: the prompts of both text encoders. */
export const textNames = ['prompt', 'prompt2', 'negative', 'negative2'] as const;

const schema = z.string().max(MAX_PROMPT_LENGTH);
const text = { type: 'string', maxLength: MAX_PROMPT_LENGTH, multiline: true } as const;

/** The infotext has prompt and negative prompt above its settings: `formatInfotext` writes them. */
export const prompts = defineParameter({
  shape: {
    prompt: schema,
    /** For the second text encoder, where it differs. */
    prompt2: schema.optional(),
    /** Absent and empty differ: absent lets the model zero the unconditional embedding, empty encodes ''. */
    negative: schema.optional(),
    negative2: schema.optional(),
  },
  options: {
    prompt: { ...text, required: true, description: 'What to draw, in words' },
    negative: { ...text, minLength: 0, description: 'What to keep out of the picture' },
  },
  advancedOptions: {
    prompt2: {
      ...text,
      minLength: 0,
      description: 'Another prompt for the second text encoder; by default both read the same',
    },
    negative2: { ...text, minLength: 0, description: 'Another negative prompt for the second text encoder' },
  },
  preferences: {
    negative: {
      label: 'Negative',
      option: { type: 'string', maxLength: 1000, multiline: true, description: 'What to keep out of every picture' },
      schema: z.string().max(1000),
    },
  },
  blank: { prompt: '' },
  write: ({ prompt2, negative2 }) => ({ 'Second prompt': prompt2, 'Second negative prompt': negative2 }),
  read: (settings) => ({
    prompt2: settings.text('Second prompt'),
    negative2: settings.text('Second negative prompt'),
  }),
  describe: ({ prompt, prompt2, negative, negative2 }) => [
    ['Prompt', prompt],
    ['Second prompt', prompt2],
    ['Negative', negative],
    ['Second negative', negative2],
  ],
});
