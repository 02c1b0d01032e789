import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from '../installation.ts';
import { type Fault, Violation } from './fault.ts';

/** What disks do. */
export const storageFaults: readonly Fault[] = [
  {
    kind: 'disk full',
    part: 'blobs',
    weight: 1.5,
    unavailable: ({ smallDisk }) => smallDisk.problem,
    async inject(installation, random) {
      const filler = join(installation.dataFolder, 'filler');
      await fill(filler);
      await sleep(random.between(2000, 6000));
      const left = await unfinished(installation);
      await rm(filler);
      // What is being written at this very moment may still be there; what stays has been forgotten.
      await sleep(500);
      const stayed = (await unfinished(installation)).filter((name) => left.includes(name));
      if (stayed.length > 0) throw new Violation(`a full disk left ${stayed.length} unfinished files`);
    },
  },
  {
    kind: 'blobs: damaged',
    part: 'blobs',
    weight: 1.5,
    async inject(installation, random) {
      for (const path of await newestBlobs(installation, random.whole(1, 4))) {
        const bytes = await readFile(path).catch(() => null);
        if (bytes === null || bytes.length === 0) continue;
        if (random.chance(0.5)) bytes[random.whole(0, bytes.length - 1)]! ^= 0xff;
        await writeFile(path, random.chance(0.3) ? bytes.subarray(0, bytes.length / 2) : bytes);
      }
    },
  },
  {
    kind: 'blobs: gone',
    part: 'blobs',
    async inject(installation, random) {
      for (const path of await newestBlobs(installation, random.whole(1, 3))) await rm(path, { force: true });
    },
  },
];

/** Writes until there is no room. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const size of [1 << 20, 1 << 16, 1 << 12]) {
      const chunk = Buffer.alloc(size);
      while (
        await file.write(chunk).then(
          ({ bytesWritten }) => bytesWritten === size,
          () => false,
        )
      );
    }
  } finally {
    await file.close();
  }
}

async function unfinished({ dataFolder }: Installation): Promise<readonly string[]> {
  return readdir(join(dataFolder, 'blobs', 'unfinished')).catch(() => []);
}

/** The files of the pictures that were made last. */
async function newestBlobs({ postgres, dataFolder }: Installation, count: number): Promise<readonly string[]> {
  const rows = await postgres
    .query<{ blob: string }>('select blob from easel.pictures order by job desc limit $1', [count])
    .catch(() => []);
  return rows.map(({ blob }) => join(dataFolder, 'blobs', blob.slice(0, 2), blob));
}
