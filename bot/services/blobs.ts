import { UserError } from '../../commands/request.ts';
import type { BlobService, Upload } from '../../commands/services.ts';
import { type Blobs, blobKeyOf, MissingBlobError } from '../blobs/blobs.ts';
import { IncomingFiles } from './incoming-files.ts';
import { readMask, uprightPicture } from './masks.ts';

const uploadOf = async (bytes: Uint8Array): Promise<Upload> => ({ key: await blobKeyOf(bytes), bytes });

/** What commands may do with files that people send, and with those that are stored. */
export function createBlobService(blobs: Blobs): BlobService {
  const incoming = new IncomingFiles();
  return {
    receive: (file, from) => incoming.take(from, (fetch) => fetch(file)),
    withStart: (files, from, use) =>
      incoming.take(from, async (fetch) => {
        const { picture, hole, ...size } = await uprightPicture(await fetch(files.picture));
        const mask = files.mask === undefined ? hole : await readMask(await fetch(files.mask), size);
        return use({ ...size, picture: await uploadOf(picture), mask: mask && (await uploadOf(mask)) });
      }),
    withMask: (file, picture, from, use) =>
      incoming.take(from, async (fetch) => use(await uploadOf(await readMask(await fetch(file), picture)))),
    get: (key) =>
      blobs.get(key).catch((error: unknown) => {
        if (error instanceof MissingBlobError) throw new UserError('missing', ({ files }) => files.notStored);
        throw error;
      }),
  };
}
