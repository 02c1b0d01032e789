import { z } from 'zod';
import { defineParameter } from './parameter.ts';

const limits = { min: 1, max: 200 };
const schema = z.int().min(limits.min).max(limits.max);
const option = { type: 'integer', ...limits, description: 'More steps take longer and draw more carefully' } as const;

export const steps = defineParameter({
  shape: { steps: schema },
  options: { steps: option },
  preferences: { steps: { label: 'Steps', option, schema } },
  choose: (given, { start, model }) => ({ steps: given.steps ?? start?.steps ?? model.defaults.steps }),
  write: (recipe) => ({ Steps: recipe.steps }),
  read: (settings) => ({ steps: settings.number('Steps') }),
  describe: (recipe) => [['Steps', recipe.steps]],
  typed: (recipe) => `--steps ${recipe.steps}`,
});
