import { defineCommand } from '../command.ts';
import { change } from './change.ts';

export const pause = defineCommand({
  name: 'easel-admin pause',
  description: 'Take no new requests; what waits is still drawn',
  options: {},
  permission: 'admin',
  run: (request, _options, services) =>
    change(
      request,
      services,
      ({ admin }) => admin.actions.paused,
      (settings) => ({ ...settings, paused: true }),
    ),
});

export const resume = defineCommand({
  name: 'easel-admin resume',
  description: 'Take requests again',
  options: {},
  permission: 'admin',
  run: (request, _options, services) =>
    change(
      request,
      services,
      ({ admin }) => admin.actions.resumed,
      (settings) => ({ ...settings, paused: false }),
    ),
});
