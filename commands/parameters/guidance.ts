import { z } from 'zod';
import { defineParameter } from './parameter.ts';

const limits = { min: 0, max: 50 };
const schema = z.number().min(limits.min).max(limits.max);
const option = {
  type: 'number',
  ...limits,
  description: 'How closely to follow the prompt; 1 switches guidance off',
} as const;

/** The scale of classifier-free guidance (Ho and Salimans 2022). */
export const guidance = defineParameter({
  shape: { guidance: schema },
  options: { guidance: option },
  preferences: { guidance: { label: 'Guidance', option, schema } },
  choose: (given, { start, model }) => ({ guidance: given.guidance ?? start?.guidance ?? model.defaults.guidance }),
  write: (recipe) => ({ 'CFG scale': recipe.guidance }),
  read: (settings) => ({ guidance: settings.number('CFG scale') }),
  describe: (recipe) => [['Guidance', recipe.guidance]],
  typed: (recipe) => `--guidance ${recipe.guidance}`,
});
