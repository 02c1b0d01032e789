import type { Adapter, KroneckerFactor, Lora, MatrixProduct } from './adapter.ts';
import { isBundled, unreadAdapterKind } from './adapter-kinds.ts';
import { type AdaptableModule, createModuleFinder } from './adapter-modules.ts';
import { createScaleOf, type ScaleOf } from './adapter-scale.ts';
import type { Checkpoint } from './checkpoint.ts';
import { CheckpointError, UnreadAdapterError, UnsupportedModelError } from './errors.ts';
import { identify } from './identify.ts';
import { readSafetensorsHeader, readTensors } from './safetensors.ts';
import type { SafetensorsHeader } from './safetensors-header.ts';
import type { StoredTensor } from './weights.ts';

/** What each trainer calls the parts of an adapter; what comes before is the module. */
const PARTS: readonly (readonly [RegExp, Part])[] = [
  [
    /(\.lora_down|\.lora_A(\.[\w-]+)?(?=\.weight$|$)|\.lora\.down|(?<=_lora)\.down|\.lora_linear_layer\.down)(\.weight)?$/,
    'down',
  ],
  [
    /(\.lora_up|\.lora_B(\.[\w-]+)?(?=\.weight$|$)|\.lora\.up|(?<=_lora)\.up|\.lora_linear_layer\.up)(\.weight)?$/,
    'up',
  ],
  [/\.alpha$/, 'alpha'],
  [/\.hada_w1_a$/, 'hada_w1_a'],
  [/\.hada_w1_b$/, 'hada_w1_b'],
  [/\.hada_w2_a$/, 'hada_w2_a'],
  [/\.hada_w2_b$/, 'hada_w2_b'],
  [/\.lokr_w1$/, 'lokr_w1'],
  [/\.lokr_w1_a$/, 'lokr_w1_a'],
  [/\.lokr_w1_b$/, 'lokr_w1_b'],
  [/\.lokr_w2$/, 'lokr_w2'],
  [/\.lokr_w2_a$/, 'lokr_w2_a'],
  [/\.lokr_w2_b$/, 'lokr_w2_b'],
];

type Part = 'down' | 'up' | 'alpha' | `hada_w${1 | 2}_${'a' | 'b'}` | `lokr_w${1 | 2}` | `lokr_w${1 | 2}_${'a' | 'b'}`;

/** The tensors of one module's adapter. */
type Parts = ReadonlyMap<Part, StoredTensor>;

/** An adapter before its scale is known, which takes reading its alpha. */
type Unscaled = { readonly rank: number } & (
  | { readonly kind: 'lora'; readonly up: StoredTensor; readonly down: StoredTensor }
  | { readonly kind: 'loha'; readonly first: MatrixProduct; readonly second: MatrixProduct }
  | { readonly kind: 'lokr'; readonly first: KroneckerFactor; readonly second: KroneckerFactor }
);

/**
 * Opens a LoRA, LoHa or LoKr file (kohya's, LyCORIS's, diffusers' or PEFT's) and fits it to a checkpoint: every tensor
 * has a place and every shape suits its module. Throws CheckpointError, which says what does not fit, or
 * UnsupportedModelError if the file is no LoRA.
 */
export async function openLora(path: string, checkpoint: Checkpoint): Promise<Lora> {
  const header = await readSafetensorsHeader(path);
  const identity = identify(header);
  if (identity.kind !== 'lora') {
    const found = identity.kind === 'other' ? identity.found : `a file of kind "${identity.kind}"`;
    throw new UnsupportedModelError(path, found, 'A LoRA is needed here.');
  }
  const modules = groupByModule(header, path);
  const targets = findTargets(modules, checkpoint, path);
  const alphas = await readAlphas(modules, path);
  const scaleOf = createScaleOf(header);
  const adapters = [...targets].map(([name, target]) =>
    toAdapter(target, modules.get(name) ?? new Map(), alphas.get(name), scaleOf, path),
  );
  return { path, adapters, metadata: header.metadata };
}

function groupByModule({ tensors }: SafetensorsHeader, path: string): ReadonlyMap<string, Parts> {
  const modules = new Map<string, Map<Part, StoredTensor>>();
  const unread = unreadAdapterKind(tensors.keys());
  if (unread !== undefined) throw new UnreadAdapterError(path, unread);
  for (const [name, stored] of tensors) {
    if (isBundled(name)) continue;
    const match = PARTS.find(([pattern]) => pattern.test(name));
    if (!match) {
      throw new CheckpointError(
        path,
        `tensor ${JSON.stringify(name.slice(0, 160))} is of a kind of adapter that Easel does not know`,
      );
    }
    const module = name.replace(match[0], '');
    const parts = modules.get(module) ?? new Map<Part, StoredTensor>();
    parts.set(match[1], stored);
    modules.set(module, parts);
  }
  return modules;
}

