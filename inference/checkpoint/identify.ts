import type { SafetensorsHeader } from './safetensors-header.ts';

/** What a safetensors file holds, told by the names of its tensors. */
export type Identity =
  | { readonly kind: 'base' | 'refiner' | 'vae' | 'lora' | 'embedding' | 'upscaler' }
  /** `found` says what it is, e.g. "a Flux model". */
  | { readonly kind: 'other'; readonly found: string };

interface Family {
  readonly sign: RegExp;
  readonly identity: Identity;
}

const other = (found: string): Identity => ({ kind: 'other', found });

/** Families by a name that only their files have. The first that matches counts, so the order is from adapters to models. */
const FAMILIES: readonly Family[] = [
  {
    sign: /\.(lora_(down|up|A|B|linear_layer)\.|lora\.(down|up)\.|processor\.\w+_lora\.|self_attn\.to_\w+_lora\.|hada_w1_a$|lokr_w[12](_a)?$|lora_A$|lora_B$|dora_scale$|w_norm$|b_norm$|diff$|diff_b$|oft_(blocks|diag|R)\b|on_input$|ia3_l\b)|^(lora|lycoris)_\w+\.[ab][12]\.weight$/,
    identity: { kind: 'lora' },
  },
  { sign: /^(clip_[lg]|emb_params|text_encoders?_0)$/, identity: { kind: 'embedding' } },
  {
    sign: /(^|\.)scaled_fp8$|\.(scale_weight|weight_scale|comfy_quant)$/,
    identity: other('a model in scaled float8 (get it in float16, bfloat16 or plain float8)'),
  },
  {
    sign: /(^|\.)(control_model\.|input_hint_block\.|controlnet_(cond_embedding|down_blocks)\.)/,
    identity: other('a ControlNet'),
  },
  { sign: /(^|\.)double_blocks\.0\./, identity: other('a Flux model') },
  { sign: /(^|\.)joint_blocks\.0\./, identity: other('a Stable Diffusion 3 model') },
  { sign: /^conditioner\.embedders\.1\.model\./, identity: { kind: 'base' } },
  { sign: /^conditioner\.embedders\.0\.model\./, identity: { kind: 'refiner' } },
  // After SDXL's: merges leave single tensors of these behind.
  { sign: /^cond_stage_model\.transformer\./, identity: other('a Stable Diffusion 1 model') },
  { sign: /^cond_stage_model\.model\./, identity: other('a Stable Diffusion 2 model') },
  { sign: /^model\.diffusion_model\.label_emb\./, identity: other('an SDXL UNet without its text encoders') },
  { sign: /^model\.diffusion_model\./, identity: other('a diffusion model of another family') },
  { sign: /^add_embedding\.linear_1\./, identity: other('the UNet of a diffusers folder alone') },
  { sign: /^text_model\.encoder\./, identity: other('a text encoder alone') },
  { sign: /^(first_stage_model\.)?decoder\.(up|up_blocks|mid|mid_block)\./, identity: { kind: 'vae' } },
  { sign: /^(body\.\d+\.(rdb1\.|weight$)|model\.1\.sub\.|conv_first\.)/, identity: { kind: 'upscaler' } },
];

/** Tells what a file is. An SDXL checkpoint needs a UNet and text encoders in the original layout to be one. */
export function identify({ tensors }: SafetensorsHeader): Identity {
  const names = [...tensors.keys()];
  const family = FAMILIES.find(({ sign }) => names.some((name) => sign.test(name)));
  if (!family) return other('a file of tensors that Easel does not know');
  const isCheckpoint = family.identity.kind === 'base' || family.identity.kind === 'refiner';
  if (isCheckpoint && !names.some((name) => name.startsWith('model.diffusion_model.label_emb.'))) {
    return other('a pair of text encoders without an SDXL UNet');
  }
  return family.identity;
}
