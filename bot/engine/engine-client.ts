import { type ChildProcess, fork } from 'node:child_process';
import {
  type Engine,
  EngineError,
  type EngineEvent,
  type EngineReport,
  type EngineRequest,
  type EngineResult,
  type EngineSettings,
  type EngineTask,
  type ExtraDescription,
  type ExtraKind,
  type ModelDescription,
  type ModelSource,
  modelKey,
  type RunOptions,
} from '../../commands/engine.ts';
import { engineEnvironment } from '../../config/index.ts';

/** How long a child that was asked to end may take before it is killed. */
const CLOSE_MILLISECONDS = 2_000;

export interface EngineClientOptions {
  /** The file that the child runs. */
  readonly entry: string;
  /** Of Node, before that file. */
  readonly nodeOptions?: readonly string[];
  readonly settings: EngineSettings;
  /** Told of every end that nobody asked for. */
  readonly onCrash: (message: string) => void;
  /** How long it may be silent over a file that it reads; absent: for as long as it likes. */
  readonly silenceSeconds?: number;
  /** What lists of processes tell it by. */
  readonly role?: string;
}

type Answer = Extract<
  EngineEvent,
  { type: 'done' | 'described' | 'extra described' | 'forgotten' | 'inspected' | 'probed' }
>;

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: EngineError) => void;
  readonly onProgress: RunOptions['onProgress'];
  /** What it reads, where it does nothing else. */
  readonly file: string | null;
}

/** Speaks `commands/engine.ts` with a child process, which is forked when first needed and again after a crash. */
export class EngineClient implements Engine {
  private readonly options: EngineClientOptions;
  private readonly pending = new Map<number, Pending>();
  private child: ChildProcess | null = null;
  private loaded: ReadonlySet<string> = new Set();
  /** It ran out of memory: once it has nothing in hand, it makes room for a new one. */
  private isWorn = false;
  private silence: NodeJS.Timeout | undefined;
  private nextId = 1;
  private closed = false;

  constructor(options: EngineClientOptions) {
    this.options = options;
  }

  async run(task: EngineTask, { onProgress, signal, deadlineSeconds }: RunOptions = {}): Promise<EngineResult> {
    if (signal?.aborted) throw new EngineError('cancelled', 'Cancelled.');
    const id = this.nextId++;
    const cancel = (): void => this.send({ type: 'cancel', id });
    signal?.addEventListener('abort', cancel, { once: true });
    const deadline =
      deadlineSeconds === undefined
        ? undefined
        : setTimeout(() => this.onDeadline(id, deadlineSeconds), deadlineSeconds * 1000);
    try {
      const answer = await this.ask({ type: 'run', id, task }, null, onProgress);
      if (answer.type !== 'done') throw unexpected(answer);
      return answer.result;
    } finally {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', cancel);
    }
  }

  async describe(model: ModelSource): Promise<ModelDescription> {
    const answer = await this.ask({ type: 'describe', id: this.nextId++, model }, model.base);
    if (answer.type !== 'described') throw unexpected(answer);
    return answer.description;
  }

  async forget(model: ModelSource): Promise<void> {
    const answer = await this.ask({ type: 'forget', id: this.nextId++, model });
    if (answer.type !== 'forgotten') throw unexpected(answer);
  }

  isLoaded(model: ModelSource): boolean {
    return this.loaded.has(modelKey(model));
  }

  async describeExtra(kind: ExtraKind, path: string, models: readonly ModelSource[]): Promise<ExtraDescription> {
    const answer = await this.ask({ type: 'describe extra', id: this.nextId++, kind, path, models }, path);
    if (answer.type !== 'extra described') throw unexpected(answer);
    return answer.description;
  }

