import type { Messages } from './locale/index.ts';
import { nearest } from './nearest.ts';
import { HASH_DIGITS } from './needs.ts';
import type { ModelReference } from './parameters/model.ts';
import { findCut } from './prompt/cut-names.ts';
import type { Recipe } from './recipe.ts';
import { UserError } from './request.ts';
import type { Extra, ExtraService, WildcardService } from './services.ts';

/** What prompts may name, for the model that draws. */
export interface PromptLibrary {
  readonly model: string;
  readonly loras: readonly Extra[];
  readonly embeddings: readonly Extra[];
  readonly wildcards: WildcardService;
}

/** What is there for a model now. Embeddings that are not for it are no more than words. */
export async function promptLibrary(
  model: string,
  services: { readonly extras: ExtraService; readonly wildcards: WildcardService },
): Promise<PromptLibrary> {
  const [loras, embeddings] = await Promise.all([services.extras.loras(), services.extras.embeddings()]);
  return {
    model,
    loras,
    embeddings: embeddings.filter(({ models }) => models.includes(model)),
    wildcards: services.wildcards,
  };
}

/**
 * The LoRA of this name, in this spelling, or else in any case, or cut as suggestions cut it. Throws a `UserError` that
 * lists near names where there is none, the models that it is for where this one is none of them, or the kind that it is where
 * that cannot be drawn with.
 */
export function requireLora(name: string, { model, loras }: PromptLibrary, messages: Messages): Extra {
  const found = findLora(name, loras);
  if (found === undefined) {
    const names = loras.filter(({ models }) => models.includes(model)).map((lora) => lora.name);
    throw new UserError('unknown_lora', messages.prompts.unknownLora(name, nearest(name, names), names.length));
  }
  if (found.unread !== undefined) {
    throw new UserError('unread_adapter', messages.prompts.unreadAdapter(found.name, found.unread));
  }
  if (!found.models.includes(model)) {
    throw new UserError('other_model', messages.prompts.otherModel(found.name, model, found.models));
  }
  return found;
}

/** The LoRA that a person means by this name; undefined: there is none. */
export function findLora(name: string, loras: readonly Extra[]): Extra | undefined {
  const lower = name.toLowerCase();
  return (
    loras.find((lora) => lora.name === name) ??
    loras.find((lora) => lora.name.toLowerCase() === lower) ??
    findCut(name, loras)
  );
}

/**
 * A recipe's LoRAs and embeddings as they are called here: files are known by their hash, whatever their name elsewhere.
 * Throws a `UserError` that names what is not there.
 */
export function servedExtras(
  { loras, embeddings }: Pick<Recipe, 'loras' | 'embeddings'>,
  library: PromptLibrary,
  messages: Messages,
): Pick<Recipe, 'loras' | 'embeddings'> {
  const find = ({ name, hash }: ModelReference, known: readonly Extra[]): Extra => {
    const found = known.find((extra) => sameWeights(extra.hash, hash) && extra.models.includes(library.model));
    if (found !== undefined) return found;
    throw new UserError('not_served', messages.recipe.notServed([name]));
  };
  return {
    loras: loras.map((lora) => {
      const { name, hash } = find(lora, library.loras);
      return { ...lora, name, hash };
    }),
    // The prompt calls an embedding by the name that the recipe gives it.
    ...(embeddings && {
      embeddings: embeddings.map(({ name, ...embedding }) => ({
        name,
        hash: find({ name, ...embedding }, library.embeddings).hash,
      })),
    }),
  };
}

/** A hash may have been shortened to its first digits. */
export function sameWeights(full: string, given: string): boolean {
  return given.length >= HASH_DIGITS && full.startsWith(given.toLowerCase());
}
