import type { Guidance } from '../../inference/pipeline/denoise.ts';
import type { Networks } from '../../inference/pipeline/networks.ts';
import { embedChunk, type TextEmbedding, zeroed } from '../../inference/pipeline/text.ts';
import { baseTimeIds, refinerTimeIds } from '../../inference/pipeline/time-ids.ts';
import type { Tensor } from '../../inference/tensor.ts';
import type { Chunk } from '../../inference/text/chunks.ts';
import { type Args, type Golden, missing } from './pipeline-cases.ts';

/** What a case's prompts are drawn with: `prompt` counts from 0, `shape` is the latent's, [1, C, H, W]. */
export async function guidanceFor(
  networks: Networks,
  golden: Golden,
  args: Args,
  prompt: number,
  shape: readonly number[],
): Promise<Guidance> {
  const { checkpoint } = networks;
  // diffusers counts layers from the one that SDXL usually reads, and reads the negative side always there.
  const embed = (first: string, second: string, skipped = 0): Promise<TextEmbedding> => {
    const chunk = (encoder: 1 | 2, text: string): Chunk => {
      const ids = Array.from(golden.read(`ids${encoder}/${text}`).data);
      return { ids, weights: ids.map(() => 1) };
    };
    const chunks = checkpoint.kind === 'base' ? [chunk(1, first), chunk(2, second)] : [chunk(2, second)];
    return embedChunk(networks, chunks, { layer: 2 + skipped });
  };
  const text = args.prompt[prompt] ?? missing('prompt');
  const positive = await embed(text, args.prompt_2 ?? text, args.clip_skip);
  const negativeText = args.negative_prompt?.[prompt];
  const negative =
    negativeText === undefined && checkpoint.pipeline.forceZerosForEmptyPrompt
      ? zeroed(positive)
      : args.guidance_scale > 1
        ? await embed(negativeText ?? '', args.negative_prompt_2 ?? negativeText ?? '')
        : positive;
  const own: [number, number] = [(shape[2] ?? 0) * 8, (shape[3] ?? 0) * 8];
  const originalSize = args.original_size ?? own;
  const targetSize = args.target_size ?? own;
  const sizes = { originalSize, crop: args.crops_coords_top_left, targetSize };
  const against =
    args.negative_original_size && args.negative_target_size
      ? {
          originalSize: args.negative_original_size,
          crop: args.negative_crops_coords_top_left,
          targetSize: args.negative_target_size,
        }
      : sizes;
  const timeIds = (which: typeof sizes, score: number): Tensor =>
    checkpoint.pipeline.requiresAestheticsScore ? refinerTimeIds(which, score) : baseTimeIds(which);
  return {
    positives: [{ conditioning: { ...positive, timeIds: timeIds(sizes, args.aesthetic_score) }, weight: 1 }],
    negative: { ...negative, timeIds: timeIds(against, args.negative_aesthetic_score) },
    scale: args.guidance_scale,
    rescale: args.guidance_rescale,
  };
}
