import { deflateSync } from 'node:zlib';
import { formatInfotext, parseInfotext } from '../../../commands/infotext.ts';
import { readPngText, readPngTexts } from '../../../commands/png-text.ts';
import { recipe } from '../../bot/store/requests.ts';
import { ask, attachment } from '../../commands/ask.ts';
import { MemoryServices } from '../../commands/memory-services.ts';
import { filled, filledText, type Hold, holdTarget } from '../hold.ts';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
/** All that may be read of a PNG's texts. */
const MAX_TEXT = 256 * 1024;

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
}

/** A PNG of nothing but these chunks, one kind after the other until it is full. */
function pngOf(bytes: number, ...chunks: readonly Buffer[]): Buffer {
  const round = Buffer.concat(chunks);
  const count = Math.max(1, Math.floor(bytes / round.length));
  return Buffer.concat([SIGNATURE, ...Array<Buffer>(count).fill(round)]);
}

const text = (keyword: string, body: Buffer | string) =>
  Buffer.concat([Buffer.from(`${keyword}\0`), Buffer.from(body)]);
const bomb = (keyword: string, size: number) =>
  chunk('zTXt', text(keyword, Buffer.concat([Buffer.alloc(1), deflateSync(Buffer.alloc(size), { level: 9 })])));
const international = (body: Buffer | string) =>
  text('parameters', Buffer.concat([Buffer.alloc(2), Buffer.from(body)]));

const pngs: Record<string, (bytes: number) => Buffer> = {
  'one keyword again and again, each a bomb that just fits': (bytes) => pngOf(bytes, bomb('a', MAX_TEXT)),
  'bombs that do not fit': (bytes) => pngOf(bytes, bomb('a', MAX_TEXT + 1), bomb('b', 2 ** 24)),
  'empty chunks': (bytes) => pngOf(bytes, chunk('abCd', Buffer.alloc(0))),
  'texts without a keyword': (bytes) => pngOf(bytes, chunk('tEXt', Buffer.alloc(2_000, 'a'))),
  'one long text': (bytes) => pngOf(bytes, chunk('tEXt', text('parameters', filled('a', bytes)))),
  'one text that inflates without end': (bytes) => pngOf(bytes, bomb('parameters', 40 * bytes)),
  'texts that never name their language': (bytes) =>
    pngOf(bytes, chunk('iTXt', international(filled('a', bytes / 40)))),
  'short texts of different keywords': (bytes) =>
    pngOf(bytes, chunk('tEXt', text('b', '')), chunk('zTXt', text('c', 'x'))),
};

const settingsLine = formatInfotext(recipe).split('\n').at(-1) ?? '';
const lines: Record<string, (bytes: number) => string> = {
  'a quote that never ends': (bytes) => `\nLoras: "${filledText('\\"', bytes)}`,
  'quotes one after the other': (bytes) => `\n${filledText('a: "", ', bytes)}`,
  'keys without a value': (bytes) => `\n${filledText('aaaa -/', bytes)}`,
  'one long value': (bytes) => `\nLoras: "${filledText('a', bytes)}"`,
  'headings of negative prompts': (bytes) => `${filledText('\nNegative prompt: ', bytes)}\n${settingsLine}`,
  'a list within a list': (bytes) => `\n${settingsLine}, Loras: ${JSON.stringify(filledText('[', bytes))}`,
  'many LoRAs': (bytes) => `\n${settingsLine}, Loras: ${JSON.stringify(`[${filledText('{},', bytes).slice(0, -1)}]`)}`,
  'line ends': (bytes) => filledText('\n', bytes),
};

const imported = (command: string) => (bytes: Uint8Array) =>
  ask(new MemoryServices(), command, { file: attachment(bytes, 'a file') }, { admin: true });

const deep = (bytes: number) => filled('[', bytes);
const list = (item: string, bytes: number) => Buffer.from(`[${filledText(`${item},`, bytes).replace(/,[^,]*$/, '')}]`);
const inSettings = (key: string, value: Buffer | string) =>
  Buffer.concat([Buffer.from(`{"version":1,"${key}":`), Buffer.from(value), Buffer.from('}')]);
const SETTINGS = 3_000_000;
const STYLES = 2_000_000;
const wide = (bytes: number, most: number) => Math.min(bytes, most - 1_000);

/** Files that people attach, and what is read of them. */
export const fileHolds: readonly Hold[] = [
  holdTarget({
    name: 'PNG texts',
    inputs: pngs,
    parse: (bytes) => {
      const parameters = readPngText(bytes, 'parameters');
      if (parameters !== null) parseInfotext(parameters);
      readPngTexts(bytes);
    },
  }),
  holdTarget({
    name: 'recipe texts',
    inputs: Object.fromEntries(
      Object.entries(lines).map(([kind, make]) => [kind, (bytes: number) => make(Math.min(bytes, MAX_TEXT))]),
    ),
    parse: (line) => parseInfotext(line),
  }),
  holdTarget({
    name: 'settings files',
    inputs: {
      'lists within lists': (bytes) => deep(wide(bytes, SETTINGS)),
      'objects within objects': (bytes) => filled('{"a":', wide(bytes, SETTINGS)),
      'too large': (bytes) => filled(' ', bytes),
      'countless quotas': (bytes) => inSettings('quotas', list('{}', wide(bytes, SETTINGS))),
      'countless bans': (bytes) => inSettings('banned', list('0', wide(bytes, SETTINGS))),
      'countless keys': (bytes) =>
        Buffer.from(`{${Array.from({ length: wide(bytes, SETTINGS) / 12 }, (_, i) => `"k${i}":1`).join()}}`),
      'countless reactions': (bytes) =>
        inSettings(
          'reactions',
          `{${Array.from({ length: wide(bytes, SETTINGS) / 12 }, (_, i) => `"k${i}":1`).join()}}`,
        ),
      'one long word': (bytes) => inSettings('blocked', `["${filledText('a', wide(bytes, SETTINGS))}"]`),
    },
    parse: imported('easel-admin import'),
  }),
  holdTarget({
    name: 'files of styles',
    inputs: {
      'lists within lists': (bytes) => deep(wide(bytes, STYLES)),
      'empty cells': (bytes) => Buffer.from(`name,prompt\n${filledText(',', wide(bytes, STYLES))}`),
      'a quote that never ends': (bytes) => Buffer.from(`name,prompt\n"${filledText('""', wide(bytes, STYLES))}`),
      'quotes that end at once': (bytes) => Buffer.from(`name,prompt\n${filledText('"a', wide(bytes, STYLES))}`),
      'countless columns': (bytes) =>
        Buffer.from(
          `name,prompt${filledText(',a', wide(bytes, STYLES) / 2)}\n${filledText('b\n', wide(bytes, STYLES) / 2)}`,
        ),
      'short lines': (bytes) => Buffer.from(`name,prompt\n${filledText('a,b\n', wide(bytes, STYLES))}`),
      'countless entries': (bytes) => list('{"name":"a","prompt":"b"}', wide(bytes, STYLES)),
      'entries that are none': (bytes) => list('{}', wide(bytes, STYLES)),
      'a name of marks': (bytes) =>
        Buffer.from(`name,prompt\n${filledText('\u0301\u0316', wide(bytes, STYLES) / 2)},b`),
      'a name of hyphens': (bytes) => Buffer.from(`name,prompt\n${filledText('-', wide(bytes, STYLES))},b`),
      'white space': (bytes) => filled(' ', wide(bytes, STYLES)),
    },
    parse: imported('easel-admin style import'),
  }),
];