function findTargets(
  modules: ReadonlyMap<string, Parts>,
  checkpoint: Checkpoint,
  path: string,
): ReadonlyMap<string, AdaptableModule> {
  const find = createModuleFinder(checkpoint);
  const targets = new Map<string, AdaptableModule>();
  const missing: string[] = [];
  for (const name of modules.keys()) {
    const target = find(name);
    if (target) targets.set(name, target);
    else missing.push(name);
  }
  if (missing.length > 0) {
    const listed = missing.slice(0, 4).map((name) => JSON.stringify(name.slice(0, 120)));
    throw new CheckpointError(
      path,
      `${missing.length} of its ${modules.size} modules are not in this ${checkpoint.kind} model, so it was made for another one: ${listed.join(', ')}`,
    );
  }
  return targets;
}

async function readAlphas(modules: ReadonlyMap<string, Parts>, path: string): Promise<ReadonlyMap<string, number>> {
  const stored = [...modules].flatMap(([name, parts]) => {
    const alpha = parts.get('alpha');
    return alpha ? [{ name, alpha }] : [];
  });
  const values = await readTensors(stored.map(({ alpha }) => alpha));
  return new Map(
    stored.map(({ name }, index) => {
      const value = values[index]?.data;
      const alpha = value?.[0];
      if (alpha === undefined || value?.length !== 1 || !Number.isFinite(alpha)) {
        throw new CheckpointError(path, `tensor ${JSON.stringify(`${name}.alpha`)} is not one number`);
      }
      return [name, alpha];
    }),
  );
}

function toAdapter(
  target: AdaptableModule,
  parts: Parts,
  alpha: number | undefined,
  scaleOf: ScaleOf,
  path: string,
): Adapter {
  const unscaled = readLora(target, parts) ?? readLoha(target, parts) ?? readLokr(target, parts);
  if (!unscaled) {
    const found = [...parts].map(([part, { shape }]) => `${part} [${shape.join(', ')}]`).join(', ');
    throw new CheckpointError(
      path,
      `its ${found || 'nothing'} does not fit ${target.component} ${target.module} of shape [${target.shape.join(', ')}]`,
    );
  }
  const { rank, ...adapter } = unscaled;
  // LoKr scales only by the rank of a product; two whole factors have none.
  return { ...target, ...adapter, scale: rank === 0 ? 1 : scaleOf(target, rank, alpha) };
}

function readLora({ shape }: AdaptableModule, parts: Parts): Unscaled | undefined {
  const up = parts.get('up');
  const down = parts.get('down');
  if (!up || !down) return undefined;
  const rank = down.shape[0] ?? 0;
  const fits = rank > 0 && hasShape(up, [shape[0] ?? 0, rank]) && hasShape(down, [rank, ...shape.slice(1)]);
  return fits ? { kind: 'lora', rank, up, down } : undefined;
}

function readLoha({ shape }: AdaptableModule, parts: Parts): Unscaled | undefined {
  const first = readProduct(parts.get('hada_w1_a'), parts.get('hada_w1_b'));
  const second = readProduct(parts.get('hada_w2_a'), parts.get('hada_w2_b'));
  if (!first || !second) return undefined;
  const fits = [first, second].every(({ rows, columns }) => rows === shape[0] && columns === count(shape.slice(1)));
  return fits ? { kind: 'loha', rank: first.rank, first: first.product, second: second.product } : undefined;
}

function readLokr({ shape }: AdaptableModule, parts: Parts): Unscaled | undefined {
  const first = readFactor(parts.get('lokr_w1'), parts.get('lokr_w1_a'), parts.get('lokr_w1_b'));
  const second = readFactor(parts.get('lokr_w2'), parts.get('lokr_w2_a'), parts.get('lokr_w2_b'));
  if (!first || !second) return undefined;
  const fits = first.rows * second.rows === shape[0] && first.columns * second.columns === count(shape.slice(1));
  // Where both factors are products, LyCORIS scales by the second one's rank.
  return fits
    ? { kind: 'lokr', rank: second.rank || first.rank, first: first.factor, second: second.factor }
    : undefined;
}

function readFactor(whole?: StoredTensor, left?: StoredTensor, right?: StoredTensor) {
  if (whole) {
    return { rows: whole.shape[0] ?? 0, columns: count(whole.shape.slice(1)), rank: 0, factor: { whole } };
  }
  const product = readProduct(left, right);
  return product && { ...product, factor: product.product };
}

function readProduct(left?: StoredTensor, right?: StoredTensor) {
  const [rows = 0, rank = 0, ...more] = left?.shape ?? [];
  if (!left || !right || rank === 0 || more.length > 0 || right.shape[0] !== rank) return undefined;
  return { rows, columns: count(right.shape.slice(1)), rank, product: { left, right } };
}

/** Whether a tensor has a shape but for trailing ones: trainers write a 1 x 1 kernel for a matrix, and the reverse. */
function hasShape(stored: StoredTensor, shape: readonly number[]): boolean {
  const length = Math.max(stored.shape.length, shape.length);
  return Array.from({ length }, (_, axis) => (stored.shape[axis] ?? 1) === (shape[axis] ?? 1)).every(Boolean);
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
