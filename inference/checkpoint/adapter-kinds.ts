/** Adapters that Easel draws with, by a tensor that only theirs have. The first that matches counts. */
const READ: readonly (readonly [RegExp, string])[] = [
  [/\.hada_w1_a$/, 'a LoHa'],
  [/\.lokr_w[12](_a)?$/, 'a LoKr'],
];

/**
 * Those that it does not, whose change of a weight is more than what the tensors that it reads would make of it. They are called
 * by names that are the same in every language.
 */
const UNREAD: readonly (readonly [RegExp, string])[] = [
  // LyCORIS and kohya; PEFT.
  [/\.dora_scale$|\.lora_magnitude_vector(\.[\w-]+)?(\.weight)?$/, 'DoRA'],
  // LyCORIS's `use_tucker` of each kind.
  [/\.(lora_mid(\.weight)?|hada_t[12]|lokr_t[12])$/, 'LyCORIS (Tucker)'],
  // LyCORIS's `train_norm`, and ComfyUI's extraction of it.
  [/\.(w_norm|b_norm)$/, 'LyCORIS (norms)'],
  // LyCORIS's `full`, and ComfyUI's extraction.
  [/\.(diff|diff_b|set_weight)$/, 'LyCORIS (full)'],
  [/\.(oft_blocks|oft_diag|oft_R(\.[\w-]+)?(\.weight)?)$/, 'OFT or BOFT'],
  [/\.(a1|a2|b1|b2)\.weight$/, 'GLoRA'],
  [/\.on_input$|\.ia3_l(\.[\w-]+)?$/, 'IA3'],
];

/** What some trainers put into the same file: embeddings, which are words of their own (OneTrainer, AUTOMATIC1111). */
const BUNDLED = /^bundle_emb\./;

/** The kind of adapter, of those not drawn with, that these tensors are; undefined: none of them. */
export function unreadAdapterKind(names: Iterable<string>): string | undefined {
  return kindOf(names, UNREAD);
}

/** What an adapter's file is, for a person to read. */
export function describeAdapter(names: readonly string[]): string {
  const unread = unreadAdapterKind(names);
  const kind =
    unread === undefined
      ? (kindOf(names, READ) ?? 'a LoRA')
      : `an adapter of the kind ${unread}, which Easel does not draw with`;
  return names.some(isBundled) ? `${kind}, with embeddings inside that are not read` : kind;
}

/** Whether a tensor is of an embedding that came with the adapter. */
export function isBundled(name: string): boolean {
  return BUNDLED.test(name);
}

function kindOf(names: Iterable<string>, kinds: readonly (readonly [RegExp, string])[]): string | undefined {
  const all = [...names];
  return kinds.find(([sign]) => all.some((name) => sign.test(name)))?.[1];
}
