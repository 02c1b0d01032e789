import type { TokenizerFiles } from '../checkpoint/tokenizer-files.ts';
import { MinHeap } from './min-heap.ts';

/** A byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019), ready to encode words. */
export interface BytePairEncoding {
  /** For each byte, the id of its token within a word, and at a word's end. */
  readonly byteIds: readonly { readonly inner: number; readonly last: number }[];
  /** By `pairKey` of two neighbours: the merge's rank (lower first) and the token that the two become. */
  readonly merges: ReadonlyMap<number, Merge>;
}

interface Merge {
  readonly rank: number;
  readonly id: number;
}

/** What CLIP's vocabulary writes after the last piece of a word. */
const END_OF_WORD = '</w>';

/** Ids are below 2^24, so that a pair of them is one exact number. */
const MAX_IDS = 2 ** 24;

/** A word position is below 2^32 and a rank below 2^20, so that both make one exact number that sorts by rank. */
const POSITIONS = 2 ** 32;

/** Prepares a vocabulary and its merges. Bytes that the vocabulary lacks become the unknown token; so do merges. */
export function createBytePairEncoding({ vocabulary, merges, config }: TokenizerFiles): BytePairEncoding {
  const unknown = vocabulary.get(config.unkToken) ?? 0;
  const byteIds = byteCharacters().map((character) => ({
    inner: vocabulary.get(character) ?? unknown,
    last: vocabulary.get(character + END_OF_WORD) ?? unknown,
  }));
  const table = new Map<number, Merge>();
  merges.forEach(([first, second], rank) => {
    const left = vocabulary.get(first);
    const right = vocabulary.get(second);
    const id = vocabulary.get(first + second);
    if (left === undefined || right === undefined || id === undefined) return;
    const key = pairKey(left, right);
    if (!table.has(key)) table.set(key, { rank, id });
  });
  return { byteIds, merges: table };
}

/**
 * Encodes the bytes of one word: merges neighbours, the best-ranked pair first and leftmost among equals, until no
 * pair can be merged. Takes O(n log n) in the word's length.
 */
export function encodeWord(bytes: Uint8Array, { byteIds, merges }: BytePairEncoding): number[] {
  const ids = Array.from(bytes, (byte, index) => {
    const { inner, last } = byteIds[byte] ?? { inner: 0, last: 0 };
    return index === bytes.length - 1 ? last : inner;
  });
  // The pieces are a linked list over positions; a piece that was merged into the one before has the id GONE.
  const next = Int32Array.from(ids, (_, index) => index + 1);
  const previous = Int32Array.from(ids, (_, index) => index - 1);
  const candidates = new MinHeap();
  const consider = (position: number): void => {
    const merge = merges.get(pairKey(ids[position] ?? GONE, ids[next[position] ?? ids.length] ?? GONE));
    if (merge) candidates.push(merge.rank * POSITIONS + position);
  };
  for (let position = 0; position + 1 < ids.length; position++) consider(position);
  for (let candidate = candidates.pop(); candidate !== undefined; candidate = candidates.pop()) {
    const position = candidate % POSITIONS;
    const partner = next[position] ?? ids.length;
    const merge = merges.get(pairKey(ids[position] ?? GONE, ids[partner] ?? GONE));
    // The pieces may have changed since the candidate was noted; what they became was noted for itself.
    if (merge?.rank !== Math.floor(candidate / POSITIONS)) continue;
    const after = next[partner] ?? ids.length;
    ids[position] = merge.id;
    ids[partner] = GONE;
    next[position] = after;
    if (after < ids.length) previous[after] = position;
    consider(position);
    if (position > 0) consider(previous[position] ?? 0);
  }
  return ids.filter((id) => id !== GONE);
}

/** No token's id: a pair with it is in no table. */
const GONE = -1;

function pairKey(left: number, right: number): number {
  return left < 0 || right < 0 ? GONE : left * MAX_IDS + right;
}

/**
 * The printable character that stands for each byte in a byte-level vocabulary: itself where it is printable in
 * Latin-1, else the next unused code point from 256 (GPT-2's `bytes_to_unicode`).
 */
function byteCharacters(): string[] {
  let unprintable = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(isPrintable ? byte : 256 + unprintable++);
  });
}
