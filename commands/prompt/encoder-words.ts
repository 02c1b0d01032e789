import { parsePrompt, type WeightedText } from './weights.ts';

/** A contraction's end, a run of letters, a single digit, or a run of other signs. */
const WORD = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;

const MAX_MARKS = 256;

/**
 * The words that CLIP's tokenizer makes tokens of, each by itself: composed (NFC), in lower case, cut as transformers'
 * CLIPTokenizer cuts them (`cat1` is two words, and so is `'mcat`).
 */
export function encoderWords(text: string): readonly string[] {
  return normalize(text).match(WORD) ?? [];
}

/** Which of a prompt's weighted texts are read: all, or those that a negative weight turns round. */
type Side = 'all' | 'turned';

/**
 * How the text encoders read a prompt, in as many ways as its words can be put together: by the texts that its weights
 * cut it into, and as if the weights were not there (texts of one weight are read as one). Rules are held against each.
 */
export function readings(prompt: string, side: Side): readonly string[] {
  const texts = parsePrompt(prompt).map((section) => (side === 'all' ? section : section.filter(isTurned)));
  const apart = texts.flat().map(({ text }) => text);
  const joined = texts.map((section) => section.map(({ text }) => text).join(''));
  const ways = [apart, joined].flatMap((parts) => [parts, parts.flatMap((part) => part.split(SPECIAL_TOKEN))]);
  return [...new Set(ways.map((parts) => parts.flatMap(encoderWords).join(' ')))];
}

/** Tokens that the encoders know in the text itself, the second also its padding: what follows is read on its own. */
const SPECIAL_TOKEN = /<\|startoftext\|>|<\|endoftext\|>|!/;

const isTurned = ({ weight }: WeightedText): boolean => weight < 0;

/** White space needs no care: a word never contains any. */
function normalize(text: string): string {
  // The original lowers each code point by itself; JavaScript lowers a sigma at a word's end to another letter.
  return boundMarks(text).normalize('NFC').replaceAll('Σ', 'σ').toLowerCase();
}

/**
 * Cuts runs of combining marks that no script writes: to sort a run (UAX 15, canonical ordering) takes quadratic time,
 * which is minutes for a hostile megabyte.
 */
function boundMarks(text: string): string {
  return text.replace(/\p{M}+/gu, (run) => (run.length > MAX_MARKS ? [...run].slice(0, MAX_MARKS).join('') : run));
}
