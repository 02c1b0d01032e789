import { setImmediate as nextTurn } from 'node:timers/promises';
import { type PromptLibrary, requireLora, servedExtras } from '../extras.ts';
import type { Messages } from '../locale/index.ts';
import { nearest } from '../nearest.ts';
import { MAX_EMBEDDINGS, MAX_LORA_WEIGHT, MAX_LORAS } from '../parameters/loras.ts';
import type { ModelReference } from '../parameters/model.ts';
import { MAX_PROMPT_LENGTH } from '../parameters/prompts.ts';
import { MAX_PICTURES, type PictureTexts, type Recipe, seedAfter } from '../recipe.ts';
import { UserError } from '../request.ts';
import type { Extra } from '../services.ts';
import { findEmbeddings, unknownEmbeddings, withoutEndings } from './embeddings.ts';
import { unescapeSigns } from './escapes.ts';
import { type LoraWish, takeLoraTags } from './lora-tags.ts';
import { countPermutations, permutations } from './permutations.ts';
import { pickWildcards } from './wildcards.ts';

/** The four texts as a person typed them, with permutations, wildcards and LoRAs inside. */
export interface TypedPrompts {
  readonly prompt: string;
  readonly prompt2?: string | undefined;
  readonly negative?: string | undefined;
  readonly negative2?: string | undefined;
}

export interface PromptWishes {
  readonly texts: TypedPrompts;
  /** Pictures of each prompt. */
  readonly count: number;
  readonly seed: number;
  /** Named by the option, beside those in the prompt. */
  readonly loras: readonly LoraWish[];
  /** An earlier recipe's, which hold where the prompt names none; null: the option was given. */
  readonly usualLoras: Recipe['loras'];
}

const NAMES = ['prompt', 'prompt2', 'negative', 'negative2'] as const;

/**
 * What each picture of a request is drawn from: the braces' permutations, each `count` times with seeds that count up, so
 * that permutations can be compared; a line of its file for each wildcard, chosen by the picture's seed; and the LoRAs and
 * embeddings that are named, with their hashes. Rejects with a `UserError` of one line, before anything is charged.
 */
export async function resolvePrompts(
  wishes: PromptWishes,
  library: PromptLibrary,
  messages: Messages,
): Promise<readonly PictureTexts[]> {
  const { texts, count, seed } = wishes;
  requireShort(texts, messages);
  requireFew(texts, count, messages);
  const pictures: PictureTexts[] = [];
  for (const permuted of permute(texts)) {
    for (let index = 0; index < count; index++) {
      // Ten pictures of four long texts take a while, in which the event loop serves others.
      await nextTurn();
      pictures.push(await resolveOne(permuted, seedAfter(seed, index), wishes, library, messages));
    }
  }
  return pictures;
}

async function resolveOne(
  texts: TypedPrompts,
  seed: number,
  { loras, usualLoras }: PromptWishes,
  library: PromptLibrary,
  messages: Messages,
): Promise<PictureTexts> {
  const embeddingNames = library.embeddings.map((embedding) => embedding.name);
  const named = [...loras];
  const read: Partial<Record<keyof TypedPrompts, string>> = {};
  for (const name of NAMES) {
    const text = texts[name];
    if (text === undefined) continue;
    const picked = await pickWildcards(text, seed, library.wildcards, messages);
    const taken = takeLoraTags(picked, messages);
    if (taken.loras.length > 0 && name.startsWith('negative')) {
      throw new UserError('invalid_lora', messages.prompts.loraInNegative(taken.loras[0]?.name ?? ''));
    }
    named.push(...taken.loras);
    read[name] = withoutEndings(unescapeSigns(taken.text).trim(), embeddingNames);
  }
  const resolved = { ...read, prompt: read.prompt ?? '' };
  requireShort(resolved, messages);
  const embeddings = embeddingsOf(resolved, library.embeddings, messages);
  return {
    ...resolved,
    seed,
    loras:
      named.length === 0
        ? servedExtras({ loras: usualLoras }, library, messages).loras
        : namedLoras(named, library, messages),
    ...(embeddings.length > 0 && { embeddings: [...embeddings] }),
  };
}

function requireShort(texts: TypedPrompts, messages: Messages): void {
  for (const name of NAMES) {
    const length = texts[name]?.length ?? 0;
    if (length > MAX_PROMPT_LENGTH) {
      throw new UserError('too_long', messages.recipe.tooLong(name, length, MAX_PROMPT_LENGTH));
    }
  }
}

/** Before they are made: nested braces give more prompts than there is room for. */
function requireFew(texts: TypedPrompts, count: number, messages: Messages): void {
  const prompts = NAMES.reduce((product, name) => product * countPermutations(texts[name] ?? ''), 1);
  if (prompts > 1 && prompts * count > MAX_PICTURES) {
    throw new UserError('too_many', messages.prompts.tooManyPictures(prompts, count, MAX_PICTURES));
  }
}

function permute(texts: TypedPrompts): readonly TypedPrompts[] {
  return NAMES.reduce<readonly TypedPrompts[]>(
    (all, name) => {
      const text = texts[name];
      if (text === undefined) return all;
      return all.flatMap((before) => permutations(text).map((permuted) => ({ ...before, [name]: permuted })));
    },
    [{ prompt: texts.prompt }],
  );
}

/** The LoRAs with their hashes; one that is named twice counts with both weights. */
function namedLoras(named: readonly LoraWish[], library: PromptLibrary, messages: Messages): Recipe['loras'] {
  const weights = new Map<Extra, number>();
  for (const { name, weight } of named) {
    const lora = requireLora(name, library, messages);
    weights.set(lora, (weights.get(lora) ?? 0) + weight);
  }
  const loras = [...weights].flatMap(([{ name, hash }, weight]) => (weight === 0 ? [] : [{ name, hash, weight }]));
  const heavy = loras.find(({ weight }) => Math.abs(weight) > MAX_LORA_WEIGHT);
  if (heavy !== undefined) {
    throw new UserError('invalid_lora', messages.prompts.loraForm(`${heavy.name}:${heavy.weight}`, MAX_LORA_WEIGHT));
  }
  if (loras.length > MAX_LORAS)
    throw new UserError('too_many', messages.prompts.tooMany('LoRAs', loras.length, MAX_LORAS));
  return loras;
}

const nameLists = new WeakMap<readonly Extra[], readonly string[]>();

/** The same list for the same library: what is known of it is found by it. */
function namesOf(known: readonly Extra[]): readonly string[] {
  const made = nameLists.get(known) ?? known.map(({ name }) => name);
  nameLists.set(known, made);
  return made;
}

function embeddingsOf(texts: TypedPrompts, known: readonly Extra[], messages: Messages): readonly ModelReference[] {
  const all = NAMES.flatMap((name) => texts[name] ?? []);
  const names = namesOf(known);
  const [unknown] = all.flatMap((text) => unknownEmbeddings(text, names));
  if (unknown !== undefined) {
    throw new UserError('unknown_embedding', messages.prompts.unknownEmbedding(unknown, nearest(unknown, names)));
  }
  const found = findEmbeddings(all, names);
  if (found.length > MAX_EMBEDDINGS) {
    throw new UserError('too_many', messages.prompts.tooMany('embeddings', found.length, MAX_EMBEDDINGS));
  }
  return known.filter(({ name }) => found.includes(name)).map(({ name, hash }) => ({ name, hash }));
}
