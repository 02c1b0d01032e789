import { z } from 'zod';
import type { AdaptedComponent } from './adapter.ts';
import type { AdaptableModule } from './adapter-modules.ts';
import { CheckpointError } from './errors.ts';
import type { SafetensorsHeader } from './safetensors-header.ts';

/** Gives alpha / rank of one module, from its own alpha where the file stores one. */
export type ScaleOf = (target: AdaptableModule, rank: number, alpha: number | undefined) => number;

const COMPONENT_KEYS: Readonly<Record<AdaptedComponent, string>> = {
  unet: 'unet',
  textEncoder: 'text_encoder',
  textEncoder2: 'text_encoder_2',
};

/** PEFT's LoraConfig, as diffusers writes it into the metadata with the component before each key. */
const peftSchema = z.object({
  lora_alpha: z.number().optional(),
  alpha_pattern: z.record(z.string(), z.number()).default({}),
  use_rslora: z.boolean().default(false),
  use_dora: z.literal(false, { error: 'DoRA is not supported' }).default(false),
});
type PeftConfig = z.output<typeof peftSchema>;
type ScaleConfig = Pick<PeftConfig, 'use_rslora'> & { readonly alphaOf: (module: string) => number | undefined };

/**
 * Prepares the scales of an adapter file. Where neither a stored alpha nor the metadata says otherwise, alpha is the
 * rank, so the scale is 1. Throws CheckpointError if the metadata is damaged.
 */
export function createScaleOf({ file, metadata }: SafetensorsHeader): ScaleOf {
  const configs = peftConfigs(metadata.get('lora_adapter_metadata'), file);
  return ({ component, module }, rank, storedAlpha) => {
    const config = configs.get(component);
    const alpha = storedAlpha ?? config?.alphaOf(module) ?? rank;
    return alpha / (config?.use_rslora ? Math.sqrt(rank) : rank);
  };
}

/**
 * The alpha of a module by its own name or by what follows one of its dots; of several patterns the first in the file.
 * A file may have as many patterns as modules, so they are looked up rather than gone through.
 */
function alphaLookup({ alpha_pattern, lora_alpha }: PeftConfig): (module: string) => number | undefined {
  const patterns = new Map(Object.entries(alpha_pattern).map(([name, alpha], place) => [name, { alpha, place }]));
  return (module) => {
    let first = patterns.get(module);
    for (let dot = module.indexOf('.'); dot !== -1; dot = module.indexOf('.', dot + 1)) {
      const found = patterns.get(module.slice(dot + 1));
      if (found !== undefined && (first === undefined || found.place < first.place)) first = found;
    }
    return first?.alpha ?? lora_alpha;
  };
}

function peftConfigs(text: string | undefined, path: string): ReadonlyMap<AdaptedComponent, ScaleConfig> {
  const configs = new Map<AdaptedComponent, ScaleConfig>();
  if (text === undefined) return configs;
  const entries = Object.entries(parseJsonObject(text, path));
  for (const component of ['unet', 'textEncoder', 'textEncoder2'] as const) {
    const prefix = `${COMPONENT_KEYS[component]}.`;
    const own = entries
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]);
    const parsed = peftSchema.safeParse(Object.fromEntries(own));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new CheckpointError(
        path,
        `metadata lora_adapter_metadata: ${prefix}${issue?.path.join('.')}: ${issue?.message}`,
      );
    }
    configs.set(component, { use_rslora: parsed.data.use_rslora, alphaOf: alphaLookup(parsed.data) });
  }
  return configs;
}

function parseJsonObject(text: string, path: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The same error as for JSON that is not an object.
  }
  throw new CheckpointError(path, 'metadata lora_adapter_metadata is not a JSON object');
}
