import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { environmentName, keyNames } from '../../config/keys.ts';
import { secretKeys } from '../../config/secrets.ts';

/** The image's own (see Dockerfile), and what stands in for Discord and Slack in tests. */
const NOT_FOR_OPERATORS = ['DATA_DIR', 'HOST', 'PORT', 'MONITOR_PORT', 'PROVIDER', 'DISCORD_API_URL', 'SLACK_API_URL'];

test('an operator with containers has every setting', async () => {
  const compose = await readFile('docker-compose.yml', 'utf8');
  const passedOn = new Set([...compose.matchAll(/^ +([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name));
  const names = keyNames.map(environmentName).filter((name) => !NOT_FOR_OPERATORS.includes(name));
  expect(names.filter((name) => !passedOn.has(name))).toEqual([]);
});

const serviceSchema = z.object({
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  read_only: z.boolean().default(false),
  user: z.string().optional(),
  networks: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  command: z.array(z.string()).default([]),
});
const houseSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) }).nullable()),
});

async function house() {
  return houseSchema.parse(parse(await readFile('docker-compose.yml', 'utf8'), { merge: true }));
}

test('no container has a capability, becomes more than it is, or writes outside its volumes', async () => {
  const { services } = await house();
  expect(Object.keys(services)).toEqual(['bot', 'worker', 'gpu-worker', 'postgres', 'redis']);
  for (const [name, { cap_drop, security_opt, read_only }] of Object.entries(services)) {
    expect({ cap_drop, security_opt, read_only }, name).toEqual({
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      read_only: true,
    });
  }
});

test('Postgres and Redis are reached from inside only, with a password, and not as root', async () => {
  const { services, networks } = await house();
  const inside = Object.keys(networks).filter((name) => networks[name]?.internal);
  for (const name of ['postgres', 'redis']) {
    expect(services[name], name).toMatchObject({ user: name, networks: inside, ports: [] });
  }
  for (const name of ['bot', 'worker', 'gpu-worker']) {
    expect(services[name]?.environment.REDIS_URL, name).toBe(
      `redis://:${services.redis?.environment.REDISCLI_AUTH}@redis:6379`,
    );
  }
  expect(services.redis?.command.at(-1)).toMatch(/^exec redis-server - .*\nrequirepass .*REDISCLI_AUTH/s);
});

test('what signs memberships of the page lies in a volume that workers have not', async () => {
  const { services } = await house();
  const { bot, worker, 'gpu-worker': gpuWorker } = services;
  expect(bot?.volumes).toContain('bot:/data/bot');
  for (const other of [worker, gpuWorker]) {
    expect(other?.volumes).toEqual(bot?.volumes.filter((volume) => volume !== 'bot:/data/bot'));
  }
});

test('nothing with the secrets in its environment starts before Easel in its image', async () => {
  const image = await readFile('Dockerfile', 'utf8');
  expect([...image.matchAll(/^ENTRYPOINT (.*)$/gm)].map(([, entry]) => entry)).toEqual(
    Array.from({ length: 2 }, () => '["node", "bin/easel.js"]'),
  );
});

test('a worker of systemd has no secret that a worker of the compose file has not', async () => {
  const { services } = await house();
  const unit = await readFile('deploy/systemd/easel-worker@.service', 'utf8');
  const unset = /^UnsetEnvironment=(.*)$/m.exec(unit)?.[1]?.split(' ');
  const worker = new Set(Object.keys(services.worker?.environment ?? {}));
  expect(unset).toEqual(secretKeys.map(environmentName).filter((name) => !worker.has(name)));
  expect(unit).toContain('\nInaccessiblePaths=-/var/lib/easel/bot\n');
});
