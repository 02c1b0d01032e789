import { crc32, inflateSync } from 'node:zlib';

/*
 * Text in PNG files (PNG specification, third edition, section 11.3.3). Read as untrusted bytes: what is malformed is
 * passed over, and nothing is believed about sizes.
 */

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Length, type and checksum of a chunk. */
const CHUNK_OVERHEAD = 12;
/** A recipe is some 10 kB at most. All texts of a file together, inflated, may have so much: a longer one is no recipe. */
const MAX_TEXT_BYTES = 256 * 1024;
/** Texts that a picture may carry before the rest is passed over, the same keyword again included. */
const MAX_TEXTS = 32;
/** Chunks that are looked at: a picture of 25 MB in the usual chunks of 8 kB has some 3,000. */
const MAX_CHUNKS = 10_000;

const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8');

/**
 * All texts of a PNG by keyword, the first of each; none where the bytes are not a PNG. What is beyond the budgets for
 * chunks, texts and inflated bytes is left out: the work is bounded whatever the file says. Never throws.
 */
export function readPngTexts(bytes: Uint8Array): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { keyword, read } of textsOf(bytes)) {
    if (texts.has(keyword)) continue;
    const text = read();
    if (text !== null) texts.set(keyword, text);
  }
  return texts;
}

/** The first text with this keyword, within the same budgets, or null. Never throws. */
export function readPngText(bytes: Uint8Array, keyword: string): string | null {
  for (const text of textsOf(bytes)) if (text.keyword === keyword) return text.read();
  return null;
}

/** The texts of a PNG in order, each read only when it is asked for. */
function* textsOf(bytes: Uint8Array): Generator<{ keyword: string; read: () => string | null }, void> {
  let [chunks, texts, room] = [0, 0, MAX_TEXT_BYTES];
  for (const { type, data } of chunksOf(bytes)) {
    if (++chunks > MAX_CHUNKS || texts === MAX_TEXTS) return;
    if (!TEXT_TYPES.has(type)) continue;
    const keyword = keywordOf(data);
    if (keyword === null) continue;
    texts++;
    const read = (): string | null => {
      if (data.length > room) return null;
      const text = readText(type, data.subarray(keyword.length + 1), room);
      // What a bomb was allowed to inflate is spent, too.
      room -= text === null ? room : Math.max(text.bytes, data.length);
      return text?.text ?? null;
    };
    yield { keyword, read };
  }
}

const TEXT_TYPES: ReadonlySet<string> = new Set(['tEXt', 'zTXt', 'iTXt']);

/**
 * The PNG with these texts put before its pixels. Keywords are Latin-1 of 1 to 79 characters. What is not ASCII becomes
 * UTF-8: the older form is Latin-1, which readers often get wrong. Throws RangeError where the bytes are not a PNG.
 */
export function withPngTexts(png: Uint8Array, texts: Readonly<Record<string, string>>): Uint8Array {
  const header = chunksOf(png).next();
  if (header.done || header.value.type !== 'IHDR') throw new RangeError('Texts can be written into a PNG only.');
  const headerEnd = SIGNATURE.length + CHUNK_OVERHEAD + header.value.data.length;
  const chunks = Object.entries(texts).map(([keyword, text]) => encodeText(keyword, text));
  return new Uint8Array(Buffer.concat([png.subarray(0, headerEnd), ...chunks, png.subarray(headerEnd)]));
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

function* chunksOf(bytes: Uint8Array): Generator<Chunk, void> {
  if (!SIGNATURE.every((byte, index) => bytes[index] === byte)) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = SIGNATURE.length;
  while (position + CHUNK_OVERHEAD <= bytes.length) {
    const length = view.getUint32(position);
    const start = position + 8;
    if (start + length + 4 > bytes.length) return;
    yield { type: latin1.decode(bytes.subarray(position + 4, start)), data: bytes.subarray(start, start + length) };
    position = start + length + 4;
  }
}

function keywordOf(data: Uint8Array): string | null {
  const end = data.subarray(0, 80).indexOf(0);
  return end < 1 ? null : latin1.decode(data.subarray(0, end));
}

/** The text after its keyword, and how many bytes it had when it was not compressed; at most `room`. */
function readText(type: string, rest: Uint8Array, room: number): { text: string; bytes: number } | null {
  if (type === 'tEXt') return { text: latin1.decode(rest), bytes: rest.length };
  if (type === 'zTXt') {
    const inflated = rest[0] === 0 ? inflate(rest.subarray(1), room) : null;
    return inflated && { text: latin1.decode(inflated), bytes: inflated.length };
  }
  const language = rest.indexOf(0, 2);
  const translated = language === -1 ? -1 : rest.indexOf(0, language + 1);
  if (translated === -1) return null;
  const body = rest.subarray(translated + 1);
  const plain = rest[0] === 0 ? body : rest[1] === 0 ? inflate(body, room) : null;
  return plain && { text: utf8.decode(plain), bytes: plain.length };
}

function inflate(bytes: Uint8Array, maxOutputLength: number): Uint8Array | null {
  try {
    return inflateSync(bytes, { maxOutputLength });
  } catch {
    return null;
  }
}

function encodeText(keyword: string, text: string): Uint8Array {
  const isAscii = /^[\n\x20-\x7e]*$/.test(text);
  const data = isAscii
    ? Buffer.concat([Buffer.from(`${keyword}\0`, 'latin1'), Buffer.from(text, 'latin1')])
    : // Not compressed, no language, no translated keyword.
      Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1'), Buffer.from(text, 'utf8')]);
  const typed = Buffer.concat([Buffer.from(isAscii ? 'tEXt' : 'iTXt', 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}
