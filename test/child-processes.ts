import { readdir, readFile } from 'node:fs/promises';

/** The processes that this one has started and whose command line holds a text, by Linux's /proc. */
export async function childrenOf(parent: number, text: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const children = await Promise.all(
    pids.map(async (pid) => {
      try {
        const [status, command] = await Promise.all([
          readFile(`/proc/${pid}/status`, 'utf8'),
          readFile(`/proc/${pid}/cmdline`, 'utf8'),
        ]);
        return status.includes(`\nPPid:\t${parent}\n`) && command.includes(text) ? [pid] : [];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    }),
  );
  return children.flat();
}
