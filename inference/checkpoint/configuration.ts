/**
 * What a checkpoint's parts are, as plain data: the diffusers and transformers configuration keys that SDXL uses,
 * in camel case. Values that Easel cannot draw with are refused when the files are parsed, so that whoever holds one
 * of these can build the model it describes.
 */

/**
 * A UNet. Lists have one entry a resolution level, from the finest; `upBlockTypes` alone runs from the coarsest.
 * The middle block is always `UNetMidBlock2DCrossAttn` with the last level's depth and heads.
 */
export interface UnetConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Native height and width of the latent: 128 for a model of 1024 x 1024 pixels. */
  readonly sampleSize: number;
  readonly blockOutChannels: readonly number[];
  readonly downBlockTypes: readonly UnetDownBlockType[];
  readonly upBlockTypes: readonly UnetUpBlockType[];
  /** Residual blocks a down level; an up level has one more. */
  readonly layersPerBlock: number;
  /** Transformer depth a level; counts only where the level's block type has cross attention (and in the middle). */
  readonly transformerLayersPerBlock: readonly number[];
  /** Number of attention heads a level: what diffusers' configuration files misname `attention_head_dim`. */
  readonly attentionHeads: readonly number[];
  /** Width of the text embedding that the cross attention reads. */
  readonly crossAttentionDim: number;
  /** `proj_in` and `proj_out` of a transformer: linear layers if true, 1 x 1 convolutions if not. */
  readonly useLinearProjection: boolean;
  /** Width of the sinusoid that embeds each of the time ids (sizes, crop, aesthetic score). */
  readonly additionTimeEmbedDim: number;
  /** Width of the pooled text embedding plus all embedded time ids. */
  readonly projectionClassEmbeddingsInputDim: number;
  readonly normNumGroups: number;
  readonly normEps: number;
  readonly flipSinToCos: boolean;
  readonly freqShift: number;
}

export type UnetDownBlockType = 'DownBlock2D' | 'CrossAttnDownBlock2D';
export type UnetUpBlockType = 'UpBlock2D' | 'CrossAttnUpBlock2D';

/** An autoencoder (`AutoencoderKL`) of SiLU residual blocks; its group norms have an epsilon of 1e-6. */
export interface VaeConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly latentChannels: number;
  readonly blockOutChannels: readonly number[];
  /** Residual blocks an encoder level; a decoder level has one more. */
  readonly layersPerBlock: number;
  readonly normNumGroups: number;
  /** Native height and width of the picture, in pixels. */
  readonly sampleSize: number;
  /** The UNet sees (latent - latentsMean) / latentsStd * scalingFactor, where mean and std are set; else latent * scalingFactor. */
  readonly scalingFactor: number;
  readonly latentsMean: readonly number[] | null;
  readonly latentsStd: readonly number[] | null;
  /** True where the decoder overflows in float16 and must compute in float32. */
  readonly forceUpcast: boolean;
  readonly useQuantConv: boolean;
  readonly usePostQuantConv: boolean;
  /** Whether the middle blocks hold a single-head self attention. */
  readonly midBlockAddAttention: boolean;
}

/** A CLIP text transformer, with or without the projection of its pooled output. */
export interface TextEncoderConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly maxPositionEmbeddings: number;
  readonly hiddenAct: 'quick_gelu' | 'gelu';
  readonly layerNormEps: number;
  readonly projectionDim: number;
  /**
   * The pooled output is taken at the first token with this id. The value 2, which the published SDXL configurations
   * carry by mistake, means the position of the highest id instead (transformers keeps this for their sake).
   */
  readonly eosTokenId: number;
}

/**
 * A diffusers scheduler: the noise that the model was trained with, how steps are placed in it, and which solver takes
 * them. An absent value is the default of the class that runs it, which need not be the class that the file names.
 */
export interface SchedulerConfig {
  /** The diffusers class, e.g. `EulerDiscreteScheduler`. */
  readonly className: string;
  readonly predictionType: PredictionType;

  // The noise of the training. It is the model's, whichever class runs it.
  readonly numTrainTimesteps: number;
  readonly betaStart?: number | undefined;
  readonly betaEnd?: number | undefined;
  readonly betaSchedule?: BetaSchedule | undefined;
  readonly rescaleBetasZeroSnr: boolean;
  /** Set for a model that was trained in Karras et al.'s EDM formulation; the betas then mean nothing. */
  readonly edm: EdmConfig | null;

  // Where the steps are.
  readonly timestepSpacing?: TimestepSpacing | undefined;
  readonly stepsOffset: number;
  readonly sigmaSpacing: SigmaSpacing;
  /** The range of a sigma spacing other than `trained`; absent: what the steps span. */
  readonly sigmaMin?: number | undefined;
  readonly sigmaMax?: number | undefined;
  readonly interpolationType: 'linear' | 'log_linear';
  readonly timestepType: 'discrete' | 'continuous';
  readonly finalSigmasType: 'zero' | 'sigma_min';
  /** LCM's and TCD's: the steps of the schedule that was distilled. */
  readonly originalInferenceSteps: number;
  readonly timestepScaling: number;

  // How a step is taken.
  readonly solverOrder: number;
  readonly algorithmType?: AlgorithmType | undefined;
  readonly solverType?: SolverType | undefined;
  readonly lowerOrderFinal?: boolean | undefined;
  readonly eulerAtFinal: boolean;
  /** UniPC's: solve for the picture rather than for the noise, and the steps after which it is not corrected. */
  readonly predictX0: boolean;
  readonly disableCorrector: readonly number[];
  /** DDIM's and PNDM's: whether the last step's previous alpha is 1, or that of timestep 0. */
  readonly setAlphaToOne?: boolean | undefined;
  readonly clipSample?: boolean | undefined;
  readonly clipSampleRange: number;
  /** PNDM's: no Runge-Kutta warm-up. */
  readonly skipPrkSteps: boolean;
}

/** What the UNet's output means; `sample` is the noiseless latent itself. */
export type PredictionType = 'epsilon' | 'v_prediction' | 'sample';
export type BetaSchedule = 'linear' | 'scaled_linear' | 'squaredcos_cap_v2';
export type TimestepSpacing = 'leading' | 'trailing' | 'linspace';
/** `trained`: the noise levels of the chosen timesteps; else spaced by a formula, and the timesteps follow. */
export type SigmaSpacing = 'trained' | 'karras' | 'exponential' | 'beta' | 'lu';
export type AlgorithmType = 'dpmsolver' | 'dpmsolver++' | 'sde-dpmsolver' | 'sde-dpmsolver++' | 'deis';
export type SolverType = 'midpoint' | 'heun' | 'bh1' | 'bh2' | 'logrho';

/** Noise levels and data deviation of an EDM model (Karras et al. 2022, table 1). */
export interface EdmConfig {
  readonly sigmaMin: number;
  readonly sigmaMax: number;
  readonly sigmaData: number;
  readonly sigmaSchedule: 'karras' | 'exponential';
  readonly rho: number;
}

/** A CLIP tokenizer's special tokens and length; the tokens are entries of its vocabulary. */
export interface TokenizerConfig {
  readonly modelMaxLength: number;
  readonly bosToken: string;
  readonly eosToken: string;
  readonly unkToken: string;
  readonly padToken: string;
}

/** How the pipeline conditions the UNet. */
export interface PipelineConfig {
  /** With no negative prompt, the negative embeddings are zeros (base) rather than those of the empty prompt (refiner). */
  readonly forceZerosForEmptyPrompt: boolean;
  /** The last time id is an aesthetic score (refiner) rather than the target size (base). */
  readonly requiresAestheticsScore: boolean;
}
