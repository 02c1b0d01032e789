import { type FileHandle, open, realpath } from 'node:fs/promises';
import { sizeOf, type Tensor } from '../tensor.ts';
import { toFloat32 } from './dtype.ts';
import { CheckpointError } from './errors.ts';
import { refuseForeignFile, SIGNATURE_BYTES } from './foreign-file.ts';
import {
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  parseSafetensorsHeader,
  type SafetensorsHeader,
} from './safetensors-header.ts';
import type { StoredTensor } from './weights.ts';

/**
 * Reads where the tensors of a safetensors file lie; of the tensors themselves it reads nothing. Their `file` is the
 * real path, links resolved. Throws CheckpointError if the file is missing, truncated or hostile, and
 * UnsupportedModelError if it is of another format (a pickle, GGUF ...).
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const { handle, file, fileBytes } = await openFile(path);
  try {
    const start = await readExactly(handle, 0, Math.min(SIGNATURE_BYTES, fileBytes), path);
    refuseForeignFile(path, start);
    const headerBytes = headerLength(start, fileBytes, path);
    const header = await readExactly(handle, LENGTH_BYTES, headerBytes, path);
    const dataStart = LENGTH_BYTES + headerBytes;
    return parseSafetensorsHeader(decodeText(header, path), {
      name: path,
      file,
      dataStart,
      dataBytes: fileBytes - dataStart,
    });
  } finally {
    await handle.close();
  }
}

/** Reads one tensor and converts it to float32. Throws CheckpointError if the file has become shorter since. */
export async function readTensor(stored: StoredTensor): Promise<Tensor> {
  const [tensor] = await readTensors([stored]);
  if (!tensor) throw new CheckpointError(stored.file, 'nothing was read');
  return tensor;
}

/** Reads tensors as `readTensor` does, opening each file once. */
export async function readTensors(stored: readonly StoredTensor[]): Promise<readonly Tensor[]> {
  const handles = new Map<string, FileHandle>();
  try {
    const tensors: Tensor[] = [];
    for (const { file, offset, byteLength, dtype, shape } of stored) {
      const handle = handles.get(file) ?? (await openFile(file)).handle;
      handles.set(file, handle);
      tensors.push({ shape, data: toFloat32(await readExactly(handle, offset, byteLength, file), dtype) });
    }
    return tensors;
  } finally {
    await Promise.all([...handles.values()].map((handle) => handle.close()));
  }
}

/** Writes float32 tensors, in order of their names, as the bytes of a safetensors file. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const names = Object.keys(tensors).sort();
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  const parts: Uint8Array[] = [];
  let position = 0;
  for (const name of names) {
    const tensor = tensors[name];
    if (!tensor) continue;
    const { shape, data } = tensor;
    if (sizeOf(shape) !== data.length) {
      throw new RangeError(`Tensor ${name} of shape [${shape.join(', ')}] cannot hold ${data.length} values.`);
    }
    entries.push([name, { dtype: 'F32', shape, data_offsets: [position, position + data.byteLength] }]);
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    position += data.byteLength;
  }
  const json = JSON.stringify(Object.fromEntries(entries));
  const headerBytes = Buffer.byteLength(json);
  // Trailing spaces align the tensors, as the format recommends.
  const header = Buffer.from(json + ' '.repeat(-headerBytes & 7));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(header.length));
  return new Uint8Array(Buffer.concat([length, header, ...parts]));
}

/** Reads what `encodeSafetensors` wrote, or any small safetensors file. `name` is what errors call the bytes. */
export function decodeSafetensors(
  bytes: Uint8Array,
  name: string,
): { tensors: ReadonlyMap<string, Tensor>; metadata: ReadonlyMap<string, string> } {
  refuseForeignFile(name, bytes);
  const dataStart = LENGTH_BYTES + headerLength(bytes, bytes.length, name);
  const header = parseSafetensorsHeader(decodeText(bytes.subarray(LENGTH_BYTES, dataStart), name), {
    name,
    file: name,
    dataStart,
    dataBytes: bytes.length - dataStart,
  });
  const tensors = new Map<string, Tensor>();
  for (const [key, { offset, byteLength, dtype, shape }] of header.tensors) {
    tensors.set(key, { shape, data: toFloat32(bytes.subarray(offset, offset + byteLength), dtype) });
  }
  return { tensors, metadata: header.metadata };
}

function headerLength(start: Uint8Array, fileBytes: number, name: string): number {
  if (start.length < LENGTH_BYTES) {
    throw new CheckpointError(name, `the file has only ${fileBytes} bytes, too few for a safetensors file`);
  }
  const length = new DataView(start.buffer, start.byteOffset, start.byteLength).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new CheckpointError(
      name,
      `not a safetensors file, or damaged: its first bytes ask for a header of ${length} bytes (at most ${MAX_HEADER_BYTES} are allowed)`,
    );
  }
  const headerBytes = Number(length);
  if (LENGTH_BYTES + headerBytes > fileBytes) {
    throw new CheckpointError(name, 'the file ends within its header. The file is truncated; fetch it again');
  }
  return headerBytes;
}

function decodeText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new CheckpointError(name, 'the safetensors header is not UTF-8 text', { cause: error });
  }
}

async function openFile(path: string): Promise<{ handle: FileHandle; file: string; fileBytes: number }> {
  let handle: FileHandle | undefined;
  try {
    const file = await realpath(path);
    handle = await open(file);
    const status = await handle.stat();
    if (!status.isFile()) throw new Error('it is not a file');
    return { handle, file, fileBytes: status.size };
  } catch (error) {
    await handle?.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new CheckpointError(path, `cannot be read (${reason})`, { cause: error });
  }
}

async function readExactly(handle: FileHandle, offset: number, byteLength: number, name: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteLength);
  let done = 0;
  while (done < byteLength) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(byteLength - done, LARGEST_READ), offset + done);
    if (bytesRead === 0) throw new CheckpointError(name, `the file ends at byte ${offset + done}, within a tensor`);
    done += bytesRead;
  }
  return bytes;
}

/** Node refuses reads of 2 GiB and more. */
const LARGEST_READ = 2 ** 30;
