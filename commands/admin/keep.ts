import { defineCommand } from '../command.ts';
import { change } from './change.ts';

export const keep = defineCommand({
  name: 'easel-admin keep',
  description: 'Set for how long the pictures and requests of this place are kept',
  options: {
    days: { type: 'integer', required: true, min: 0, max: 3650, description: 'Days; 0: as long as the operator does' },
  },
  permission: 'admin',
  run(request, { days }, services) {
    const keepDays = days === 0 ? null : days;
    return change(
      request,
      services,
      ({ admin }) => admin.actions.keep(keepDays),
      (settings) => ({ ...settings, keepDays }),
    );
  },
});
