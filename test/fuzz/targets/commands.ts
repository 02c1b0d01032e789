import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { blobKeySchema } from '../../../commands/ids.ts';
import { commands } from '../../../commands/index.ts';
import { formatInfotext, parseInfotext } from '../../../commands/infotext.ts';
import { parseOptions } from '../../../commands/parse-options.ts';
import { readPngTexts, withPngTexts } from '../../../commands/png-text.ts';
import { type Recipe, recipeSchema } from '../../../commands/recipe.ts';
import { UserError } from '../../../commands/request.ts';
import { defaultSettings } from '../../../commands/settings.ts';
import { parseCommandLine } from '../../../commands/text-options.ts';
import { ask, attachment } from '../../commands/ask.ts';
import { MemoryServices } from '../../commands/memory-services.ts';
import { type FuzzTarget, fuzzTarget } from '../fuzz.ts';
import { bytesOf, mutatedBytes, mutatedJsonBytes, mutatedText } from '../inputs.ts';

const plain: Recipe = recipeSchema.parse({
  prompt: 'a cat, (in the snow:1.2)',
  width: 256,
  height: 192,
  steps: 20,
  guidance: 5,
  guidanceRescale: 0,
  sampler: 'euler',
  seed: 7,
  refine: null,
  model: { name: 'mini', hash: 'ab12' },
  loras: [],
});
const full: Recipe = {
  ...plain,
  prompt2: 'two\nlines',
  negative: 'blurry, "dark"',
  negative2: '',
  refine: 0.8,
  refiner: { name: 'mini-refiner', hash: 'cd34' },
  loras: [{ name: 'ink', hash: 'ef', weight: 0.5 }],
  init: { picture: blobKeySchema.parse('a'.repeat(64)), strength: 0.6 },
  upscale: { factor: 2, method: 'lanczos' },
};
const parameters = [formatInfotext(plain), formatInfotext(full)];

/** A one-pixel PNG. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
/** A small file that would be a large text. */
const bomb = withPngChunk('zTXt', Buffer.concat([Buffer.from('parameters\0\0'), deflateSync(Buffer.alloc(2 ** 22))]));
const pngs = [
  withPngTexts(png, { parameters: parameters[0]!, Software: 'Easel' }),
  withPngTexts(png, { parameters: 'ü ä\n', 'XML:com.adobe.xmp': '<x/>' }),
  bomb,
];

/** The pixel's PNG with one more chunk before its pixels. */
function withPngChunk(type: string, data: Buffer): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const headerEnd = 33;
  return Buffer.concat([
    png.subarray(0, headerEnd),
    length,
    Buffer.from(type),
    data,
    Buffer.alloc(4),
    png.subarray(headerEnd),
  ]);
}

const lines = [
  '/imagine a cat in the snow --size 256x256 --negative "blurry, dark" --private',
  'imagine „ein Hund“ —seed 7 --steps=20 --count 4',
  '/easel-admin quota set --amount 10 --unit pictures --window day',
  '/show k3v9 ',
  '--seed ',
  '"\\""',
];

const settings = [
  defaultSettings,
  {
    ...defaultSettings,
    quotas: [{ subject: { kind: 'role', role: '1' }, unit: 'pictures', window: 'day', amount: 5 }],
    unlimited: { users: ['2'], roles: [] },
    styles: [{ name: 'ink', prompt: '{prompt}, ink', negative: 'colour' }],
    blocked: ['bad*'],
    reactions: { sparkles: 'refine', x: null },
  },
];

const services = new MemoryServices();

/** What people type, press and attach. */
export const commandTargets: readonly FuzzTarget[] = [
  fuzzTarget({
    name: 'PNG metadata',
    inputs: mutatedBytes(pngs),
    refusals: [],
    parse: (bytes) => {
      const text = readPngTexts(bytes).get('parameters');
      return text === undefined ? null : parseInfotext(text);
    },
  }),
  fuzzTarget({
    name: 'recipe texts',
    inputs: mutatedText(parameters),
    refusals: [],
    parse: (text) => {
      const recipe = parseInfotext(text);
      // What was read can be written, and is then read as the same.
      if (recipe !== null && JSON.stringify(parseInfotext(formatInfotext(recipe))) !== JSON.stringify(recipe)) {
        throw new Error('The recipe is not what was written.');
      }
    },
  }),
  fuzzTarget({
    name: 'text options',
    inputs: mutatedText(lines),
    refusals: [UserError],
    parse: (line) => {
      const { command, options } = parseCommandLine(commands, line);
      parseOptions(command.options, options);
    },
  }),
  fuzzTarget({
    name: 'settings import',
    inputs: fc.oneof(mutatedJsonBytes(settings), mutatedBytes(settings.map((each) => bytesOf(JSON.stringify(each))))),
    refusals: [UserError],
    parse: (bytes) => {
      services.store.audit.length = 0;
      return ask(services, 'easel-admin import', { file: attachment(bytes, 'settings.json') }, { admin: true });
    },
  }),
];