  async inspect(path: string): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.ask({ type: 'inspect', id: this.nextId++, path }, path);
    if (answer.type !== 'inspected') throw unexpected(answer);
    return answer.report;
  }

  async probe(): Promise<EngineReport> {
    const answer = await this.ask({ type: 'probe', id: this.nextId++ });
    if (answer.type !== 'probed') throw unexpected(answer);
    return answer.report;
  }

  /** Of the process that draws; null while there is none. */
  get processId(): number | null {
    return this.child?.pid ?? null;
  }

  async close(): Promise<void> {
    this.closed = true;
    const { child } = this;
    if (child === null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.send({ type: 'shutdown' });
    const killer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MILLISECONDS);
    await ended;
    clearTimeout(killer);
  }

  /** Ends the process if it has nothing in hand: the next request starts one anew. */
  release(): void {
    if (this.pending.size === 0) this.retire();
  }

  private ask(
    request: Extract<EngineRequest, { id: number }>,
    file: string | null = null,
    onProgress?: RunOptions['onProgress'],
  ): Promise<Answer> {
    if (this.closed) return Promise.reject(new EngineError('crashed', 'The engine has been closed.'));
    return new Promise((resolve, reject) => {
      this.pending.set(request.id, { resolve, reject, onProgress, file });
      // A process that starts is not silent yet.
      if (this.child !== null) this.listen();
      this.child ??= this.fork();
      this.send(request);
    });
  }

  private send(request: EngineRequest): void {
    // A channel that closes meanwhile is told by the child's exit.
    if (this.child?.connected) this.child.send(request, () => {});
  }

  private fork(): ChildProcess {
    const { entry, nodeOptions = [], settings, role } = this.options;
    const child = fork(entry, [JSON.stringify(settings), ...(role === undefined ? [] : [role])], {
      execArgv: [...nodeOptions],
      env: engineEnvironment(),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('message', (event: EngineEvent) => this.receive(event));
    child.once('error', (error) => this.onExit(child, `could not be started (${error.message})`));
    child.once('exit', (code, signal) =>
      this.onExit(child, signal === null ? `ended with code ${code}` : `was ended by ${signal}`),
    );
    return child;
  }

  private receive(event: EngineEvent): void {
    this.listen();
    if (event.type === 'ready' || event.type === 'alive') return;
    if (event.type === 'loaded') {
      this.loaded = new Set(event.models.map(modelKey));
      return;
    }
    const pending = this.pending.get(event.id);
    if (pending === undefined) return;
    if (event.type === 'progress') {
      pending.onProgress?.(event.progress);
      return;
    }
    this.pending.delete(event.id);
    this.listen();
    if (event.type === 'failed') pending.reject(new EngineError(event.code, event.message, event.subject));
    else pending.resolve(event);
    if (event.type === 'failed' && event.code === 'out_of_memory') this.isWorn = true;
    if (this.isWorn && this.pending.size === 0) this.retire();
  }

  /** Sessions keep what memory they once had: only a new process has none of it. */
  private retire(): void {
    const { child } = this;
    clearTimeout(this.silence);
    this.child = null;
    this.loaded = new Set();
    this.isWorn = false;
    child?.kill('SIGKILL');
  }

  /** It has said something, or was asked something: from now on it may be silent. */
  private listen(): void {
    const { silenceSeconds } = this.options;
    clearTimeout(this.silence);
    if (silenceSeconds === undefined || [...this.pending.values()].every(({ file }) => file === null)) return;
    this.silence = setTimeout(() => this.onSilence(silenceSeconds), silenceSeconds * 1000);
    this.silence.unref();
  }

  /** Hashing a large file goes on for longer, but not in silence: what holds the event loop is the text of a file. */
  private onSilence(seconds: number): void {
    for (const [id, { file, reject }] of this.pending) {
      if (file === null) continue;
      this.pending.delete(id);
      reject(
        new EngineError(
          'checkpoint',
          `${file}: it could not be read within ${seconds} s; it is damaged, or made to hold Easel up.`,
        ),
      );
    }
    this.stop(`was stopped after ${seconds} s of silence`);
  }

  /** A blocked engine cannot be asked to stop: it is killed, and what else it was drawing has to be drawn again. */
  private onDeadline(id: number, seconds: number): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    pending?.reject(new EngineError('deadline', `The engine did not finish within ${seconds} s and was stopped.`));
    this.stop('was stopped at a deadline');
  }

  private stop(how: string): void {
    const { child } = this;
    if (child === null) return;
    child.kill('SIGKILL');
    // Not when its end is told: what is asked until then must go to a new process.
    this.onExit(child, how);
  }

  private onExit(child: ChildProcess, how: string): void {
    if (this.child !== child) return;
    clearTimeout(this.silence);
    this.child = null;
    this.loaded = new Set();
    this.isWorn = false;
    const abandoned = [...this.pending.values()];
    this.pending.clear();
    if (!this.closed) this.options.onCrash(`The engine process ${how}; it is started anew for the next picture.`);
    for (const { reject } of abandoned) {
      reject(new EngineError('crashed', `The engine process ${how} before the picture was finished.`));
    }
  }
}

function unexpected(answer: Answer): EngineError {
  return new EngineError('internal', `The engine answered with ${answer.type}, which was not asked.`);
}
