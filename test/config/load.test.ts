import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ConfigError,
  createLogger,
  engineEnvironment,
  givenSecrets,
  loadConfig,
  redactor,
} from '../../config/index.ts';
import { keyNames, keys } from '../../config/keys.ts';
import { secretsOf } from '../../config/secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const problems = (environment: Record<string, string>): readonly string[] => {
  try {
    loadConfig(environment, folder);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};
const file = (value: unknown): void =>
  writeFileSync(join(folder, 'easel.config.json'), typeof value === 'string' ? value : JSON.stringify(value));

describe('loadConfig', () => {
  it('needs nothing: the miniature, the embedded store, the page on loopback', () => {
    const config = loadConfig({}, folder);
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      dataDir: join(folder, '.easel'),
      discord: null,
      slack: null,
    });
    expect(config.models.map(({ name }) => name)).toEqual(['mini']);
  });

  it('prefers the environment to the file, and an empty variable is none', () => {
    file({ port: 4000, logLevel: 'warn' });
    expect(loadConfig({ PORT: '5000', LOG_LEVEL: '' }, folder)).toMatchObject({ port: 5000, logLevel: 'warn' });
  });

  it('takes the address of another Discord with or without a slash at its end', () => {
    for (const address of ['http://127.0.0.1:7000/api', 'http://127.0.0.1:7000/api/']) {
      const { discord } = loadConfig({ DISCORD_TOKEN: 'token', DISCORD_API_URL: address }, folder);
      expect(discord?.apiUrl).toBe('http://127.0.0.1:7000/api');
    }
  });

  it('takes the address of a bucket with or without a slash at its end', () => {
    const bucket = { S3_BUCKET: 'easel', S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'key' };
    for (const address of ['http://127.0.0.1:9000', 'http://127.0.0.1:9000/'])
      expect(loadConfig({ ...bucket, S3_ENDPOINT: address }, folder).s3?.endpoint).toBe('http://127.0.0.1:9000');
  });

  it('takes paths relative to the folder that the file is in', () => {
    file({ models: [{ name: 'sdxl', base: 'base.safetensors', refiner: '/models/refiner' }] });
    expect(loadConfig({}, folder).models).toEqual([
      { name: 'sdxl', base: join(folder, 'base.safetensors'), refiner: '/models/refiner' },
    ]);
  });

  it('knows upscalers by a list and by a folder, each under its own name', () => {
    mkdirSync(join(folder, 'nets'));
    for (const name of ['b.safetensors', 'a.safetensors', 'notes.txt']) writeFileSync(join(folder, 'nets', name), '');
    file({ upscalers: [{ name: 'ultra', file: 'ultra.safetensors' }], upscalerFolder: 'nets' });
    expect(loadConfig({}, folder).upscalers).toEqual([
      { name: 'ultra', file: join(folder, 'ultra.safetensors') },
      { name: 'a', file: join(folder, 'nets', 'a.safetensors') },
      { name: 'b', file: join(folder, 'nets', 'b.safetensors') },
    ]);
    const UPSCALERS = JSON.stringify([{ name: 'a', file: '/other.safetensors' }]);
    expect(problems({ UPSCALERS })).toEqual(['There are two upscalers called a: give each its own name.']);
    expect(problems({ UPSCALER_FOLDER: '/nowhere' })).toEqual([
      'UPSCALER_FOLDER names /nowhere, which cannot be read: make the folder, or unset the variable.',
    ]);
  });

  it('reads a secret from a file', () => {
    const path = join(folder, 'token');
    writeFileSync(path, 'the-token\n');
    expect(loadConfig({ DISCORD_TOKEN_FILE: path }, folder).discord?.token).toBe('the-token');
    expect(problems({ DISCORD_TOKEN_FILE: '/nowhere' })).toEqual([
      'DISCORD_TOKEN_FILE names /nowhere, which cannot be read: make the file, or unset the variable.',
    ]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['a word for a number', { PORT: 'http' }, 'PORT must be a number, not "http".'],
    ['a number out of range', { PORT: '70000' }, 'PORT must be at most 65535, not "70000".'],
    ['an unknown provider', { PROVIDER: 'tpu' }, 'PROVIDER must be one of cpu, cuda, webgpu, not "tpu".'],
    ['a switch that is neither', { WORKER: 'maybe' }, 'WORKER must be on or off, not "maybe".'],
    [
      'an address of the wrong kind',
      { REDIS_URL: 'http://x' },
      'REDIS_URL must be an address that begins with redis:// or rediss://.',
    ],
    ['broken JSON', { MODELS: '[' }, 'MODELS is not sound JSON.'],
    [
      'a model without a base',
      { MODELS: '[{"name":"x"}]' },
      'MODELS, at 0.base, Invalid input: expected string, received undefined.',
    ],
    [
      'a name given twice',
      { MODELS: '[{"name":"x","base":"a"},{"name":"x","base":"b"}]' },
      'MODELS names x twice: give each model its own name.',
    ],
  ])('says %s in one line', (_, environment, line) => {
    expect(problems(environment)).toEqual([line]);
  });

  it('names every mistake at once, also in the file, and never shows a secret', () => {
    file({ prot: 1, host: 7 });
    const lines = problems({ DATABASE_URL: 'mysql://root:hunter22@db', STEPS: '3', THREADS: '-1' });
    expect(lines).toHaveLength(4);
    expect(lines.join('\n')).toContain('"prot" in easel.config.json is not known');
    expect(lines.join('\n')).not.toContain('hunter22');
  });

  it.each(['{"discordToken":"secret",}', '{"slackBotToken":secret}', '"secret'])(
    'says nothing of what stands in a file such as %s',
    (text) => {
      file(text);
      const [line = ''] = problems({});
      expect(line).toMatch(/^easel\.config\.json is not sound JSON(: character \d+ is not what belongs there)?\.$/);
    },
  );

  it.each(['[1]', '{', '"x"'])('says that %s is no configuration file', (text) => {
    file(text);
    expect(problems({})[0]).toMatch(/^easel\.config\.json (must be a JSON object|is not sound JSON)/);
  });
});

