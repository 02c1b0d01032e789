import type { BlobKey } from '../../commands/ids.ts';
import { UserError } from '../../commands/request.ts';
import type { Upload } from '../../commands/services.ts';
import type { Logger } from '../../config/index.ts';
import type { Blobs } from '../blobs/blobs.ts';
import type { RetentionStore } from '../retention/retention-store.ts';

/**
 * Stores what came with a request just before its job is accepted, which a worker may take at once, and takes it back where
 * the job is refused: no number of refused requests fills the disk.
 */
export class UploadStorage {
  /** How many requests are storing these bytes now: two people may send the same picture. */
  private readonly inHand = new Map<BlobKey, number>();
  private readonly blobs: Blobs;
  private readonly retention: Pick<RetentionStore, 'unreferred'>;
  private readonly log: Logger;

  constructor(blobs: Blobs, retention: Pick<RetentionStore, 'unreferred'>, log: Logger) {
    this.blobs = blobs;
    this.retention = retention;
    this.log = log;
  }

  /** Settles as `accept` does, which is called once the bytes are safe. */
  async storedFor<T>(uploads: readonly Upload[], accept: () => Promise<T>): Promise<T> {
    const keys = [...new Set(uploads.map(({ key }) => key))];
    for (const key of keys) this.inHand.set(key, (this.inHand.get(key) ?? 0) + 1);
    let isRefused = true;
    try {
      for (const { bytes } of uploads) await this.blobs.put(bytes);
      isRefused = false;
      return await accept();
    } catch (error) {
      // After any other error the job may be in the store all the same; what it does not refer to is swept later.
      isRefused ||= error instanceof UserError;
      throw error;
    } finally {
      const storedBefore = new Date(Date.now() + 1);
      for (const key of keys) this.release(key);
      if (isRefused && keys.length > 0) await this.takeBack(keys, storedBefore);
    }
  }

  private release(key: BlobKey): void {
    const others = (this.inHand.get(key) ?? 0) - 1;
    if (others > 0) this.inHand.set(key, others);
    else this.inHand.delete(key);
  }

  /** What is stored again after that moment is another request's, perhaps of another process. */
  private async takeBack(keys: readonly BlobKey[], storedBefore: Date): Promise<void> {
    try {
      for (const key of await this.retention.unreferred(keys)) {
        if (!this.inHand.has(key)) await this.blobs.removeOlder(key, storedBefore);
      }
    } catch (error) {
      this.log.warn({ error, keys }, 'files of a refused request could not be removed; they are swept later');
    }
  }
}
