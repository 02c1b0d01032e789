/** A prompt's text in order: plain, or the name of an embedding that stands for vectors of its own. */
export type PromptPiece = { readonly text: string } | { readonly embedding: string };

/** What may stand before a name, as in ComfyUI; without it the bare name counts, as in the AUTOMATIC1111 web UI. */
const PREFIX = 'embedding:';

/** Cuts a text at the names of embeddings: whole words in any case, of several the longest. */
export function splitAtEmbeddings(text: string, names: readonly string[]): readonly PromptPiece[] {
  if (names.length === 0) return [{ text }];
  const nameAt = lookUp(names);
  const pieces: PromptPiece[] = [];
  let end = 0;
  for (let at = 0; at < text.length; at++) {
    if (isMatch(AFTER_WORD, text, at)) continue;
    const isPrefixed = text.slice(at, at + PREFIX.length).toLowerCase() === PREFIX;
    const embedding = (isPrefixed ? nameAt(text, at + PREFIX.length) : null) ?? nameAt(text, at);
    if (embedding === null) continue;
    if (at > end) pieces.push({ text: text.slice(end, at) });
    pieces.push({ embedding: embedding.name });
    end = embedding.end;
    at = end - 1;
  }
  return end < text.length || pieces.length === 0 ? [...pieces, { text: text.slice(end) }] : pieces;
}

/** The names that the texts contain, each once, in the order of `names`. */
export function findEmbeddings(texts: readonly string[], names: readonly string[]): readonly string[] {
  const found = texts
    .flatMap((text) => splitAtEmbeddings(text, names))
    .flatMap((piece) => ('embedding' in piece ? [piece.embedding] : []));
  const distinct = new Set(found);
  return names.filter((name) => distinct.has(name));
}

/**
 * The text with the endings taken off that a name has after `embedding:` in ComfyUI (`embedding:cosy.pt`), where that gives an
 * embedding's name; they would be read as words.
 */
export function withoutEndings(text: string, names: readonly string[]): string {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return text.replace(
    /(?<![\p{L}\p{N}])(embedding:)([\p{L}\p{N}_./-]+)\.(?:safetensors|pt|bin)(?![\p{L}\p{N}_-])/giu,
    (whole, prefix: string, name: string) => (known.has(name.toLowerCase()) ? prefix + name : whole),
  );
}

/** Names that follow `embedding:` and are no embedding's. */
export function unknownEmbeddings(text: string, names: readonly string[]): readonly string[] {
  return splitAtEmbeddings(text, names).flatMap((piece) =>
    'text' in piece
      ? [...piece.text.matchAll(/(?<![\p{L}\p{N}])embedding:([\p{L}\p{N}_./-]+)/giu)].map(([, name = '']) => name)
      : [],
  );
}

const AFTER_WORD = /(?<=[\p{L}\p{N}_-])/uy;
const BEFORE_WORD = /(?=[\p{L}\p{N}_-])/uy;

function isMatch(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

/**
 * Finds the longest name at a place. Looked up by its letters: one pattern of thousands of names would be tried name by
 * name at each letter of a prompt.
 */
function lookUp(names: readonly string[]): FindName {
  const known = lookUps.get(names);
  if (known !== undefined) return known;
  const made = makeLookUp(names);
  lookUps.set(names, made);
  return made;
}

type FindName = (text: string, at: number) => { name: string; end: number } | null;
/** Each text of each picture of a request asks for the same names. */
const lookUps = new WeakMap<readonly string[], FindName>();

function makeLookUp(names: readonly string[]): FindName {
  const byLowerCase = new Map(names.map((name) => [name.toLowerCase(), name]));
  const lengths = new Map<string, Set<number>>();
  for (const name of names) {
    const initial = name.slice(0, 1).toLowerCase();
    lengths.set(initial, (lengths.get(initial) ?? new Set()).add(name.length));
  }
  const longestFirst = new Map([...lengths].map(([initial, all]) => [initial, [...all].sort((a, b) => b - a)]));
  return (text, at) => {
    for (const length of longestFirst.get(text.slice(at, at + 1).toLowerCase()) ?? []) {
      const name = byLowerCase.get(text.slice(at, at + length).toLowerCase());
      if (name !== undefined && !isMatch(BEFORE_WORD, text, at + length)) return { name, end: at + length };
    }
    return null;
  };
}
