import { defineCommand } from '../command.ts';
import { guildSettingsSchema } from '../settings.ts';
import { change } from './change.ts';

const { adult, spoiler, flagged } = guildSettingsSchema.shape;

export const adultPolicy = defineCommand({
  name: 'easel-admin adult',
  description: 'Say where adult prompts are drawn',
  options: {
    policy: { type: 'string', required: true, maxLength: 14, choices: adult.options, description: 'Where' },
  },
  permission: 'admin',
  run(request, options, services) {
    const policy = adult.parse(options.policy);
    return change(
      request,
      services,
      ({ admin }) => admin.actions.adult[policy],
      (settings) => ({ ...settings, adult: policy }),
    );
  },
});

export const spoilerPolicy = defineCommand({
  name: 'easel-admin spoiler',
  description: 'Say which pictures are hidden until clicked',
  options: {
    policy: { type: 'string', required: true, maxLength: 14, choices: spoiler.options, description: 'Which' },
  },
  permission: 'admin',
  run(request, options, services) {
    const policy = spoiler.parse(options.policy);
    return change(
      request,
      services,
      ({ admin }) => admin.actions.spoiler[policy],
      (settings) => ({ ...settings, spoiler: policy }),
    );
  },
});

export const flaggedPolicy = defineCommand({
  name: 'easel-admin flagged',
  description: "Say what becomes of pictures that the operator's check flags",
  options: {
    policy: { type: 'string', required: true, maxLength: 14, choices: flagged.options, description: 'What' },
  },
  permission: 'admin',
  run(request, options, services) {
    const policy = flagged.parse(options.policy);
    return change(
      request,
      services,
      ({ admin }) => admin.actions.flagged[policy],
      (settings) => ({ ...settings, flagged: policy }),
    );
  },
});
