import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startOutbox } from '../../../bot/delivery/outbox.ts';
import { dispatch } from '../../../bot/dispatch.ts';
import { EngineClient } from '../../../bot/engine/engine-client.ts';
import type { Platform } from '../../../bot/platform.ts';
import { inSpan } from '../../../bot/tracing/spans.ts';
import { startTracing } from '../../../bot/tracing/tracing.ts';
import { Quarantine } from '../../../bot/worker/quarantine.ts';
import { runJob } from '../../../bot/worker/run-job.ts';
import { channelIdSchema, messageIdSchema } from '../../../commands/ids.ts';
import { redactor } from '../../../config/index.ts';
import { FROM_SOURCE } from '../../../tools/from-source-options.ts';
import { requestOf } from '../../commands/ask.ts';
import { mini } from '../../commands/memory-services.ts';
import { openServices } from '../services/memory-parts.ts';
import { take, WORKER } from '../store/requests.ts';

const entry = fileURLToPath(new URL('../../fixtures/engines/scripted.ts', import.meta.url));

const spanSchema = z.object({
  name: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  status: z.object({ code: z.number().optional() }),
});
type Span = z.infer<typeof spanSchema>;
const requestSchema = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })) })),
});

/** What a collector of traces is sent: OTLP over HTTP, in JSON. */
const received: Span[] = [];
const sent: string[] = [];
const collector = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  sent.push(text);
  const { resourceSpans } = requestSchema.parse(JSON.parse(text));
  received.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
  response.writeHead(request.url === '/v1/traces' ? 200 : 404).end('{}');
});

beforeAll(async () => {
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
});
afterAll(async () => {
  collector.close();
});

it('makes one trace of a request, from the command over the worker and its engine to the delivery', async () => {
  const { store, queue, blobs, progress, services, log, folder, close } = await openServices();
  const settings = { provider: 'cpu', threads: 1, maxBatch: 1, cacheFolder: folder, previews: false } as const;
  const engine = new EngineClient({ entry, nodeOptions: FROM_SOURCE, settings, onCrash: () => {} });
  await store.models.register('worker', [{ name: 'mini', description: mini }]);
  const models = new Map([['mini', { source: { base: '/model', refiner: null }, handoffAt: null }]]);
  const parts = {
    store,
    queue,
    blobs,
    engine,
    models,
    upscalers: { find: () => undefined },
    extras: { find: async () => '' },
    offerFiles: async () => {},
    contentRules: [],
    progress,
    log,
    lease: WORKER,
  };
  const draw = async (prompt: string): Promise<void> => {
    await dispatch(requestOf('imagine', { prompt, count: 2, refine: 'off' }), services, log);
    const running = { ...parts, quarantine: new Quarantine(), deadlineSeconds: 60 };
    await runJob(await take(store), running, new AbortController().signal);
  };
  // Without a collector nothing is traced, and a job says so.
  await draw('draw');

  const { port } = collector.address() as AddressInfo;
  const tracing = await startTracing(`http://127.0.0.1:${port}/`, 'easel-test', redactor([]));
  await draw('draw');
  await draw('refuse');
  const fault = inSpan('fault', { attributes: { address: 'redis://:SECRETPART@cache' } }, async () => {
    throw new Error('getaddrinfo ENOTFOUND https://ann:SECRETPART@host');
  });
  await expect(fault).rejects.toThrow('ENOTFOUND');
  const platform: Platform = {
    id: 'discord',
    start: async () => {},
    stop: async () => {},
    progress: async () => {},
    deliver: async ({ nonce }) => ({ channel: channelIdSchema.parse('c'), message: messageIdSchema.parse(nonce) }),
  };
  const outbox = startOutbox({ store, blobs, progress, platforms: [platform], process: 'a', log });
  await expect.poll(() => store.deliveries.countOwed()).toBe(0);
  await outbox.stop();
  await tracing.stop();
  await engine.close();
  await close();

  const roots = received.filter(({ name }) => name === '/imagine');
  expect(roots).toHaveLength(2);
  const [drawn = [], refused = []] = roots.map(({ traceId }) => received.filter((span) => span.traceId === traceId));
  expect(drawn.map(({ name }) => name).sort()).toEqual([
    '/imagine',
    'accept',
    'deliver',
    'engine',
    'engine',
    'job',
    'wait',
  ]);
  const parentOf = (name: string): string | undefined => {
    const parent = drawn.find(({ name: other }) => other === name)?.parentSpanId;
    return drawn.find(({ spanId }) => spanId === parent)?.name;
  };
  expect(sent.join()).toContain('ENOTFOUND https://ann:[secret]@host');
  expect(sent.join()).not.toContain('SECRETPART');
  expect(parentOf('/imagine')).toBeUndefined();
  expect(parentOf('accept')).toBe('/imagine');
  expect(parentOf('engine')).toBe('job');
  for (const name of ['wait', 'job', 'deliver']) expect(parentOf(name)).toBe('accept');
  // Nothing that is traced belongs to no request, and what failed says so.
  expect(received).toHaveLength(drawn.length + refused.length + 2);
  expect(drawn.every(({ status }) => status.code !== 2)).toBe(true);
  expect(refused.filter(({ status }) => status.code === 2).map(({ name }) => name)).toContain('engine');
});
