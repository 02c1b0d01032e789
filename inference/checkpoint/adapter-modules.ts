import type { AdaptedComponent } from './adapter.ts';
import type { Checkpoint } from './checkpoint.ts';
import { usualClipName } from './clip-names.ts';
import { originalUnetModules, renameByModule } from './unet-names.ts';
import type { StoredTensor, Weights } from './weights.ts';

/** A module of a checkpoint that an adapter may change. */
export interface AdaptableModule {
  readonly component: AdaptedComponent;
  readonly module: string;
  readonly shape: readonly number[];
}

/** Finds the module that an adapter file's name means; undefined if the checkpoint has none such. */
export type ModuleFinder = (name: string) => AdaptableModule | undefined;

/** How files say which network a module is of, and who writes it so. Names without any of these are the UNet's. */
const PREFIXES: readonly (readonly [RegExp, AdaptedComponent])[] = [
  // kohya, LyCORIS.
  [/^lora_te1_/, 'textEncoder'],
  [/^lora_te2_/, 'textEncoder2'],
  [/^lora_unet_/, 'unet'],
  // SimpleTuner's LyCORIS.
  [/^lycoris_te1_/, 'textEncoder'],
  [/^lycoris_te2_/, 'textEncoder2'],
  [/^lycoris_(unet_)?/, 'unet'],
  // diffusers.
  [/^text_encoder\./, 'textEncoder'],
  [/^text_encoder_2\./, 'textEncoder2'],
  [/^unet\./, 'unet'],
  // ComfyUI's own.
  [/^text_encoders\.clip_l\.(transformer\.)?/, 'textEncoder'],
  [/^text_encoders\.clip_g\.(transformer\.)?/, 'textEncoder2'],
  [/^clip_l\.(transformer\.)?/, 'textEncoder'],
  [/^clip_g\.(transformer\.)?/, 'textEncoder2'],
  [/^(model\.)?diffusion_model\./, 'unet'],
  // PEFT by itself.
  [/^base_model\.model\./, 'unet'],
];

/** Names of projections in the adapters of diffusers before 0.20. */
const EARLIER_NAMES: readonly (readonly [RegExp, string])[] = [
  [/\.processor\.to_out_lora$/, '.to_out.0'],
  [/\.processor\.(to_[qkv])_lora$/, '.$1'],
  [/\.self_attn\.to_out_lora$/, '.self_attn.out_proj'],
  [/\.self_attn\.to_([qkv])_lora$/, '.self_attn.$1_proj'],
];

/**
 * Prepares to find a checkpoint's modules by any name that adapter files use: diffusers' with dots (PEFT) or with
 * underscores (kohya, LyCORIS), and for the UNet the original names, which kohya's trainer uses for SDXL. All are
 * compared with underscores, in which no two modules are alike.
 */
export function createModuleFinder(checkpoint: Checkpoint): ModuleFinder {
  const unet = index('unet', checkpoint.unet.weights);
  const diffusersToOriginal = new Map(
    [...originalUnetModules(checkpoint.unet.config)].map(([original, diffusers]) => [diffusers, original]),
  );
  for (const target of [...unet.values()]) {
    const original = renameByModule(target.module, diffusersToOriginal);
    if (original !== undefined) unet.set(underscored(original), target);
  }
  const indexes: Readonly<Record<AdaptedComponent, ReadonlyMap<string, AdaptableModule>>> = {
    unet,
    textEncoder: checkpoint.kind === 'base' ? index('textEncoder', checkpoint.textEncoder.weights) : new Map(),
    textEncoder2: index('textEncoder2', checkpoint.textEncoder2.weights),
  };
  return (name) => {
    const [prefix, component] = PREFIXES.find(([pattern]) => pattern.test(name)) ?? [/^/, 'unet' as const];
    const module = EARLIER_NAMES.reduce(
      (renamed, [pattern, replacement]) => renamed.replace(pattern, replacement),
      name.replace(prefix, ''),
    );
    const spelt = component === 'unet' ? module : usualClipName(module.replace(/^(embeddings|encoder)_/, '$1.'));
    return indexes[component].get(underscored(spelt));
  };
}

/** The modules with a matrix or a kernel, by their name with underscores. */
function index(component: AdaptedComponent, weights: Weights): Map<string, AdaptableModule> {
  const modules = new Map<string, AdaptableModule>();
  for (const [name, stored] of weights) {
    const module = name.replace(/\.weight$/, '');
    if (module === name || stored.shape.length < 2) continue;
    modules.set(underscored(module), { component, module, shape: meantShape(stored) });
  }
  return modules;
}

function meantShape({ shape, transposed }: StoredTensor): readonly number[] {
  return transposed ? shape.toReversed() : shape;
}

function underscored(name: string): string {
  return name.replaceAll('.', '_');
}
