import { defineCommand } from '../command.ts';
import { defaultOptions, mergeDefaults } from '../people/preferences.ts';
import { change } from './change.ts';

export const guildDefaults = defineCommand({
  name: 'easel-admin defaults',
  description: 'Set what members get where they say nothing',
  options: defaultOptions,
  permission: 'admin',
  run: (request, { reset, ...given }, services) =>
    change(
      request,
      services,
      ({ admin }) => admin.actions.defaults,
      (settings) => ({ ...settings, defaults: mergeDefaults(reset === true ? {} : settings.defaults, given) }),
    ),
});
