import { defineCommand } from '../command.ts';
import { change } from './change.ts';

export const limitCooldown = defineCommand({
  name: 'easel-admin limit cooldown',
  description: 'Set the time between two requests of a member',
  options: {
    seconds: { type: 'integer', required: true, min: 0, max: 86_400, description: 'Seconds; 0: none' },
  },
  permission: 'admin',
  run: (request, { seconds }, services) =>
    change(
      request,
      services,
      ({ admin }) => admin.actions.cooldown(seconds),
      (settings) => ({ ...settings, cooldownSeconds: seconds }),
    ),
});

export const limitConcurrent = defineCommand({
  name: 'easel-admin limit concurrent',
  description: 'Set how many unfinished requests a member may have',
  options: { count: { type: 'integer', required: true, min: 0, max: 100, description: 'At most; 0: any number' } },
  permission: 'admin',
  run(request, { count }, services) {
    const concurrentJobs = count === 0 ? null : count;
    return change(
      request,
      services,
      ({ admin }) => admin.actions.concurrent(concurrentJobs),
      (settings) => ({ ...settings, concurrentJobs }),
    );
  },
});

export const limitSize = defineCommand({
  name: 'easel-admin limit size',
  description: 'Set the largest picture, by its area',
  options: {
    width: { type: 'integer', required: true, min: 0, max: 4096, description: 'Pixels; 0: whatever the model can do' },
    height: { type: 'integer', min: 64, max: 4096, description: 'Pixels; by default a square' },
  },
  permission: 'admin',
  run(request, { width, height = width }, services) {
    const maxPixels = width === 0 ? null : Math.max(width * height, 4096);
    return change(
      request,
      services,
      ({ admin }) => admin.actions.pixels(maxPixels === null ? null : `${width}x${height}`),
      (settings) => ({ ...settings, maxPixels }),
    );
  },
});

export const limitSteps = defineCommand({
  name: 'easel-admin limit steps',
  description: 'Set the most steps of a picture',
  options: { steps: { type: 'integer', required: true, min: 0, max: 200, description: 'At most; 0: any number' } },
  permission: 'admin',
  run(request, { steps }, services) {
    const maxSteps = steps === 0 ? null : steps;
    return change(
      request,
      services,
      ({ admin }) => admin.actions.steps(maxSteps),
      (settings) => ({ ...settings, maxSteps }),
    );
  },
});
