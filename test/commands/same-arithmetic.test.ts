import { beforeEach, expect, it } from 'vitest';
import type { Picture } from '../../commands/job.ts';
import { needKey, needsOf } from '../../commands/needs.ts';
import { ask } from './ask.ts';
import { MemoryServices } from './memory-services.ts';

let services: MemoryServices;
let picture: Picture;
beforeEach(async () => {
  services = new MemoryServices();
  await ask(services, 'imagine', { prompt: 'a cat', refine: 'off' });
  [picture] = services.finish([...services.store.jobs.values()].at(-1)!) as [Picture];
});

it.each(['reproduce', 'refine'])('%s goes to a worker that computes as the picture was computed', async (command) => {
  services.store.arithmetics = ['mini (int8)', 'mini (float32)'];
  const reply = await ask(services, command, { target: picture.id });
  expect(services.lastWork()).toMatchObject({ arithmetic: 'float32' });
  expect(needsOf(services.lastWork()).map(needKey)).toEqual(['arithmetic mini (float32)']);
  expect(reply).toMatchObject({ text: expect.not.stringContaining('will differ') });
});

it.each(['reproduce', 'refine'])('%s says that the picture will differ where no worker does', async (command) => {
  services.store.arithmetics = ['mini (int8)'];
  const reply = await ask(services, command, { target: picture.id });
  expect(services.lastWork()).not.toHaveProperty('arithmetic');
  expect(reply).toMatchObject({ text: expect.stringContaining('computed in float32') });
});

it('nothing is said where workers do not tell what they compute in', async () => {
  const reply = await ask(services, 'reproduce', { target: picture.recipeId });
  expect(services.lastWork()).not.toHaveProperty('arithmetic');
  expect(reply).toMatchObject({ text: expect.not.stringContaining('will differ') });
});
