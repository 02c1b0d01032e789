import type { Logger } from '../../config/index.ts';
import { insistWhileAway } from '../insist.ts';
import type { MakingParts } from './make-pictures.ts';

/**
 * What a job is made from and where it is stored, both waited for where a server is away for a moment: a restart of the
 * database or of the bucket costs no picture.
 */
export function patientParts<Parts extends Pick<MakingParts, 'store' | 'blobs'>>(parts: Parts, log: Logger): Parts {
  const { store, blobs } = parts;
  const patient: Pick<MakingParts, 'store' | 'blobs'> = {
    store: {
      pictures: { find: (id) => insistWhileAway(() => store.pictures.find(id), log) },
      settings: { of: (guild) => insistWhileAway(() => store.settings.of(guild), log) },
    },
    blobs: {
      get: (key) => insistWhileAway(() => blobs.get(key), log),
      put: (bytes) => insistWhileAway(() => blobs.put(bytes), log),
    },
  };
  return { ...parts, ...patient };
}
