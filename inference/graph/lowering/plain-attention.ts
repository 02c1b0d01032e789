import type { Activation, Value } from '../graph.ts';
import { add, cast, concat, matMul, reshape, scaled, softmax, transpose } from '../ops.ts';
import type { AttentionOptions } from './lowering.ts';

/** What a token that must not be seen adds to its score: float16 holds it, and its exponential is 0. */
const UNSEEN = -10_000;

/** Attention by plain products, which hold the whole [B, heads, L, M] matrix of scores. */
export function plainAttention(
  query: Activation,
  key: Activation,
  value: Activation,
  options: AttentionOptions,
): Activation {
  const { heads, width, batch, causal } = options;
  const { graph, type } = query;
  const size = width / heads;
  const perHead = concat([batch, graph.ints([-1, heads, size])], 0);
  const q = transpose(reshape(query, perHead), [0, 2, 1, 3]);
  const k = transpose(reshape(key, perHead), [0, 2, 3, 1]);
  const v = transpose(reshape(value, perHead), [0, 2, 1, 3]);
  const scores = matMul(scaled(q, 1 / Math.sqrt(size)), k);
  const seen = causal === null ? scores : add(scores, cast(causalMask(graph, causal.length), type));
  return reshape(transpose(matMul(softmax(seen), v), [0, 2, 1, 3]), [-1, width]);
}

/** [length, length]: 0 where the column's token comes no later than the row's. */
function causalMask(graph: Activation['graph'], length: number): Value<'float32'> {
  const mask = Float32Array.from({ length: length * length }, (_, i) =>
    i % length > Math.floor(i / length) ? UNSEEN : 0,
  );
  return graph.floats(mask, [length, length]);
}
