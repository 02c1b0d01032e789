import type { TextEncoderConfig } from '../checkpoint/configuration.ts';
import { isScale } from '../checkpoint/surplus.ts';
import type { Weights } from '../checkpoint/weights.ts';
import { bindWeights, type WeightExtras } from '../graph/bind-weights.ts';
import type { Activation, Shape, Value } from '../graph/graph.ts';
import { Embedding, gelu, LayerNorm, Linear, quickGelu } from '../graph/layers.ts';
import { Module } from '../graph/module.ts';
import { add, argMax, cast, choose, equals, isNegative, pick, reshape, shapeOf } from '../graph/ops.ts';
import { Parameter } from '../graph/parameter.ts';
import type { Tensor } from '../tensor.ts';
import { type BuildOptions, buildModel, type NetworkModel } from './model.ts';

/** The eos_token_id of the published SDXL configurations, which stands for "the position of the highest id". */
const LEGACY_EOS_TOKEN_ID = 2;

/** What a text encoder makes of token ids [B, L]. */
interface TextStates {
  /** [B, L, C] each: the embedded tokens, then every layer's result, before the final norm. */
  readonly hidden: readonly Activation[];
  /** [B, L, C]: the last of them after the final norm. */
  readonly last: Activation;
  /** [B, C], or [B, projectionDim] where the model projects: `last` at the text's end. */
  readonly pooled: Activation;
}

/** CLIP's text encoder (Radford et al. 2021), with the projection to the space shared with pictures where it has one. */
class ClipTextModel extends Module<[Value<'int32'>, Activation], TextStates> {
  readonly text_model: TextTransformer;
  readonly text_projection: Linear | null;

  constructor(config: TextEncoderConfig, hasProjection: boolean) {
    super();
    this.text_model = new TextTransformer(config);
    this.text_projection = hasProjection ? new Linear(config.hiddenSize, config.projectionDim, { bias: false }) : null;
  }

  protected forward(ids: Value<'int32'>, vectors: Activation): TextStates {
    const states = this.text_model.call(ids, vectors);
    return { ...states, pooled: this.text_projection?.call(states.pooled) ?? states.pooled };
  }
}

class TextTransformer extends Module<[Value<'int32'>, Activation], TextStates> {
  readonly embeddings: TextEmbeddings;
  readonly encoder: TextLayers;
  readonly final_layer_norm: LayerNorm;
  readonly #config: TextEncoderConfig;

  constructor(config: TextEncoderConfig) {
    super();
    this.embeddings = new TextEmbeddings(config);
    this.encoder = new TextLayers(config);
    this.final_layer_norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
    this.#config = config;
  }

  protected forward(ids: Value<'int32'>, vectors: Activation): TextStates {
    const { hiddenSize, maxPositionEmbeddings, eosTokenId } = this.#config;
    const embedded = reshape(this.embeddings.call(ids, vectors), [-1, hiddenSize]);
    const results = this.encoder.call(embedded, shapeOf(ids, 0, 1));
    const perSample = (x: Activation) => reshape(x, [-1, maxPositionEmbeddings, hiddenSize]);
    const last = perSample(this.final_layer_norm.call(results.at(-1) ?? embedded));
    const end = argMax(eosTokenId === LEGACY_EOS_TOKEN_ID ? ids : equals(ids, eosTokenId));
    return { hidden: [embedded, ...results].map(perSample), last, pooled: pick(last, end) };
  }
}

/** Token ids [B, L] -> [B, L, C]: each token's vector, or where the id is negative the one that was given, plus its position's. */
class TextEmbeddings extends Module<[Value<'int32'>, Activation]> {
  readonly token_embedding: Embedding;
  readonly position_embedding: PositionEmbedding;

  constructor({ vocabSize, maxPositionEmbeddings, hiddenSize }: TextEncoderConfig) {
    super();
    this.token_embedding = new Embedding(vocabSize, hiddenSize);
    this.position_embedding = new PositionEmbedding(maxPositionEmbeddings, hiddenSize);
  }

  protected forward(ids: Value<'int32'>, vectors: Activation): Activation {
    // A negative index counts from the table's end; what it finds there is not used.
    return this.position_embedding.call(choose(isNegative(ids), vectors, this.token_embedding.call(ids)));
  }
}

class PositionEmbedding extends Module {
  readonly weight: Parameter;

  constructor(length: number, width: number) {
    super();
    this.weight = new Parameter(length, width);
  }

  protected forward(x: Activation): Activation {
    return add(x, this.weight.as(x.type, x.graph));
  }
}

/** Every layer's result, from tokens [B * L, C]. */
class TextLayers extends Module<[Activation, Shape], readonly Activation[]> {
  readonly layers: readonly TextLayer[];

  constructor(config: TextEncoderConfig) {
    super();
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new TextLayer(config));
  }

  protected forward(tokens: Activation, batch: Shape): readonly Activation[] {
    let x = tokens;
    return this.layers.map((layer) => {
      x = layer.call(x, batch);
      return x;
    });
  }
}