describe('secrets', () => {
  const environment = {
    DATABASE_URL: 'postgres://easel:p%40ss-word@db/easel?password=other-word',
    S3_BUCKET: 'bucket',
  };

  it('are told also of a configuration that cannot be used', () => {
    file({ discordToken: 'a-token', port: 'none' });
    expect(givenSecrets(environment, folder)).toEqual(
      expect.arrayContaining(['a-token', 'p@ss-word', 'p%40ss-word', 'other-word', environment.DATABASE_URL]),
    );
    expect(givenSecrets(environment, folder)).not.toContain('bucket');
  });

  it('are not handed on to the engine, whosever they are', () => {
    const foreign = {
      PGPASSWORD: 'p',
      AWS_SECRET_ACCESS_KEY: 'a',
      NODE_AUTH_TOKEN: 'n',
      NVIDIA_API_KEY: 'v',
      HF_HOME: '/h',
    };
    const needed = {
      PATH: '/bin',
      CUDA_VISIBLE_DEVICES: '0',
      LD_LIBRARY_PATH: '/lib',
      OMP_NUM_THREADS: '1',
      LC_ALL: 'C',
    };
    const handed = engineEnvironment({ ...environment, ...foreign, ...needed, SLACK_BOT_TOKEN_FILE: '/run/token' });
    expect(handed).toEqual({ ...needed, ORT_DISABLE_TELEMETRY: '1' });
  });
});

describe('createLogger', () => {
  it('never lets a secret through, wherever it stands', () => {
    const config = loadConfig(
      {
        DISCORD_TOKEN: 'tok"en-canary',
        DATABASE_URL: 'postgres://easel:p%40ss-canary@db/easel',
        SLACK_BOT_TOKEN: 'xoxb-canary',
        SLACK_APP_TOKEN: 'xapp-canary',
      },
      folder,
    );
    const lines: string[] = [];
    const log = createLogger(config, { destination: { write: (line) => lines.push(line) } });
    log.error(
      { error: new Error('refused tok"en-canary'), url: config.databaseUrl },
      'xoxb-canary and xapp-canary and p@ss-canary',
    );
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toContain('canary');
    expect(lines.join()).toContain('refused [secret]');
  });
});

it('takes networks of proxies, and an address of the page without a path', () => {
  expect(problems({ TRUSTED_PROXIES: '10.0.0.0/8, ::1,172.17.0.1' })).toEqual([]);
  expect(problems({ TRUSTED_PROXIES: '10.0.0.0/33' }).join()).toContain(
    'TRUSTED_PROXIES must be addresses or networks',
  );
  expect(problems({ TRUSTED_PROXIES: 'proxy' }).join()).toContain('TRUSTED_PROXIES must be addresses or networks');
  expect(problems({ PUBLIC_URL: 'https://example.org/easel/' }).join()).toContain('PUBLIC_URL must have no path');
  expect(problems({ PUBLIC_URL: 'https://example.org/' })).toEqual([]);
  expect(problems({ PUBLIC_URL: 'example.org' }).join()).toContain('must be an address that begins with http://');
});

describe('the password of an address', () => {
  const addresses = keyNames.filter(
    (name) =>
      keys[name].schema.safeParse('https://name:SECRETPART@host').success ||
      keys[name].schema.safeParse('redis://name:SECRETPART@host').success ||
      keys[name].schema.safeParse('postgres://name:SECRETPART@host').success,
  );

  it('is there for every setting that holds one', () => {
    expect(addresses).toEqual(
      expect.arrayContaining([
        'databaseUrl',
        'redisUrl',
        'publicUrl',
        'slackApiUrl',
        'discordApiUrl',
        's3Endpoint',
        'hfEndpoint',
      ]),
    );
  });

  it.each(addresses)('is never shown: %s', (name) => {
    const redact = redactor(secretsOf({ [name]: 'https://name:SECRETPART@host/path' }));
    expect(redact('getaddrinfo ENOTFOUND https://name:SECRETPART@host')).not.toContain('SECRETPART');
  });

  it('is not shown in parts where it was not encoded', () => {
    const redact = redactor(secretsOf({ redisUrl: 'redis://:hunter2@VERYSECRETPART#x@host' }));
    expect(redact('getaddrinfo ENOTFOUND VERYSECRETPART')).not.toContain('VERYSECRETPART');
    expect(redact('hunter2@VERYSECRETPART#x')).not.toContain('hunter2');
  });
});
