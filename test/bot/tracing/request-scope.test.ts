import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { startOutbox } from '../../../bot/delivery/outbox.ts';
import { dispatch } from '../../../bot/dispatch.ts';
import { EngineClient } from '../../../bot/engine/engine-client.ts';
import { DeliveryError, type OutgoingDelivery, type Platform } from '../../../bot/platform.ts';
import { startSweep } from '../../../bot/queue/sweep.ts';
import { inRequest, outsideRequests, requestFields } from '../../../bot/tracing/request-scope.ts';
import { Quarantine } from '../../../bot/worker/quarantine.ts';
import { runJob } from '../../../bot/worker/run-job.ts';
import { channelIdSchema, guildIdSchema, messageIdSchema } from '../../../commands/ids.ts';
import type { Job } from '../../../commands/job.ts';
import { type CommandRequest, requestIdOf } from '../../../commands/request.ts';
import { FROM_SOURCE } from '../../../tools/from-source-options.ts';
import { watchedLog } from '../../canary.ts';
import { requestOf } from '../../commands/ask.ts';
import { mini } from '../../commands/memory-services.ts';
import { openServices } from '../services/memory-parts.ts';
import { rule, setRules, take, WORKER } from '../store/requests.ts';

const entry = fileURLToPath(new URL('../../fixtures/engines/scripted.ts', import.meta.url));
const lineSchema = z.looseObject({ msg: z.string(), request: z.string().optional(), job: z.string().optional() });
type Line = z.infer<typeof lineSchema>;

let parts: Awaited<ReturnType<typeof openServices>>;
let engine: EngineClient;
const lines: Line[] = [];
const delivered: OutgoingDelivery[] = [];
/** Refuses to take a message once before it takes it. */
const platform: Platform = {
  id: 'discord',
  start: async () => {},
  stop: async () => {},
  progress: async () => {},
  async deliver(delivery) {
    delivered.push(delivery);
    const tries = delivered.filter(({ job }) => job === delivery.job).length;
    if (tries === 1) throw new DeliveryError('retry', 'Busy.');
    return { channel: channelIdSchema.parse('c'), message: messageIdSchema.parse(delivery.nonce) };
  },
};

beforeAll(async () => {
  const keep = (line: string): void => void lines.push(lineSchema.parse(JSON.parse(line)));
  const log = watchedLog(keep, requestFields);
  parts = await openServices(undefined, log);
  const settings = { provider: 'cpu', threads: 1, maxBatch: 1, cacheFolder: parts.folder, previews: false } as const;
  engine = new EngineClient({
    entry,
    nodeOptions: FROM_SOURCE,
    settings,
    onCrash: outsideRequests((message: string) => log.error(message)),
  });
  await parts.store.models.register(WORKER.worker, [{ name: 'mini', description: mini }]);
});
afterAll(async () => {
  await engine.close();
  await parts.close();
});
beforeEach(() => {
  lines.length = 0;
});

const ask = (request: CommandRequest) => dispatch(request, parts.services, parts.log);
const imagine = (prompt: string, guild = 'guild') => requestOf('imagine', { prompt, refine: 'off' }, { guild });
/** As another process does it: the job is all that it knows. */
const draw = (job: Job): Promise<void> =>
  runJob(
    job,
    {
      ...parts,
      engine,
      models: new Map([['mini', { source: { base: '/model', refiner: null }, handoffAt: null }]]),
      upscalers: { find: () => undefined },
      extras: { find: async () => '' },
      offerFiles: async () => {},
      contentRules: [],
      lease: WORKER,
      quarantine: new Quarantine(),
      deadlineSeconds: 60,
    },
    new AbortController().signal,
  );
const deliverAll = async (): Promise<void> => {
  const outbox = startOutbox({ ...parts, platforms: [platform], process: 'a' });
  await expect.poll(() => parts.store.deliveries.countOwed(), { timeout: 10_000 }).toBe(0);
  await outbox.stop();
};
const linesOf = (request: CommandRequest): readonly string[] =>
  lines.filter((line) => line.request === requestIdOf(request.origin)).map(({ msg }) => msg);

