import { subtle } from 'node:crypto';
import { type BlobKey, blobKeySchema } from '../../commands/ids.ts';

/** Where pictures and hand-off latents lie, by the SHA-256 of their bytes: storing twice is storing once. */
export interface Blobs {
  /** Resolves when the bytes would survive a power cut. */
  put(bytes: Uint8Array): Promise<BlobKey>;
  /** Rejects with a `MissingBlobError` where there is none, also where its bytes are no longer what its key says. */
  get(key: BlobKey): Promise<Uint8Array>;
  /** Removing what is not there is no error. */
  remove(key: BlobKey): Promise<void>;
  /** Removes it unless its bytes were stored, once more or for the first time, after this moment. Says whether it is gone. */
  removeOlder(key: BlobKey, moment: Date): Promise<boolean>;
  /** The next ones in the order of their keys, at most `limit`; none only at the end. */
  list(after: BlobKey | null, limit: number): Promise<readonly StoredBlob[]>;
}

export interface StoredBlob {
  readonly key: BlobKey;
  /** When its bytes were stored last. */
  readonly storedAt: Date;
}

export class MissingBlobError extends Error {
  readonly key: BlobKey;

  constructor(key: BlobKey, problem: string) {
    super(`The stored file ${key.slice(0, 12)} ${problem}.`);
    this.name = 'MissingBlobError';
    this.key = key;
  }
}

/** Computed beside the event loop: a picture that does not compress takes a quarter of a second. */
export async function blobKeyOf(bytes: Uint8Array): Promise<BlobKey> {
  return blobKeySchema.parse(Buffer.from(await subtle.digest('SHA-256', bytes)).toString('hex'));
}

/** Bytes that came back from a store, held against the key that they were asked by. */
export async function verified(key: BlobKey, bytes: Uint8Array): Promise<Uint8Array> {
  if ((await blobKeyOf(bytes)) !== key) throw new MissingBlobError(key, 'is damaged');
  return bytes;
}
