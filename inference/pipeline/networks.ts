import type { Arithmetic, Provider } from '../../commands/engine.ts';
import type { AdaptedComponent } from '../checkpoint/adapter.ts';
import type { Checkpoint, Component } from '../checkpoint/checkpoint.ts';
import type { TextEncoderConfig } from '../checkpoint/configuration.ts';
import type { Weights } from '../checkpoint/weights.ts';
import type { AppliedAdapter } from '../graph/adapters.ts';
import type { WeightExtras } from '../graph/bind-weights.ts';
import type { Device } from '../graph/device.ts';
import {
  MAPPED,
  type MemoryPlan,
  machineBytes,
  parameterCount,
  planMemory,
  residentBytes,
} from '../models/memory-plan.ts';
import { buildVaeDecoder, buildVaeEncoder } from '../models/vae/vae.ts';
import { integersFor } from '../quantization/arithmetic.ts';
import { splitByRounding } from '../quantization/quantizable.ts';
import type { Tensor } from '../tensor.ts';
import { canBeFed, factorBytes, NO_LORAS, openLayersFor, readFactors } from './lora-factors.ts';
import {
  type Adaptable,
  type NetworkPlan,
  type OpenPart,
  type OpenToLoras,
  openTextEncoder,
  openToLoras,
  openUnet,
} from './open-networks.ts';
import { Sessions } from './sessions.ts';
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
  /** Parameters of a network from which on LoRAs are fed to it: FEED_FROM unless given. */
  readonly feedFrom?: number;
}

/**
 * On a CPU the weights of small networks are laid out anew with the LoRAs added to them, in less than a second, and steps
 * take no longer. Larger ones take longer than that to start; a GPU would be sent the factors with each step.
 */
const FEED_FROM = 100_000_000;

/** What the pipeline reads of a text encoder, for one row of token ids. */
export interface TextStates {
  /** [1, tokens, width]: the output of the layer that was asked for, without the final norm. */
  readonly hidden: Tensor;
  /** [1, width], projected where the encoder has a projection. */
  readonly pooled: Tensor;
}

export interface TextEncoder {
  /** Of a token's vector, as `encode` takes it. */
  readonly width: number;
  /**
   * @param layer counted from the end: 1 is the last one
   * @param vectors [1, tokens, width]: what stands where an id is negative; not needed where none is
   * @throws EngineError where there are fewer layers
   */
  encode(ids: readonly number[], layer: number, vectors?: Tensor): Promise<TextStates>;
}

/** The networks of one checkpoint, each made ready when it is first asked for and kept until `release`. */
export interface Networks {
  readonly checkpoint: Checkpoint;
  /** What the UNet computes in. */
  readonly arithmetic: Arithmetic;
  /** What all of them together take in memory, about; more once there was a LoRA. */
  readonly bytes: number;
  /** The UNet and the text encoders once more, with open branches: one session each for all LoRAs, which are fed to it. */
  readonly open: {
    readonly unet: OpenToLoras<Unet>;
    readonly textEncoders: readonly OpenToLoras<TextEncoder>[];
  };
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
  const { provider, arithmetic = 'float32' } = options;
  const sessions = new Sessions();
  let bytes = 0;
  const how = ({ storage, memory }: MemoryPlan): NetworkPlan => ({
    build: { provider, storage, ...options.device },
    session: { provider, memory, ...(options.threads > 0 && { threads: options.threads }) },
  });
  /** How a network is held, by how much of the machine's memory it would take. */
  const planFor = (weights: Weights): MemoryPlan => planMemory(weights, machineBytes());
  const part = <T>(bytesOfPart: number, load: () => Promise<T>): (() => Promise<T>) => {
    bytes += bytesOfPart;
    return sessions.part(load);
  };

