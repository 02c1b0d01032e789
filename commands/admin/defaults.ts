import { defineCommand } from '../command.ts';
import { defaultOptions, mergeDefaults } from '../people/preferences.ts';
import { change } from './change.ts';

export const guildDefaults = defineCommand({
  name: 'easel-admin defaults',
  description: 'Set what members get where they say nothing',
  options: defaultOptions,
  permission: 'admin',
  async run(request, { reset, ...given }, services) {
    const before = reset === true ? {} : (await services.settings.of(request.origin.guild)).defaults;
    const defaults = await mergeDefaults(before, given, request, services);
    return change(
      request,
      services,
      ({ admin }) => admin.actions.defaults,
      (settings) => ({ ...settings, defaults }),
    );
  },
});
