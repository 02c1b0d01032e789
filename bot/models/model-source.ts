import type { ModelSource } from '../../commands/engine.ts';
import type { ModelEntry } from '../../config/index.ts';

/** Where a model's weights lie, of what the operator has said about it. */
export function sourceOf({ base, refiner, vae, predictionType }: ModelEntry): ModelSource {
  return { base, refiner, ...(vae && { vae }), ...(predictionType && { predictionType }) };
}
