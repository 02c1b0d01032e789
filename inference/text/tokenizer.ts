import { encoderWords } from '../../commands/prompt/encoder-words.ts';
import type { TokenizerFiles } from '../checkpoint/tokenizer-files.ts';
import { type BytePairEncoding, createBytePairEncoding, encodeWord } from './byte-pair-encoding.ts';

/**
 * CLIP's tokenizer, as transformers' CLIPTokenizer computes it. (open_clip's differs: it repairs mojibake and unescapes
 * HTML first, and does not know special tokens in the text.)
 */
export interface Tokenizer {
  readonly encoding: BytePairEncoding;
  /**
   * Tokens that are recognised in the text, in exactly this spelling. The padding token is one: to SDXL's second
   * encoder an exclamation mark is the padding, id 0, and not the "!" that ends a word.
   */
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly bosId: number;
  readonly eosId: number;
  readonly padId: number;
  /** Ids a text encoder takes, the two special ones around the text included. */
  readonly modelMaxLength: number;
}

/** What a text encoder reads, always `modelMaxLength` ids, and how much of the text did not fit. */
export interface Tokenized {
  readonly ids: readonly number[];
  /** Tokens of the text that were cut off at the end. */
  readonly cutTokens: number;
}

/** Prepares a tokenizer from its files; do this once and keep it. */
export function createTokenizer(files: TokenizerFiles): Tokenizer {
  const { config, vocabulary } = files;
  // A tokenizer's reader has made sure that its special tokens are in the vocabulary.
  const idOf = (token: string): number => vocabulary.get(token) ?? 0;
  const specialTokens = [config.bosToken, config.eosToken, config.unkToken, config.padToken];
  return {
    encoding: createBytePairEncoding(files),
    specialTokens: new Map(specialTokens.map((token) => [token, idOf(token)])),
    bosId: idOf(config.bosToken),
    eosId: idOf(config.eosToken),
    padId: idOf(config.padToken),
    modelMaxLength: config.modelMaxLength,
  };
}

/** The ids of a text between the start and end tokens, padded or cut to the model's length with the end token last. */
export function tokenize(text: string, tokenizer: Tokenizer): Tokenized {
  const tokens = encode(text, tokenizer);
  const room = tokenizer.modelMaxLength - 2;
  const ids = [tokenizer.bosId, ...tokens.slice(0, room), tokenizer.eosId];
  const padding = Array.from({ length: tokenizer.modelMaxLength - ids.length }, () => tokenizer.padId);
  return { ids: [...ids, ...padding], cutTokens: Math.max(0, tokens.length - room) };
}

/** The ids of a text alone, of any number. */
export function encode(text: string, tokenizer: Tokenizer): number[] {
  const ids: number[] = [];
  const utf8 = new TextEncoder();
  for (const part of splitAtSpecialTokens(text, tokenizer)) {
    const special = tokenizer.specialTokens.get(part);
    if (special !== undefined) ids.push(special);
    else {
      for (const word of encoderWords(part)) {
        for (const id of encodeWord(utf8.encode(word), tokenizer.encoding)) ids.push(id);
      }
    }
  }
  return ids;
}

function splitAtSpecialTokens(text: string, { specialTokens }: Tokenizer): readonly string[] {
  const literals = [...specialTokens.keys()].map((token) => token.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return text.split(new RegExp(`(${literals.join('|')})`));
}
