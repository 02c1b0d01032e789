import type { TextEncoderConfig, UnetConfig, UnetUpBlockType, VaeConfig } from './configuration.ts';
import { CheckpointError } from './errors.ts';
import type { Weights } from './weights.ts';

/*
 * A single-file checkpoint carries no configuration: what its networks are is read from which parameters there are and
 * how large they are. What shapes do not tell is SDXL's: heads of 64 channels, groups of 32, pictures of 1024 x 1024.
 */

const HEAD_CHANNELS = 64;
const NORM_GROUPS = 32;
const NATIVE_SIZE = 1024;
const LATENT_SCALE = 8;

/** Sizes, crop, and target size for the base; sizes, crop and aesthetic score for the refiner. */
const TIME_IDS = { base: 6, refiner: 5 };

/** Weights of one network, with what an error needs to say. */
interface Source {
  readonly path: string;
  readonly weights: Weights;
}

/**
 * What a UNet is, from its parameters under their original names without prefix. `pooledDim` is the width of the
 * pooled text embedding, which shares the added conditioning with the time ids.
 */
export function inferUnetConfig(source: Source, kind: 'base' | 'refiner', pooledDim: number): UnetConfig {
  const { weights } = source;
  const levels = readLevels(source);
  const first = levels[0];
  const deepest = levels.at(-1);
  const attention = levels.find(({ attentionPath }) => attentionPath !== undefined)?.attentionPath;
  const middleDepth = transformerDepth(weights, 'middle_block.1');
  if (!first || !deepest || attention === undefined || middleDepth === 0) {
    throw new CheckpointError(
      source.path,
      'its UNet has no attention in the middle: a distilled SDXL such as SSD-1B, which Easel does not draw with',
    );
  }
  const blockOutChannels = levels.map(({ channels }) => channels);
  if (blockOutChannels.some((channels) => channels % HEAD_CHANNELS !== 0 || channels % NORM_GROUPS !== 0)) {
    throw new CheckpointError(
      source.path,
      `its UNet has ${blockOutChannels.join(', ')} channels, from which its heads cannot be told; open it with its configuration`,
    );
  }
  const projectionClassEmbeddingsInputDim = dimension(source, 'label_emb.0.0.weight', 1);
  return {
    inChannels: dimension(source, 'input_blocks.0.0.weight', 1),
    outChannels: dimension(source, 'out.2.weight', 0),
    sampleSize: NATIVE_SIZE / LATENT_SCALE,
    blockOutChannels,
    downBlockTypes: levels.map(({ depth }) => (depth > 0 ? 'CrossAttnDownBlock2D' : 'DownBlock2D')),
    upBlockTypes: levels
      .map(({ depth }): UnetUpBlockType => (depth > 0 ? 'CrossAttnUpBlock2D' : 'UpBlock2D'))
      .toReversed(),
    layersPerBlock: first.layers,
    // The middle block has the last level's depth, which is told by the middle where that level has no transformer.
    transformerLayersPerBlock: levels.map((level) => (level === deepest ? level.depth || middleDepth : level.depth)),
    attentionHeads: blockOutChannels.map((channels) => channels / HEAD_CHANNELS),
    crossAttentionDim: dimension(source, `${attention}.transformer_blocks.0.attn2.to_k.weight`, 1),
    useLinearProjection: weights.get(`${attention}.proj_in.weight`)?.shape.length === 2,
    additionTimeEmbedDim: (projectionClassEmbeddingsInputDim - pooledDim) / TIME_IDS[kind],
    projectionClassEmbeddingsInputDim,
    normNumGroups: NORM_GROUPS,
    normEps: 1e-5,
    flipSinToCos: true,
    freqShift: 0,
  };
}

interface Level {
  readonly channels: number;
  readonly layers: number;
  /** Transformer blocks in each of the level's transformers; 0 where it has none. */
  readonly depth: number;
  readonly attentionPath: string | undefined;
}

