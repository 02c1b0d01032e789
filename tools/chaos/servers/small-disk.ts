import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Far more than a run's pictures take, and filled in a moment. */
const SIZE = '192m';

/** A small file system of its own on a folder, where this machine lets us mount one. */
export class SmallDisk {
  /** Why there is none; null: there is. */
  readonly problem: string | null;
  private readonly folder: string;

  private constructor(folder: string, problem: string | null) {
    this.folder = folder;
    this.problem = problem;
  }

  static async mount(folder: string): Promise<SmallDisk> {
    const problem = await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=777`, 'easel-chaos', folder]).then(
      () => null,
      () => 'mounting a small file system is refused here',
    );
    return new SmallDisk(folder, problem);
  }

  async unmount(): Promise<void> {
    if (this.problem === null) await run('umount', ['-l', this.folder]);
  }
}
