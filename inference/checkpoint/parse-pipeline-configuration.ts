import { z } from 'zod';
import type { PipelineConfig, SchedulerConfig, TokenizerConfig } from './configuration.ts';
import { only, parser } from './configuration-parser.ts';

const positive = z.number().int().positive();

const schedulerSchema = z
  .object({
    _class_name: z.string(),
    num_train_timesteps: positive.default(1000),
    beta_start: z.number().positive().default(0.0001),
    beta_end: z.number().positive().default(0.02),
    beta_schedule: z.enum(['linear', 'scaled_linear']).default('linear'),
    prediction_type: z.enum(['epsilon', 'v_prediction']).default('epsilon'),
    timestep_spacing: z.enum(['leading', 'trailing', 'linspace']).optional(),
    steps_offset: z.number().int().nonnegative().default(0),
    rescale_betas_zero_snr: z.boolean().default(false),
    use_karras_sigmas: z.boolean().nullish(),
    set_alpha_to_one: z.boolean().default(true),
    final_sigmas_type: z.enum(['zero', 'sigma_min']).default('zero'),
    sigma_min: z.number().nonnegative().nullish(),
    sigma_max: z.number().positive().nullish(),
    sigma_data: z.number().positive().nullish(),
    trained_betas: only(null),
  })
  .transform(
    (file): SchedulerConfig => ({
      className: file._class_name,
      numTrainTimesteps: file.num_train_timesteps,
      betaStart: file.beta_start,
      betaEnd: file.beta_end,
      betaSchedule: file.beta_schedule,
      predictionType: file.prediction_type,
      timestepSpacing: file.timestep_spacing ?? defaultSpacing(file._class_name),
      stepsOffset: file.steps_offset,
      rescaleBetasZeroSnr: file.rescale_betas_zero_snr,
      useKarrasSigmas: file.use_karras_sigmas ?? false,
      setAlphaToOne: file.set_alpha_to_one,
      finalSigmasType: file.final_sigmas_type,
      edm: file._class_name.startsWith('EDM')
        ? { sigmaMin: file.sigma_min ?? 0.002, sigmaMax: file.sigma_max ?? 80, sigmaData: file.sigma_data ?? 0.5 }
        : null,
    }),
  );

/** What each diffusers class spaces its steps by when its file does not say. */
function defaultSpacing(className: string): SchedulerConfig['timestepSpacing'] {
  return ['DDIMScheduler', 'DDPMScheduler', 'PNDMScheduler', 'LCMScheduler', 'TCDScheduler'].includes(className)
    ? 'leading'
    : 'linspace';
}

/** A special token is written as its text, or as an object that also says how to strip around it. */
const specialToken = z.union([z.string(), z.object({ content: z.string() }).transform((token) => token.content)]);

const tokenizerSchema = z
  .object({
    model_max_length: positive.max(100_000).default(77),
    bos_token: specialToken.default('<|startoftext|>'),
    eos_token: specialToken.default('<|endoftext|>'),
    unk_token: specialToken.default('<|endoftext|>'),
    pad_token: specialToken.default('<|endoftext|>'),
  })
  .transform(
    (file): TokenizerConfig => ({
      modelMaxLength: file.model_max_length,
      bosToken: file.bos_token,
      eosToken: file.eos_token,
      unkToken: file.unk_token,
      padToken: file.pad_token,
    }),
  );

/** The parts of a pipeline: [library, class], or [null, null] or null for a part that it does without. */
const part = z.union([z.tuple([z.string().nullable(), z.string().nullable()]), z.null()]).optional();

const pipelineSchema = z
  .object({
    _class_name: z.string(),
    force_zeros_for_empty_prompt: z.boolean().default(true),
    requires_aesthetics_score: z.boolean().default(false),
    text_encoder: part,
  })
  .transform((file) => ({
    className: file._class_name,
    hasTextEncoder: (file.text_encoder?.[1] ?? null) !== null,
    pipeline: {
      forceZerosForEmptyPrompt: file.force_zeros_for_empty_prompt,
      requiresAestheticsScore: file.requires_aesthetics_score,
    } satisfies PipelineConfig,
  }));

export type PipelineIndex = z.output<typeof pipelineSchema>;

/** Parses `scheduler/scheduler_config.json`; see `parser` for the arguments and errors of all three. */
export const parseSchedulerConfig = parser(schedulerSchema);
/** Parses `tokenizer/tokenizer_config.json`. */
export const parseTokenizerConfig = parser(tokenizerSchema);
/** Parses `model_index.json`. */
export const parsePipelineIndex = parser(pipelineSchema);
