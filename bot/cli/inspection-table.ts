import { z } from 'zod';
import { table } from './table.ts';

/** The part of the engine's report that the table shows; what else it tells is in `--json`. */
const inspectionSchema = z.object({
  path: z.string(),
  description: z.string(),
  parameters: z.number(),
  bytes: z.number(),
  parts: z.array(
    z.object({
      name: z.string(),
      parameters: z.number(),
      bytes: z.number(),
      dtypes: z.record(z.string(), z.number()),
    }),
  ),
  predictionType: z.string().nullable(),
  zeroTerminalSnr: z.boolean(),
  edm: z.boolean(),
  nativeSize: z.number().nullable(),
  tokenizer: z.object({ vocabulary: z.number(), modelMaxLength: z.number() }).nullable(),
  metadata: z.record(z.string(), z.string()),
  /** Why it cannot be drawn with. */
  problem: z.string().nullable().optional(),
});

/** What a model is, for a person to read. */
export function inspectionTable(report: unknown): string {
  const { path, description, parts, problem, ...model } = inspectionSchema.parse(report);
  const facts: [string, string][] = [
    ['Parameters', count(model.parameters)],
    ['Size', bytes(model.bytes)],
    ...(model.predictionType === null ? [] : [['Predicts', prediction(model)] satisfies [string, string]]),
    ...(model.nativeSize === null
      ? []
      : [['Drawn at', `${model.nativeSize}x${model.nativeSize}`] satisfies [string, string]]),
    ...(model.tokenizer === null ? [] : [['Tokenizer', tokenizer(model.tokenizer)] satisfies [string, string]]),
    ...Object.entries(model.metadata),
  ];
  const rows = parts.map((part) => [
    part.name,
    count(part.parameters),
    bytes(part.bytes),
    Object.keys(part.dtypes).join(', '),
  ]);
  return [
    `${path} is ${description}.`,
    ...(problem ? [`It cannot be drawn with: ${problem}`] : []),
    table(facts),
    table([['Part', 'Parameters', 'Size', 'Numbers'], ...rows]),
  ].join('\n\n');
}

function prediction(model: { predictionType: string | null; zeroTerminalSnr: boolean; edm: boolean }): string {
  return [
    model.predictionType,
    ...(model.zeroTerminalSnr ? ['zero terminal SNR'] : []),
    ...(model.edm ? ['EDM'] : []),
  ].join(', ');
}

function tokenizer({ vocabulary, modelMaxLength }: { vocabulary: number; modelMaxLength: number }): string {
  return `${count(vocabulary)} words, ${modelMaxLength} at once`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}

/** In binary units, as file managers show them. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const unit = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log2(value) / 10));
  const scaled = value / 2 ** (10 * unit);
  return `${unit === 0 ? scaled : scaled.toFixed(1)} ${units[unit]}`;
}
