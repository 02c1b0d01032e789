import { z } from 'zod';
import type { PipelineConfig, SchedulerConfig, SigmaSpacing, TokenizerConfig } from './configuration.ts';
import { only, parser } from './configuration-parser.ts';

const positive = z.number().int().positive();

const timesteps = positive.max(100_000);

const schedulerSchema = z
  .object({
    _class_name: z.string(),
    prediction_type: z.enum(['epsilon', 'v_prediction', 'sample']).default('epsilon'),
    num_train_timesteps: timesteps.default(1000),
    beta_start: z.number().positive().optional(),
    beta_end: z.number().positive().optional(),
    beta_schedule: z.enum(['linear', 'scaled_linear', 'squaredcos_cap_v2']).optional(),
    rescale_betas_zero_snr: z.boolean().default(false),
    timestep_spacing: z.enum(['leading', 'trailing', 'linspace']).optional(),
    steps_offset: z.number().int().nonnegative().default(0),
    use_karras_sigmas: z.boolean().nullish(),
    use_exponential_sigmas: z.boolean().nullish(),
    use_beta_sigmas: z.boolean().nullish(),
    use_lu_lambdas: z.boolean().nullish(),
    sigma_min: z.number().nonnegative().nullish(),
    sigma_max: z.number().positive().nullish(),
    sigma_data: z.number().positive().default(0.5),
    sigma_schedule: z.enum(['karras', 'exponential']).default('karras'),
    rho: z.number().positive().default(7),
    interpolation_type: z.enum(['linear', 'log_linear']).default('linear'),
    timestep_type: z.enum(['discrete', 'continuous']).default('discrete'),
    final_sigmas_type: z.enum(['zero', 'sigma_min']).default('zero'),
    original_inference_steps: timesteps.default(50),
    timestep_scaling: z.number().default(10),
    solver_order: z.number().int().min(1).max(3).default(2),
    algorithm_type: z.enum(['dpmsolver', 'dpmsolver++', 'sde-dpmsolver', 'sde-dpmsolver++', 'deis']).optional(),
    solver_type: z.enum(['midpoint', 'heun', 'bh1', 'bh2', 'logrho']).optional(),
    lower_order_final: z.boolean().optional(),
    euler_at_final: z.boolean().default(false),
    predict_x0: z.boolean().default(true),
    disable_corrector: z.array(z.number().int()).default([]),
    set_alpha_to_one: z.boolean().optional(),
    clip_sample: z.boolean().optional(),
    clip_sample_range: z.number().positive().default(1),
    skip_prk_steps: z.boolean().default(false),
    trained_betas: only(null),
    thresholding: only(false),
    use_flow_sigmas: only(false),
    variance_type: only(null),
    lambda_min_clipped: only(null),
    solver_p: only(null),
  })
  .transform((file, context): SchedulerConfig => {
    const spacings = sigmaSpacings(file);
    if (spacings.length > 1) {
      context.addIssue(`asks for ${spacings.join(' and ')} sigmas at once, but only one spacing can be used`);
    }
    return {
      className: file._class_name,
      predictionType: file.prediction_type,
      numTrainTimesteps: file.num_train_timesteps,
      betaStart: file.beta_start,
      betaEnd: file.beta_end,
      betaSchedule: file.beta_schedule,
      rescaleBetasZeroSnr: file.rescale_betas_zero_snr,
      edm: file._class_name.startsWith('EDM')
        ? {
            sigmaMin: file.sigma_min ?? 0.002,
            sigmaMax: file.sigma_max ?? 80,
            sigmaData: file.sigma_data,
            sigmaSchedule: file.sigma_schedule,
            rho: file.rho,
          }
        : null,
      timestepSpacing: file.timestep_spacing,
      stepsOffset: file.steps_offset,
      sigmaSpacing: spacings[0] ?? 'trained',
      sigmaMin: file.sigma_min ?? undefined,
      sigmaMax: file.sigma_max ?? undefined,
      interpolationType: file.interpolation_type,
      timestepType: file.timestep_type,
      finalSigmasType: file.final_sigmas_type,
      originalInferenceSteps: file.original_inference_steps,
      timestepScaling: file.timestep_scaling,
      solverOrder: file.solver_order,
      algorithmType: file.algorithm_type,
      solverType: file.solver_type,
      lowerOrderFinal: file.lower_order_final,
      eulerAtFinal: file.euler_at_final,
      predictX0: file.predict_x0,
      disableCorrector: file.disable_corrector,
      setAlphaToOne: file.set_alpha_to_one,
      clipSample: file.clip_sample,
      clipSampleRange: file.clip_sample_range,
      skipPrkSteps: file.skip_prk_steps,
    };
  });

function sigmaSpacings(file: {
  use_karras_sigmas?: boolean | null | undefined;
  use_exponential_sigmas?: boolean | null | undefined;
  use_beta_sigmas?: boolean | null | undefined;
  use_lu_lambdas?: boolean | null | undefined;
}): SigmaSpacing[] {
  return [
    ...(file.use_karras_sigmas ? ['karras' as const] : []),
    ...(file.use_lu_lambdas ? ['lu' as const] : []),
    ...(file.use_exponential_sigmas ? ['exponential' as const] : []),
    ...(file.use_beta_sigmas ? ['beta' as const] : []),
  ];
}

/** A special token is written as its text, or as an object that also says how to strip around it. */
const specialToken = z.union([z.string(), z.object({ content: z.string() }).transform((token) => token.content)]);

const tokenizerSchema = z
  .object({
    // Transformers writes 10^30 for a length that was never set.
    model_max_length: z
      .number()
      .positive()
      .transform((length) => (length > 100_000 ? 77 : Math.floor(length)))
      .default(77),
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
