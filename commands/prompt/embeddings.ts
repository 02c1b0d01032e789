/** A prompt's text in order: plain, or the name of an embedding that stands for vectors of its own. */
export type PromptPiece = { readonly text: string } | { readonly embedding: string };

/** What may stand before a name, as in ComfyUI; without it the bare name counts, as in the AUTOMATIC1111 web UI. */
const PREFIX = 'embedding:';

/** Cuts a text at the names of embeddings: whole words in any case, of several the longest. */
export function splitAtEmbeddings(text: string, names: readonly string[]): readonly PromptPiece[] {
  if (names.length === 0) return [{ text }];
  const byLowerCase = new Map(names.map((name) => [name.toLowerCase(), name]));
  const pieces: PromptPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(namesPattern(names))) {
    const embedding = byLowerCase.get((match[1] ?? '').toLowerCase());
    if (embedding === undefined) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ embedding });
    end = match.index + match[0].length;
  }
  return end < text.length || pieces.length === 0 ? [...pieces, { text: text.slice(end) }] : pieces;
}

/** The names that the texts contain, each once, in the order of `names`. */
export function findEmbeddings(texts: readonly string[], names: readonly string[]): readonly string[] {
  const found = texts
    .flatMap((text) => splitAtEmbeddings(text, names))
    .flatMap((piece) => ('embedding' in piece ? [piece.embedding] : []));
  return names.filter((name) => found.includes(name));
}

/** Names that follow `embedding:` and are no embedding's. */
export function unknownEmbeddings(text: string, names: readonly string[]): readonly string[] {
  return splitAtEmbeddings(text, names).flatMap((piece) =>
    'text' in piece
      ? [...piece.text.matchAll(/(?<![\p{L}\p{N}])embedding:([\p{L}\p{N}_./-]+)/giu)].map(([, name = '']) => name)
      : [],
  );
}

function namesPattern(names: readonly string[]): RegExp {
  const longestFirst = [...names].sort((a, b) => b.length - a.length);
  const escaped = longestFirst.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`(?<![\\p{L}\\p{N}_-])(?:${PREFIX})?(${escaped.join('|')})(?![\\p{L}\\p{N}_-])`, 'giu');
}