it('gives every line about a request its id, from receipt to delivery, whatever becomes of it', async () => {
  const [good, bad, refused] = [imagine('a cat'), imagine('refuse'), imagine('a fox', 'strict')] as const;
  await setRules(parts.store, guildIdSchema.parse('strict'), { quotas: [rule({ amount: 0.5 })] });
  await Promise.all([ask(good), ask(bad), ask(refused)]);
  const jobs = [await take(parts.store), await take(parts.store)];
  await Promise.all(jobs.map(draw));
  await deliverAll();

  const brought = ['a delivery is tried again', 'delivered'];
  expect(linesOf(good)).toEqual(['received', 'accepted', 'job begun', 'job done', ...brought]);
  expect(linesOf(bad)).toEqual(['received', 'accepted', 'job begun', 'job failed', 'refunded', ...brought]);
  expect(linesOf(refused)).toEqual(['received', 'refused']);
  // And none about a request is without.
  expect(lines.filter(({ request }) => request === undefined)).toEqual([]);
  // What the person was told is what the operator looks for.
  const told = delivered.find(({ message }) => message.tone === 'failure')?.message.text;
  expect(told).toContain(requestIdOf(bad.origin));
});

it('knows the request of a job that is cancelled, and of one whose worker has vanished', async () => {
  const [lost, stopped] = [imagine('a cat'), imagine('a dog')] as const;
  await ask(lost);
  const job = await take(parts.store);
  await parts.store.jobs.expireLeases();
  const sweep = startSweep(parts);
  await expect.poll(() => linesOf(lost)).toContain('its worker has vanished');
  await sweep.stop();
  await draw(await take(parts.store));

  const reply = await ask(stopped);
  const target = reply.kind === 'accepted' ? reply.job : '';
  const cancel = requestOf('cancel', { target });
  await ask(cancel);
  await deliverAll();
  expect(linesOf(stopped)).toEqual(['received', 'accepted', 'cancel wanted', 'a delivery is tried again', 'delivered']);
  expect(lines.find(({ msg }) => msg === 'cancel wanted')).toMatchObject({
    job: target,
    outcome: 'cancelled',
    by: requestIdOf(cancel.origin),
  });
  expect(lines.filter(({ request, job: about }) => request === undefined && about !== undefined)).toEqual([]);
  expect(
    lines.filter(({ job: about }) => about === job.id).every(({ request }) => request === requestIdOf(lost.origin)),
  ).toBe(true);
});

it('tells a person the id of a fault of ours', async () => {
  const request = requestOf('quota');
  const usage = { ...parts.services.usage, quotas: () => Promise.reject(new Error('Broken.')) };
  const reply = await dispatch(request, { ...parts.services, usage }, parts.log);
  expect(reply).toMatchObject({ text: expect.stringContaining(requestIdOf(request.origin)) });
  expect(linesOf(request)).toEqual(['received', 'a command failed']);
});

it('gives what is said of the whole process to no request, whoever made it speak', async () => {
  const request = imagine('die');
  await ask(request);
  await draw(await take(parts.store));
  const crash = lines.filter(({ msg }) => msg.startsWith('The engine process ended'));
  expect(crash.map(({ request: about }) => about)).toEqual([undefined]);
  expect(linesOf(request)).toEqual(['received', 'accepted', 'job begun', 'the job goes back in line']);
});

it('is the same for an event that comes again, and another on another platform', () => {
  const id = requestIdOf({ platform: 'slack', event: 'trigger:1' });
  expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}$/);
  expect(requestIdOf({ platform: 'slack', event: 'trigger:1' })).toBe(id);
  expect(requestIdOf({ platform: 'discord', event: 'trigger:1' })).not.toBe(id);
  expect(inRequest({ platform: 'slack', event: 'trigger:1' }, requestFields)).toEqual({ request: id });
});
