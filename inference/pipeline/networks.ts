import type { Arithmetic, Provider } from '../../commands/engine.ts';
import type { AdaptedComponent } from '../checkpoint/adapter.ts';
import type { Checkpoint, Component } from '../checkpoint/checkpoint.ts';
import type { TextEncoderConfig } from '../checkpoint/configuration.ts';
import type { Weights } from '../checkpoint/weights.ts';
import type { AppliedAdapter } from '../graph/adapters.ts';
import type { Device } from '../graph/device.ts';
import { createSession } from '../graph/session.ts';
import { buildTextEncoder, noVectors } from '../models/clip.ts';
import { machineBytes, parameterCount, planMemory, residentBytes } from '../models/memory-plan.ts';
import { buildShallowUnet, buildUnet } from '../models/unet/unet.ts';
import { buildVaeDecoder, buildVaeEncoder } from '../models/vae/vae.ts';
import { integersFor } from '../quantization/arithmetic.ts';
import { splitByRounding } from '../quantization/quantizable.ts';
import type { Tensor } from '../tensor.ts';
import { lazy } from './lazy.ts';
import type { Unet } from './unet.ts';

export interface NetworkOptions {
  readonly provider: Provider;
  /** Threads of ONNX Runtime; 0: as many as cores. */
  readonly threads: number;
  /** Of the UNet. The encoders and the autoencoder stay exact: they take a twentieth of a picture's time. */
  readonly arithmetic?: Arithmetic;
  /** Where what is made of a checkpoint may be kept. */
  readonly cacheFolder?: string;
  /** What `examineDevice` found; absent: the provider's usual. */
  readonly device?: Device;
}

/** What the pipeline reads of a text encoder, for one row of token ids. */
export interface TextStates {
  /** [1, tokens, width]: the last but one layer's output, without the final norm. */
  readonly penultimate: Tensor;
  /** [1, width], projected where the encoder has a projection. */
  readonly pooled: Tensor;
}

export interface TextEncoder {
  /** Of a token's vector, as `encode` takes it. */
  readonly width: number;
  /** @param vectors [1, tokens, width]: what stands where an id is negative; not needed where none is */
  encode(ids: readonly number[], vectors?: Tensor): Promise<TextStates>;
}

/** The networks of one checkpoint, each made ready when it is first asked for and kept until `release`. */
export interface Networks {
  readonly checkpoint: Checkpoint;
  /** What the UNet computes in. */
  readonly arithmetic: Arithmetic;
  /** What all of them together take in memory, about. */
  readonly bytes: number;
  unet(): Promise<Unet>;
  /** The base's first, then the second; the refiner has one. */
  readonly textEncoders: readonly (() => Promise<TextEncoder>)[];
  /** Latent [1, C, h, w], already divided by the scaling factor, to a picture [1, 3, 8h, 8w] in -1 .. 1. */
  decode(latent: Tensor): Promise<Tensor>;
  /** Picture [1, 3, H, W] in -1 .. 1 to the moments [1, 2C, H/8, W/8] of its latent: means, then logarithmic variances. */
  encode(picture: Tensor): Promise<Tensor>;
  /** Frees their memory; what is asked for afterwards is made ready anew. */
  release(): Promise<void>;
}

/** A checkpoint's networks with LoRAs: those that no adapter changes are the plain ones, whose owner releases them. */
export interface Adaptation {
  readonly plain: Networks;
  readonly adapters: readonly AppliedAdapter[];
}