class TextLayer extends Module<[Activation, Shape]> {
  readonly layer_norm1: LayerNorm;
  readonly self_attn: CausalSelfAttention;
  readonly layer_norm2: LayerNorm;
  readonly mlp: TextMlp;

  constructor(config: TextEncoderConfig) {
    super();
    this.layer_norm1 = new LayerNorm(config.hiddenSize, config.layerNormEps);
    this.self_attn = new CausalSelfAttention(config);
    this.layer_norm2 = new LayerNorm(config.hiddenSize, config.layerNormEps);
    this.mlp = new TextMlp(config);
  }

  protected forward(x: Activation, batch: Shape): Activation {
    x = add(x, this.self_attn.call(this.layer_norm1.call(x), batch));
    return add(x, this.mlp.call(this.layer_norm2.call(x)));
  }
}

class CausalSelfAttention extends Module<[Activation, Shape]> {
  readonly q_proj: Linear;
  readonly k_proj: Linear;
  readonly v_proj: Linear;
  readonly out_proj: Linear;
  readonly #config: TextEncoderConfig;

  constructor(config: TextEncoderConfig) {
    super();
    const width = config.hiddenSize;
    this.q_proj = new Linear(width, width);
    this.k_proj = new Linear(width, width);
    this.v_proj = new Linear(width, width);
    this.out_proj = new Linear(width, width);
    this.#config = config;
  }

  protected forward(x: Activation, batch: Shape): Activation {
    const { hiddenSize: width, numAttentionHeads: heads, maxPositionEmbeddings: length } = this.#config;
    const options = { heads, width, batch, causal: { length } };
    const [query, key, value] = [this.q_proj.call(x), this.k_proj.call(x), this.v_proj.call(x)];
    return this.out_proj.call(x.graph.lowering.attention(query, key, value, options));
  }
}

class TextMlp extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly #activation: (x: Activation) => Activation;

  constructor(config: TextEncoderConfig) {
    super();
    this.fc1 = new Linear(config.hiddenSize, config.intermediateSize);
    this.fc2 = new Linear(config.intermediateSize, config.hiddenSize);
    this.#activation = config.hiddenAct === 'quick_gelu' ? quickGelu : gelu;
  }

  protected forward(x: Activation): Activation {
    return this.fc2.call(this.#activation(this.fc1.call(x)));
  }
}

const inputs = { input_ids: 'int32', vectors: 'float32' } as const;

/**
 * `penultimate` [B, L, C]: what SDXL reads, the hidden state before the last layer; `hidden_states.N`: any other, where
 * 0 is the embedded tokens; `last` [B, L, C] has the final norm; `pooled` [B, projectionDim] stands for the whole text.
 */
export type TextEncoderOutput = 'penultimate' | 'last' | 'pooled' | `hidden_states.${number}`;
export type TextEncoderModel = NetworkModel<typeof inputs, TextEncoderOutput>;

/** What is given as `vectors` where no id is negative. */
export function noVectors({ hiddenSize }: Pick<TextEncoderConfig, 'hiddenSize'>): Tensor {
  return { shape: [1, 1, hiddenSize], data: new Float32Array(hiddenSize) };
}

/** The network over its checkpoint, before it is a graph. @throws WeightsMismatchError */
export function bindTextEncoder(config: TextEncoderConfig, weights: Weights, extras: WeightExtras = {}): ClipTextModel {
  const network = new ClipTextModel(config, weights.has('text_projection.weight'));
  return bindWeights(network, weights, 'text encoder', extras, isScale);
}

/**
 * The graph of a CLIP text encoder over its checkpoint. Token ids are [B, maxPositionEmbeddings]; the batch is free. Where an
 * id is negative, the vector of that place is taken from `vectors`, which broadcasts to [B, maxPositionEmbeddings, C].
 * The pooled output is projected where the checkpoint has a projection.
 * @throws WeightsMismatchError
 */
export function buildTextEncoder(config: TextEncoderConfig, weights: Weights, options: BuildOptions): TextEncoderModel {
  const encoder = bindTextEncoder(config, weights, options);
  const { maxPositionEmbeddings, hiddenSize } = config;
  const hiddenNames = Array.from({ length: config.numHiddenLayers + 1 }, (_, i) => `hidden_states.${i}` as const);
  const outputs: TextEncoderOutput[] = ['penultimate', 'last', 'pooled', ...hiddenNames];
  return buildModel(inputs, outputs, options, (graph) => {
    const ids = graph.input('input_ids', 'int32', ['batch', maxPositionEmbeddings]);
    const vectors = graph.input('vectors', 'float32', ['vectors_batch', 'vectors_length', hiddenSize]);
    const { hidden, last, pooled } = encoder.call(ids, cast(vectors, graph.precision));
    const states = new Map<TextEncoderOutput, Activation | undefined>([
      ['penultimate', hidden.at(-2)],
      ['last', last],
      ...hiddenNames.map((name, i) => [name, hidden[i]] as const),
    ]);
    for (const [name, state] of states) {
      if (state) graph.output(name, cast(state, 'float32'), ['batch', maxPositionEmbeddings, hiddenSize]);
    }
    graph.output('pooled', cast(pooled, 'float32'), ['batch', 'pooled_size']);
  });
}
