import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { HubConfig } from '../../config/index.ts';
import { authorization, HubError, type HubFile, refusal } from './hub.ts';

/** Tries in a row that bring nothing new; each that does begins the count anew. */
const MAX_TRIES = 6;
const FIRST_WAIT_MS = 500;
/** A hub that asks for more patience than this is told of instead. */
const MAX_WAIT_MS = 60_000;
/** A connection that brings nothing for so long is taken for dead. */
const SILENCE_MS = 30_000;

/** One file to fetch, and where it goes. */
export interface Download {
  readonly url: string;
  readonly file: HubFile;
  readonly repository: string;
  /** It appears here when it is whole and right; until then beside it as `.part`, where a later run goes on. */
  readonly target: string;
  /** Of this file, counted anew where it is begun anew. */
  readonly onBytes: (bytesDone: number) => void;
}

/** A failure that another try may mend, and how long the server asked to wait. */
class TryAgain extends Error {
  readonly waitMs: number | null;

  constructor(message: string, waitMs: number | null = null, options?: ErrorOptions) {
    super(message, options);
    this.waitMs = waitMs;
  }
}

/**
 * Fetches a file, goes on where an earlier run or a cut connection stopped, and holds it against its checksum. Rejects with
 * a HubError, with the file system's error, or with the signal's reason; what has come by then is kept.
 */
export async function download(job: Download, hub: HubConfig, signal: AbortSignal): Promise<void> {
  const { target, file, onBytes } = job;
  if ((await sizeOf(target)) === file.bytes) return onBytes(file.bytes);
  const part = `${target}.part`;
  await mkdir(dirname(target), { recursive: true });
  let wasWrong = false;
  for (let tries = 0; ; ) {
    const before = await sizeOf(part);
    try {
      const hex = await fetchRest(job, part, before, hub, signal);
      if (hex === file.checksum.hex) return await rename(part, target);
      await rm(part, { force: true });
      if (wasWrong) {
        throw new HubError(`${job.repository}/${file.path}: what came twice is not what the hub's checksum says.`);
      }
      wasWrong = true;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TryAgain)) throw error;
      tries = (await sizeOf(part)) > before ? 1 : tries + 1;
      if (tries >= MAX_TRIES) {
        throw new HubError(
          `${job.repository}/${file.path}: ${error.message}. What has come is kept: pull again to go on.`,
        );
      }
      await wait(Math.min(MAX_WAIT_MS, error.waitMs ?? FIRST_WAIT_MS * 2 ** (tries - 1)), undefined, { signal });
    }
  }
}

/** Appends what is missing of a file; resolves with the checksum of the whole. */
async function fetchRest(
  { url, file, repository, onBytes }: Download,
  part: string,
  have: number,
  hub: HubConfig,
  signal: AbortSignal,
): Promise<string> {
  let done = have <= file.bytes ? have : 0;
  let hash = await begunHash(file, part, done);
  onBytes(done);
  if (done === file.bytes && file.bytes > 0) return hash.digest('hex');
  const silence = new Watchdog(SILENCE_MS);
  const response = await fetch(url, {
    headers: { ...authorization(hub.token), ...(done > 0 && { range: `bytes=${done}-` }) },
    signal: AbortSignal.any([signal, silence.signal]),
  }).catch((cause: unknown) => {
    throw new TryAgain('the hub does not answer', null, { cause });
  });
  requireBytes(response, repository, hub.endpoint);
  if (done > 0 && response.status !== 206) {
    // It sends the whole file, whatever was asked for.
    done = 0;
    hash = await begunHash(file, part, 0);
  }
  const handle = await open(part, done > 0 ? 'r+' : 'w');
  try {
    for await (const chunk of bodyOf(response)) {
      silence.calm();
      if (done + chunk.byteLength > file.bytes) {
        await handle.truncate(0);
        throw new TryAgain('more came than the file has bytes');
      }
      await writeAll(handle, chunk, done);
      hash.update(chunk);
      done += chunk.byteLength;
      onBytes(done);
    }
    if (done < file.bytes) throw new TryAgain('the connection was cut');
    await handle.sync();
  } finally {
    silence.stop();
    await handle.close();
  }
  return hash.digest('hex');
}

/** A disk that fills up takes the first part of a chunk without an error, and fails with the rest. */
async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.byteLength; ) {
    const rest = chunk.byteLength - written;
    written += (await handle.write(chunk, written, rest, position + written)).bytesWritten;
  }
}

async function* bodyOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  try {
    yield* body;
  } catch (cause) {
    throw new TryAgain('the connection was cut', null, { cause });
  }
}

function requireBytes(response: Response, repository: string, endpoint: string): void {
  const { status } = response;
  if (response.ok) return;
  if (status === 429 || status >= 500) {
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    throw new TryAgain(`the hub answered ${status}`, Number.isFinite(seconds) ? seconds * 1000 : null);
  }
  throw refusal(response, repository, '', endpoint);
}

/** The checksum of the file so far. */
async function begunHash({ checksum, bytes }: HubFile, part: string, have: number): Promise<Hash> {
  const hash = createHash(checksum.kind === 'sha256' ? 'sha256' : 'sha1');
  if (checksum.kind === 'git-sha1') hash.update(`blob ${bytes}\0`);
  if (have > 0) for await (const chunk of createReadStream(part, { end: have - 1 })) hash.update(chunk);
  return hash;
}

function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Aborts when it has not been calmed for a while. */
class Watchdog {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(milliseconds: number) {
    this.timer = setTimeout(() => this.controller.abort(new Error('No bytes came.')), milliseconds);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  calm(): void {
    this.timer.refresh();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
