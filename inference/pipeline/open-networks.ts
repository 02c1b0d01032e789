import { EngineError } from '../../commands/engine.ts';
import type { Component } from '../checkpoint/checkpoint.ts';
import type { TextEncoderConfig, UnetConfig } from '../checkpoint/configuration.ts';
import type { OpenBranch, OpenLayers } from '../graph/open-branch.ts';
import type { SessionOptions } from '../graph/session.ts';
import { buildTextEncoder, noVectors, type TextEncoderOutput } from '../models/clip.ts';
import type { BuildOptions } from '../models/model.ts';
import { buildShallowUnet, buildUnet } from '../models/unet/unet.ts';
import type { Lazy } from './lazy.ts';
import { branchFeeds, type LoraFactors } from './lora-factors.ts';
import type { TextEncoder } from './networks.ts';
import type { Sessions } from './sessions.ts';
import type { Unet } from './unet.ts';

/** A network whose session is ready: as it is, or fed with LoRAs where its graph has open branches. */
export type Adaptable<T> = (factors: LoraFactors) => T;

/** How a network is built and run. */
export interface NetworkPlan {
  readonly build: BuildOptions;
  readonly session: SessionOptions;
}

/** A network by the layers that are open to LoRAs. */
export type OpenToLoras<T> = Readonly<Record<OpenLayers, OpenPart<T>>>;

/** One session for all LoRAs, which is made for the first of them. */
export interface OpenPart<T> {
  readonly load: Lazy<Adaptable<T>>;
  /** What it takes in memory when it is made. */
  readonly bytes: number;
}

export function openToLoras<T>(
  sessions: Sessions,
  bytes: number,
  load: (openLayers: OpenLayers) => Promise<Adaptable<T>>,
): OpenToLoras<T> {
  const part = (openLayers: OpenLayers) => ({ bytes, load: sessions.part(() => load(openLayers)) });
  return { linear: part('linear'), all: part('all') };
}

export async function openUnet(
  { config, weights }: Component<UnetConfig>,
  { build, session }: NetworkPlan,
  sessions: Sessions,
): Promise<Adaptable<Unet>> {
  const graph = buildUnet(config, weights, build);
  const whole = await sessions.start(graph, session);
  const shallow = sessions.part(async () => {
    const finest = buildShallowUnet(config, weights, build);
    return { session: await sessions.start(finest, session), branches: finest.branches };
  });
  return (loras) => {
    requireBranches(graph.branches, loras);
    const factors = branchFeeds(graph.branches, loras);
    return {
      async forward({ sample, timesteps, context, pooled, timeIds, deep }) {
        const feeds = {
          sample,
          timestep: { shape: [timesteps.length], data: timesteps },
          encoder_hidden_states: context,
          text_embeds: pooled,
          time_ids: timeIds,
        };
        if (deep === undefined || deep === 'return') {
          return whole.run(feeds, deep === 'return' ? ['prediction', 'deep'] : ['prediction'], factors);
        }
        const finest = await shallow();
        return finest.session.run({ ...feeds, deep }, ['prediction'], branchFeeds(finest.branches, loras));
      },
    };
  };
}

export async function openTextEncoder(
  { config, weights }: Component<TextEncoderConfig>,
  { build, session }: NetworkPlan,
  sessions: Sessions,
): Promise<Adaptable<TextEncoder>> {
  const graph = buildTextEncoder(config, weights, build);
  const ready = await sessions.start(graph, session);
  return (loras) => {
    requireBranches(graph.branches, loras);
    const factors = branchFeeds(graph.branches, loras);
    return {
      width: config.hiddenSize,
      encode: async (ids, layer, vectors = noVectors(config)) => {
        const feeds = { input_ids: { shape: [1, ids.length], data: Int32Array.from(ids) }, vectors };
        const output = layerOutput(config, layer);
        const { [output]: hidden, pooled } = await ready.run(feeds, [output, 'pooled'], factors);
        if (hidden === undefined) throw new RangeError(`The text encoder has no ${output}.`);
        return { hidden, pooled };
      },
    };
  };
}

/** Hidden states count from the embedded tokens, which are 0. */
function layerOutput({ numHiddenLayers }: TextEncoderConfig, layer: number): TextEncoderOutput {
  if (layer <= numHiddenLayers) return `hidden_states.${numHiddenLayers + 1 - layer}`;
  const most = `clip-skip: ${layer} is more than the ${numHiddenLayers} layers of this model's text encoder`;
  throw new EngineError('invalid', `${most}; take at most ${numHiddenLayers}.`);
}

/** A LoRA that nobody would see must not be taken silently. */
function requireBranches(branches: readonly OpenBranch[], loras: LoraFactors): void {
  const open = new Set(branches.map(({ module }) => module));
  const closed = [...loras.keys()].find((module) => !open.has(module));
  if (closed !== undefined) throw new RangeError(`The graph has no open branch for ${closed}.`);
}
