import type {
  Engine,
  EngineReport,
  EngineResult,
  EngineTask,
  ExtraDescription,
  ExtraKind,
  ModelDescription,
  ModelSource,
  RunOptions,
} from '../../commands/engine.ts';
import { Turnstile } from '../turnstile.ts';
import type { EngineClient } from './engine-client.ts';

/** The process that reads files goes when none has come for so long: it keeps what it has opened. */
const IDLE_MS = 5_000;

/**
 * An engine of two processes: one that draws, and one that reads what files are, one at a time. A file that holds its reader up
 * is known by that, and nothing that is being drawn is lost with it.
 */
export class EnginePair implements Engine {
  private readonly drawer: EngineClient;
  private readonly reader: EngineClient;
  private readonly turnstile = new Turnstile(1);
  private idle: NodeJS.Timeout | undefined;

  constructor(drawer: EngineClient, reader: EngineClient) {
    this.drawer = drawer;
    this.reader = reader;
  }

  run(task: EngineTask, options?: RunOptions): Promise<EngineResult> {
    return this.drawer.run(task, options);
  }

  describe(model: ModelSource): Promise<ModelDescription> {
    return this.read(() => this.reader.describe(model));
  }

  describeExtra(kind: ExtraKind, path: string, models: readonly ModelSource[]): Promise<ExtraDescription> {
    return this.read(() => this.reader.describeExtra(kind, path, models));
  }

  inspect(path: string): Promise<Readonly<Record<string, unknown>>> {
    return this.read(() => this.reader.inspect(path));
  }

  async forget(model: ModelSource): Promise<void> {
    if (this.reader.processId !== null) await this.read(() => this.reader.forget(model));
    await this.drawer.forget(model);
  }

  isLoaded(model: ModelSource): boolean {
    return this.drawer.isLoaded(model);
  }

  probe(): Promise<EngineReport> {
    return this.drawer.probe();
  }

  /** Of the process that draws; null while there is none. */
  get processId(): number | null {
    return this.drawer.processId;
  }

  async close(): Promise<void> {
    clearTimeout(this.idle);
    await Promise.all([this.drawer.close(), this.reader.close()]);
  }

  private read<T>(work: () => Promise<T>): Promise<T> {
    return this.turnstile.pass(async () => {
      clearTimeout(this.idle);
      try {
        return await work();
      } finally {
        this.idle = setTimeout(() => this.reader.release(), IDLE_MS);
        this.idle.unref();
      }
    });
  }
}