  const { rounded, exact } = splitByRounding(checkpoint.unet.weights, arithmetic);
  const unetPlan = planMemory(exact, machineBytes(), parameterCount(rounded));
  const unetBytes = parameterCount(rounded) + residentBytes(exact, unetPlan);
  const loadUnet = async (extras: WeightExtras): Promise<Adaptable<Unet>> => {
    const { weights } = checkpoint.unet;
    const quantized = arithmetic === 'float32' ? undefined : await integersFor(arithmetic, weights, options);
    const { build, session } = how(unetPlan);
    return openUnet(
      checkpoint.unet,
      { build: { ...build, ...extras, ...(quantized && { quantized }) }, session },
      sessions,
    );
  };
  const loadTextEncoder = (
    encoder: Component<TextEncoderConfig>,
    plan: MemoryPlan,
    extras: WeightExtras,
  ): Promise<Adaptable<TextEncoder>> => {
    const { build, session } = how(plan);
    return openTextEncoder(encoder, { build: { ...build, ...extras }, session }, sessions);
  };
  const encoders = [
    ...(checkpoint.kind === 'base' ? [['textEncoder', checkpoint.textEncoder] as const] : []),
    ['textEncoder2', checkpoint.textEncoder2] as const,
  ];
  const ownOpen = (): Networks['open'] => ({
    unet: openToLoras(sessions, unetBytes, (openLayers) => loadUnet({ openLayers })),
    // They run once a picture, which their weights may as well be read for from their file.
    textEncoders: encoders.map(([, encoder]) =>
      openToLoras(sessions, residentBytes(encoder.weights, MAPPED), (openLayers) =>
        loadTextEncoder(encoder, MAPPED, { openLayers }),
      ),
    ),
  });
  const open = adaptation?.plain.open ?? ownOpen();
  /** Those that LoRAs are fed to, where this is a checkpoint with LoRAs. */
  const fed: OpenPart<unknown>[] = [];

  const adaptersOf = (component: AdaptedComponent): readonly AppliedAdapter[] =>
    (adaptation?.adapters ?? []).filter(({ adapter }) => adapter.component === component);
  /** The plain part where no LoRA changes it; the open one with LoRAs fed to it; else one of its own. */
  const adapt = <T>(
    component: AdaptedComponent,
    weights: Weights,
    known: { readonly plain: (() => Promise<T>) | undefined; readonly open: OpenToLoras<T> | undefined },
    own: (adapters: readonly AppliedAdapter[]) => () => Promise<T>,
  ): (() => Promise<T>) => {
    const adapters = adaptersOf(component);
    if (adapters.length === 0) return known.plain ?? own([]);
    const isWorthFeeding = provider === 'cpu' && parameterCount(weights) >= (options.feedFrom ?? FEED_FROM);
    if (known.open === undefined || !isWorthFeeding || !canBeFed(adapters)) return own(adapters);
    const openPart = known.open[openLayersFor(adapters)];
    fed.push(openPart);
    bytes += factorBytes(adapters);
    return sessions.following(openPart.load, async (network) => network(await readFactors(adapters)));
  };
  const unetParts = { plain: adaptation?.plain.unet, open: open.unet };
  const unet = adapt('unet', checkpoint.unet.weights, unetParts, (adapters) =>
    part(unetBytes, async () => (await loadUnet({ adapters }))(NO_LORAS)),
  );
  const textEncoders = encoders.map(([component, encoder], index) => {
    const parts = { plain: adaptation?.plain.textEncoders[index], open: open.textEncoders[index] };
    const plan = planFor(encoder.weights);
    return adapt(component, encoder.weights, parts, (adapters) =>
      part(residentBytes(encoder.weights, plan), async () =>
        (await loadTextEncoder(encoder, plan, { adapters }))(NO_LORAS),
      ),
    );
  });

  const { config: vae, weights: vaeWeights } = checkpoint.vae;
  const vaePlan = planFor(vaeWeights);
  const { build, session: usual } = how(vaePlan);
  // It runs once a picture and takes gigabytes for large ones: what it used is for the next network.
  const session = { ...usual, keepsBuffers: false };
  const ownDecoder = (): Networks['decode'] => {
    const load = part(residentBytes(vaeWeights, vaePlan), () =>
      sessions.start(buildVaeDecoder(vae, vaeWeights, build), session),
    );
    return async (latent) => (await (await load()).run({ latent })).image;
  };
  const ownEncoder = (): Networks['encode'] => {
    const load = part(residentBytes(vaeWeights, vaePlan), () =>
      sessions.start(buildVaeEncoder(vae, vaeWeights, build), session),
    );
    return async (picture) => (await (await load()).run({ image: picture })).moments;
  };
  const decode = adaptation?.plain.decode ?? ownDecoder();
  const encode = adaptation?.plain.encode ?? ownEncoder();
  return {
    ...{ checkpoint, arithmetic, open, unet, textEncoders, decode, encode },
    get bytes() {
      const ownParts =
        adaptation === undefined ? [open.unet, ...open.textEncoders].flatMap(({ linear, all }) => [linear, all]) : [];
      const made = ownParts.filter(({ load }) => load.isMade());
      const missing = fed.filter(({ load }) => !load.isMade());
      return [...made, ...missing].reduce((sum, part) => sum + part.bytes, bytes);
    },
    release: () => sessions.release(),
  };
}