/** Walks `input_blocks`: a down-sampler ends a level. */
function readLevels(source: Source): Level[] {
  const { weights } = source;
  const levels: Level[] = [];
  let layers = 0;
  for (let block = 1; ; block++) {
    const isResnet = weights.has(`input_blocks.${block}.0.in_layers.2.weight`);
    if (isResnet) layers++;
    else {
      const last = `input_blocks.${block - 1}`;
      if (layers === 0) throw new CheckpointError(source.path, `its UNet has no block ${block - 1}`);
      const depth = transformerDepth(weights, `${last}.1`);
      levels.push({
        channels: dimension(source, `${last}.0.in_layers.2.weight`, 0),
        layers,
        depth,
        attentionPath: depth > 0 ? `${last}.1` : undefined,
      });
      layers = 0;
      if (!weights.has(`input_blocks.${block}.0.op.weight`)) return levels;
    }
  }
}

function transformerDepth(weights: Weights, path: string): number {
  let depth = 0;
  while (weights.has(`${path}.transformer_blocks.${depth}.attn1.to_q.weight`)) depth++;
  return depth;
}

/** What an autoencoder is, from its parameters under diffusers' names. The original SDXL one overflows in float16. */
export function inferVaeConfig(source: Source): VaeConfig {
  const { weights } = source;
  const countOf = (name: (index: number) => string): number => {
    let index = 0;
    while (weights.has(name(index))) index++;
    return index;
  };
  const levels = countOf((level) => `encoder.down_blocks.${level}.resnets.0.conv1.weight`);
  const blockOutChannels = Array.from({ length: levels }, (_, level) =>
    dimension(source, `encoder.down_blocks.${level}.resnets.0.conv1.weight`, 0),
  );
  if (blockOutChannels.some((channels) => channels % NORM_GROUPS !== 0)) {
    throw new CheckpointError(
      source.path,
      `its VAE has ${blockOutChannels.join(', ')} channels, from which its norm groups cannot be told; open it with its configuration`,
    );
  }
  return {
    inChannels: dimension(source, 'encoder.conv_in.weight', 1),
    outChannels: dimension(source, 'decoder.conv_out.weight', 0),
    latentChannels: dimension(source, 'decoder.conv_in.weight', 1),
    blockOutChannels,
    layersPerBlock: countOf((layer) => `encoder.down_blocks.0.resnets.${layer}.conv1.weight`),
    normNumGroups: NORM_GROUPS,
    sampleSize: NATIVE_SIZE,
    scalingFactor: 0.13025,
    latentsMean: null,
    latentsStd: null,
    forceUpcast: true,
    useQuantConv: weights.has('quant_conv.weight'),
    usePostQuantConv: weights.has('post_quant_conv.weight'),
    midBlockAddAttention: weights.has('encoder.mid_block.attentions.0.to_q.weight'),
  };
}

/** What a text encoder is, from its parameters under transformers' names. OpenAI's CLIP uses quick GELU, OpenCLIP GELU. */
export function inferTextEncoderConfig(source: Source, hiddenAct: TextEncoderConfig['hiddenAct']): TextEncoderConfig {
  const { weights } = source;
  const hiddenSize = dimension(source, 'text_model.embeddings.token_embedding.weight', 1);
  if (hiddenSize % HEAD_CHANNELS !== 0) {
    throw new CheckpointError(
      source.path,
      `a text encoder has ${hiddenSize} channels, from which its heads cannot be told; open it with its configuration`,
    );
  }
  const projection = weights.get('text_projection.weight');
  let numHiddenLayers = 0;
  while (weights.has(`text_model.encoder.layers.${numHiddenLayers}.mlp.fc1.weight`)) numHiddenLayers++;
  return {
    vocabSize: dimension(source, 'text_model.embeddings.token_embedding.weight', 0),
    hiddenSize,
    intermediateSize: dimension(source, 'text_model.encoder.layers.0.mlp.fc1.weight', 0),
    numHiddenLayers,
    numAttentionHeads: hiddenSize / HEAD_CHANNELS,
    maxPositionEmbeddings: dimension(source, 'text_model.embeddings.position_embedding.weight', 0),
    hiddenAct,
    layerNormEps: 1e-5,
    projectionDim: projection?.shape[projection.transposed ? 1 : 0] ?? hiddenSize,
    // Pool at the highest id, as OpenCLIP does.
    eosTokenId: 2,
  };
}

function dimension({ path, weights }: Source, name: string, axis: number): number {
  const size = weights.get(name)?.shape[axis];
  if (size === undefined) throw new CheckpointError(path, `has no tensor ${name}, or not of the expected shape`);
  return size;
}
