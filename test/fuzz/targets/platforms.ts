import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { formatCustomId, parseCustomId } from '../../../bot/discord/render/custom-id.ts';
import { checkPicture } from '../../../bot/services/check-picture.ts';
import { verifySignature } from '../../../bot/slack/transport/signature.ts';
import { readIncoming } from '../../../bot/web/incoming.ts';
import { UserError } from '../../../commands/request.ts';
import { CONFIG_FILE, ConfigError, loadConfig } from '../../../config/index.ts';
import { environmentName, keys } from '../../../config/keys.ts';
import { type FuzzTarget, fuzzTarget } from '../fuzz.ts';
import { bytesOf, mutatedBytes, mutatedJsonBytes, mutatedText } from '../inputs.ts';

const turn = '0190a0a0-0000-7000-8000-000000000000';
const acts = [
  { kind: 'text', turn, text: '/imagine a cat' },
  { kind: 'press', turn, message: turn, command: 'upscale', target: `${turn}.0` },
  { kind: 'form', turn, command: 'imagine', values: { prompt: 'a cat', steps: '20' } },
];
const multipart = [
  '---boundary-of-a-form',
  'content-disposition: form-data; name="act"',
  '',
  JSON.stringify(acts[0]),
  '---boundary-of-a-form',
  'content-disposition: form-data; name="file:start"; filename="a.png"',
  'content-type: image/png',
  '',
  'PNG',
  '---boundary-of-a-form--',
  '',
].join('\r\n');

const customIds = [
  'easel:upscale:0190a0a0-0000-7000-8000-000000000000.0',
  'easel-page:history:2',
  'easel-on:imagine:123:456',
  'easel-form:imagine:picture=1&x=%20',
];

const configuration = {
  port: 3000,
  models: [{ name: 'sdxl', base: 'a.safetensors', refiner: null }],
  provider: 'cpu',
  worker: false,
  databaseUrl: 'postgres://easel:secret@db/easel',
  redisUrl: 'redis://:secret@cache:6379/1',
  s3Endpoint: 'http://127.0.0.1:9000',
};

const names = Object.keys(keys)
  .filter((name): name is keyof typeof keys => name in keys)
  .map(environmentName);
const environment = fc.dictionary(
  fc.constantFrom(...names, 'DISCORD_TOKEN_FILE'),
  mutatedText(['1', 'on', '127.0.0.1', 'postgres://a:b@c/d', '[{"name":"x","base":"y"}]', '/dev/null', 'http://x']),
  { maxKeys: 4 },
);

const folder = mkdtempSync(join(tmpdir(), 'easel-fuzz-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const flat = sharp({ create: { width: 9, height: 7, channels: 3, background: 'teal' } });
const pictures = await Promise.all([
  flat.clone().png().toBuffer(),
  flat.clone().jpeg().withMetadata({ orientation: 6 }).toBuffer(),
  flat.clone().webp().toBuffer(),
  flat.clone().gif().toBuffer(),
]);

/** What comes in over the platforms and the page, and what operators write. */
export const platformTargets: readonly FuzzTarget[] = [
  fuzzTarget({
    name: 'custom ids',
    inputs: mutatedText(customIds),
    refusals: [],
    parse: (text) => {
      const id = parseCustomId(text.slice(0, 100));
      if (id === null || id.kind === 'form') return;
      if (formatCustomId(id) !== text.slice(0, 100)) throw new Error('The id is not what was parsed.');
    },
  }),
  fuzzTarget({
    name: "the page's requests",
    inputs: fc.tuple(
      fc.constantFrom('application/json', 'multipart/form-data; boundary=-boundary-of-a-form', 'multipart/form-data'),
      fc.oneof(
        mutatedJsonBytes(acts),
        mutatedBytes([...acts.map((act) => bytesOf(JSON.stringify(act))), bytesOf(multipart)]),
      ),
    ),
    refusals: [],
    parse: ([type, body]) =>
      readIncoming(
        new Request('http://localhost/api/command', {
          method: 'POST',
          headers: { 'content-type': type },
          body: Uint8Array.from(body),
        }),
      ),
  }),
  fuzzTarget({
    name: "Slack's signatures",
    inputs: fc.record({
      timestamp: mutatedText(['1700000000']),
      signature: mutatedText([`v0=${'a'.repeat(64)}`]),
      body: mutatedText(['command=/imagine&text=a']),
    }),
    refusals: [],
    parse: (request) => {
      if (verifySignature(request, 'secret', 1.7e12) === 'genuine') throw new Error('A signature was guessed.');
    },
  }),
  fuzzTarget({
    name: 'configuration',
    inputs: fc.tuple(
      fc.oneof(
        mutatedJsonBytes([configuration]),
        mutatedBytes([bytesOf(JSON.stringify(configuration)), bytesOf('{}')]),
      ),
      fc.oneof(fc.constant({}), environment),
    ),
    refusals: [ConfigError],
    parse: ([file, variables]) => {
      writeFileSync(join(folder, CONFIG_FILE), file);
      loadConfig(variables, folder);
    },
  }),
  fuzzTarget({
    name: 'uploaded pictures',
    inputs: mutatedBytes(pictures),
    refusals: [UserError],
    parse: (bytes) => checkPicture(bytes),
  }),
];
