import { join } from 'node:path';
import type { Config } from '../../config/index.ts';
import type { Blobs } from './blobs.ts';
import { folderBlobs } from './folder.ts';

/** Blobs in S3 where it is set, else in a folder of the data folder. Bot and workers on several machines need one place. */
export async function openBlobs({ s3, dataDir }: Pick<Config, 's3' | 'dataDir'>): Promise<Blobs> {
  if (s3 === null) return folderBlobs(join(dataDir, 'blobs'));
  const { s3Blobs } = await import('./s3.ts');
  return s3Blobs(s3);
}
