import type { Activation, Shape } from '../graph/graph.ts';
import { Linear } from '../graph/layers.ts';
import { Identity, Module } from '../graph/module.ts';

/**
 * Multi-head attention of tokens [B * L, width] to a context [B * M, contextWidth] (Vaswani et al. 2017). The same
 * tokens as context make it self attention.
 */
export class Attention extends Module<[Activation, Activation, Shape]> {
  readonly to_q: Linear;
  readonly to_k: Linear;
  readonly to_v: Linear;
  readonly to_out: readonly [Linear, Identity];
  readonly #width: number;
  readonly #heads: number;

  /** @param bias whether query, key and value have one; the output always has */
  constructor(width: number, contextWidth: number, options: { readonly heads: number; readonly bias: boolean }) {
    super();
    const { heads, bias } = options;
    this.to_q = new Linear(width, width, { bias });
    this.to_k = new Linear(contextWidth, width, { bias });
    this.to_v = new Linear(contextWidth, width, { bias });
    this.to_out = [new Linear(width, width), new Identity()];
    this.#width = width;
    this.#heads = heads;
  }

  protected forward(tokens: Activation, context: Activation, batch: Shape): Activation {
    const [query, key, value] = [this.to_q.call(tokens), this.to_k.call(context), this.to_v.call(context)];
    const options = { heads: this.#heads, width: this.#width, batch, causal: null };
    return this.to_out[0].call(tokens.graph.lowering.attention(query, key, value, options));
  }
}
