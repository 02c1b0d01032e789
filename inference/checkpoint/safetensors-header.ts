import { z } from 'zod';
import { BYTES_PER_ELEMENT } from './dtype.ts';
import { CheckpointError } from './errors.ts';
import { parseStrictJson } from './strict-json.ts';
import type { Dtype, StoredTensor, Weights } from './weights.ts';

/**
 * A safetensors file is: the header's length (8 bytes, little endian), the header (JSON), the tensors' bytes.
 * https://huggingface.co/docs/safetensors
 */
export const LENGTH_BYTES = 8;

/**
 * The most that a header may be long. SDXL's 2,515 tensors take 0.4 MB and training notes in the metadata a few more;
 * the format allows 100 MB, which as JSON could cost over a gigabyte of memory before anything is known to be right.
 */
export const MAX_HEADER_BYTES = 25_000_000;

/** The file, each tensor's entry, and that entry's lists: nothing in a header is nested deeper. */
const MAX_HEADER_DEPTH = 3;

/** The most tensors in a file: forty times SDXL's. Two million, which the header's length would allow, take 12 seconds. */
const MAX_TENSORS = 100_000;

/** What a safetensors file says of itself: where each tensor lies, and free notes such as `modelspec.architecture`. */
export interface SafetensorsHeader {
  readonly file: string;
  readonly tensors: Weights;
  readonly metadata: ReadonlyMap<string, string>;
}

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
});
/** Entry by entry: a record of zod's leaves out a key `__proto__`. */
const metadataSchema = z.array(z.tuple([z.string(), z.string()]));

/**
 * Parses the header's text, trusting nothing: element types are known, every tensor's shape fits its bytes, and the
 * tensors cover the `dataBytes` bytes that follow exactly, without overlap or gap.
 * `name` is what errors call the file; `file` is what the tensors' `file` will be.
 * Throws CheckpointError, which names the tensor at fault.
 */
export function parseSafetensorsHeader(
  text: string,
  layout: { name: string; file: string; dataStart: number; dataBytes: number },
): SafetensorsHeader {
  const { name, file, dataStart, dataBytes } = layout;
  const root = parseObject(text, name);
  const tensors = new Map<string, StoredTensor>();
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [key, value] of Object.entries(root)) {
    if (key === '__metadata__') metadata = parseMetadata(value, name);
    else tensors.set(key, parseEntry(key, value, layout));
  }
  checkCoverage(tensors, name, dataStart, dataBytes);
  return { file, tensors, metadata };
}

function parseObject(text: string, name: string): object {
  let root: unknown;
  try {
    root = parseStrictJson(text, { maxDepth: MAX_HEADER_DEPTH, maxKeys: MAX_TENSORS });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CheckpointError(name, `the safetensors header is not sound JSON (${shorten(reason)})`, { cause: error });
  }
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    throw new CheckpointError(name, 'the safetensors header is not a JSON object');
  }
  return root;
}

function parseMetadata(value: unknown, name: string): ReadonlyMap<string, string> {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const parsed = metadataSchema.safeParse(isMap ? Object.entries(value) : null);
  if (!parsed.success) throw new CheckpointError(name, '__metadata__ is not a map of texts');
  return new Map(parsed.data);
}

function parseEntry(
  key: string,
  value: unknown,
  { name, file, dataStart }: { name: string; file: string; dataStart: number },
): StoredTensor {
  const fail = (problem: string) => new CheckpointError(name, `tensor ${quote(key)}: ${problem}`);
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw fail(`its header entry is wrong${issue ? ` (${issue.path.join('.')} ${issue.message})` : ''}`);
  }
  const { dtype, shape } = parsed.data;
  const [begin, end] = parsed.data.data_offsets;
  if (!isDtype(dtype)) throw fail(`element type ${quote(dtype)} is not supported`);
  if (end < begin) throw fail(`it ends (${end}) before it begins (${begin})`);
  const byteLength = shape.reduce((product, dimension) => product * dimension, BYTES_PER_ELEMENT[dtype]);
  if (!Number.isSafeInteger(byteLength)) throw fail(`its shape is too large to address`);
  if (byteLength !== end - begin) {
    throw fail(`${dtype} of shape [${shorten(shape.join(', '))}] needs ${byteLength} bytes, not ${end - begin}`);
  }
  return { file, offset: dataStart + begin, byteLength, dtype, shape };
}

function checkCoverage(tensors: Weights, name: string, dataStart: number, dataBytes: number): void {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength);
  let position = 0;
  for (const [key, { offset, byteLength }] of inOrder) {
    const begin = offset - dataStart;
    if (begin !== position) {
      const problem = begin < position ? 'overlaps the tensor before it' : `leaves a gap of ${begin - position} bytes`;
      throw new CheckpointError(name, `tensor ${quote(key)}: ${problem}`);
    }
    position = begin + byteLength;
    if (position > dataBytes) {
      throw new CheckpointError(
        name,
        `tensor ${quote(key)}: the file ends ${position - dataBytes} bytes before it does. The file is truncated; fetch it again`,
      );
    }
  }
  if (position !== dataBytes) {
    throw new CheckpointError(name, `${dataBytes - position} bytes at the end of the file belong to no tensor`);
  }
}

function isDtype(text: string): text is Dtype {
  return Object.hasOwn(BYTES_PER_ELEMENT, text);
}

/** A name from an untrusted file, fit for a message: bounded, and with control characters escaped. */
function quote(text: string): string {
  return JSON.stringify(shorten(text));
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