/** Sessions for a checkpoint's parts; nothing is loaded yet. Errors of the weights come from the first use of a part. */
export function createNetworks(checkpoint: Checkpoint, options: NetworkOptions, adaptation?: Adaptation): Networks {
  const adaptersOf = (component: AdaptedComponent): readonly AppliedAdapter[] =>
    (adaptation?.adapters ?? []).filter(({ adapter }) => adapter.component === component);
  /** The plain part where there is one that no adapter changes. */
  const unlessAdapted = <T>(component: AdaptedComponent, plain: T | undefined, own: () => T): T =>
    plain !== undefined && adaptersOf(component).length === 0 ? plain : own();
  const { provider, arithmetic = 'float32' } = options;
  /** How a network is built and run, by how much of the machine's memory it would take. */
  const plan = (weights: Weights) => {
    const { storage, memory } = planMemory(weights, machineBytes());
    const session = { provider, memory, ...(options.threads > 0 && { threads: options.threads }) };
    return { build: { provider, storage, ...options.device }, session };
  };
  const loaded: { release(): Promise<void> }[] = [];
  const parts: { forget(): void }[] = [];
  let bytes = 0;
  const part = <T>(weights: Weights, load: () => Promise<T>): (() => Promise<T>) => {
    const made = lazy(load);
    parts.push(made);
    bytes += residentBytes(weights, planMemory(weights, machineBytes()));
    return made;
  };
  const keep = <S extends { release(): Promise<void> }>(ready: S): S => {
    loaded.push(ready);
    return ready;
  };

  const unetWeights = splitByRounding(checkpoint.unet.weights, arithmetic);
  const loadUnet = async (): Promise<Unet> => {
    const { config, weights } = checkpoint.unet;
    const quantized = arithmetic === 'float32' ? undefined : await integersFor(arithmetic, weights, options);
    const { build, session } = plan(unetWeights.exact);
    const extras = { adapters: adaptersOf('unet'), ...(quantized && { quantized }) };
    const graph = buildUnet(config, weights, { ...build, ...extras });
    const ready = keep(await createSession(graph, session));
    const shallow = lazy(async () =>
      keep(await createSession(buildShallowUnet(config, weights, { ...build, ...extras }), session)),
    );
    parts.push(shallow);
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
          return ready.run(feeds, deep === 'return' ? ['prediction', 'deep'] : ['prediction']);
        }
        return (await shallow()).run({ ...feeds, deep });
      },
    };
  };

  const loadTextEncoder = async (
    component: 'textEncoder' | 'textEncoder2',
    { config, weights }: Component<TextEncoderConfig>,
  ): Promise<TextEncoder> => {
    const { build, session } = plan(weights);
    const graph = buildTextEncoder(config, weights, { ...build, adapters: adaptersOf(component) });
    const ready = keep(await createSession(graph, session));
    return {
      width: config.hiddenSize,
      encode: (ids, vectors = noVectors(config)) =>
        ready.run({ input_ids: { shape: [1, ids.length], data: Int32Array.from(ids) }, vectors }, [
          'penultimate',
          'pooled',
        ]),
    };
  };
  const encoderParts = [
    ...(checkpoint.kind === 'base' ? [['textEncoder', checkpoint.textEncoder] as const] : []),
    ['textEncoder2', checkpoint.textEncoder2] as const,
  ];
  const textEncoders = encoderParts.map(([component, encoder], index) =>
    unlessAdapted(component, adaptation?.plain.textEncoders[index], () =>
      part(encoder.weights, () => loadTextEncoder(component, encoder)),
    ),
  );

  const { config: vae, weights: vaeWeights } = checkpoint.vae;
  const { build, session: usual } = plan(vaeWeights);
  // It runs once a picture and takes gigabytes for large ones: what it used is for the next network.
  const session = { ...usual, keepsBuffers: false };
  const ownDecoder = (): Networks['decode'] => {
    const load = part(vaeWeights, async () =>
      keep(await createSession(buildVaeDecoder(vae, vaeWeights, build), session)),
    );
    return async (latent) => (await (await load()).run({ latent })).image;
  };
  const ownEncoder = (): Networks['encode'] => {
    const load = part(vaeWeights, async () =>
      keep(await createSession(buildVaeEncoder(vae, vaeWeights, build), session)),
    );
    return async (picture) => (await (await load()).run({ image: picture })).moments;
  };

  const ownUnet = (): Networks['unet'] => {
    bytes += parameterCount(unetWeights.rounded);
    return part(unetWeights.exact, loadUnet);
  };

  const networks = {
    unet: unlessAdapted('unet', adaptation?.plain.unet, ownUnet),
    textEncoders,
    decode: adaptation?.plain.decode ?? ownDecoder(),
    encode: adaptation?.plain.encode ?? ownEncoder(),
  };
  return {
    checkpoint,
    arithmetic,
    bytes,
    ...networks,
    release: async () => {
      for (const { forget } of parts) forget();
      await Promise.all(loaded.splice(0).map((ready) => ready.release()));
    },
  };
}
