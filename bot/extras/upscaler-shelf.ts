import { stat } from 'node:fs/promises';
import type { Engine } from '../../commands/engine.ts';
import { comesWithEasel } from '../../commands/upscale-methods.ts';
import type { UpscalerEntry } from '../../config/index.ts';
import { isOfTheFile } from './file-fault.ts';
import { MissingFileError } from './missing-file-error.ts';

interface Looked {
  /** The file's size and time of change: what differs is looked into anew. */
  readonly state: string;
  readonly isUsable: boolean;
}

/** The operator's own networks that enlarge: one whose file cannot be used is left out until it is mended. */
export class UpscalerShelf {
  private readonly entries: readonly UpscalerEntry[];
  private readonly engine: Pick<Engine, 'inspect'>;
  private readonly warn: (problem: string) => void;
  private looked: ReadonlyMap<string, Looked> = new Map();

  /** `warn` is told once of each file that cannot be used, and why. */
  constructor(entries: readonly UpscalerEntry[], engine: Pick<Engine, 'inspect'>, warn: (problem: string) => void) {
    this.entries = entries;
    this.engine = engine;
    this.warn = warn;
  }

  /** Looks at the files. Returns whether others can be used than before. */
  async refresh(): Promise<boolean> {
    const before = JSON.stringify(this.names());
    const looks = this.entries.map(async (entry) => [entry.name, await this.look(entry)] as const);
    this.looked = new Map(await Promise.all(looks));
    return JSON.stringify(this.names()) !== before;
  }

  /** Of those that can be used. */
  names(): readonly string[] {
    return this.entries.map(({ name }) => name).filter((name) => this.looked.get(name)?.isUsable);
  }

  /** The file of a method; undefined: it comes with Easel. Throws a MissingFileError where there is none. */
  find(method: string): string | undefined {
    if (comesWithEasel(method)) return undefined;
    const entry = this.entries.find(({ name }) => name === method);
    if (entry === undefined || !this.looked.get(method)?.isUsable) throw new MissingFileError('upscaler', method);
    return entry.file;
  }

  private async look({ name, file }: UpscalerEntry): Promise<Looked> {
    const status = await stat(file).catch(() => null);
    const state = status === null ? 'none' : `${status.size} ${status.mtimeMs}`;
    const known = this.looked.get(name);
    if (known?.state === state) return known;
    const problem = await upscalerProblem(file, this.engine);
    if (problem !== null) this.warn(`The upscaler ${name} cannot be used: ${problem}`);
    return { state, isUsable: problem === null };
  }
}

/** Why a file is no network that enlarges, in one line that names it; null: it is one. */
async function upscalerProblem(file: string, engine: Pick<Engine, 'inspect'>): Promise<string | null> {
  try {
    const { kind, description, problem } = await engine.inspect(file);
    if (kind !== 'upscaler') return `${file} is ${String(description)}; name an ESRGAN network.`;
    return typeof problem === 'string' ? problem : null;
  } catch (error) {
    if (!isOfTheFile(error)) throw error;
    return error.message;
  }
}
