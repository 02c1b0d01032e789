import {
  EngineError,
  type EngineEvent,
  type EngineRequest,
  type EngineResult,
  type EngineSettings,
} from '../../commands/engine.ts';
import { inspectCheckpoint } from '../checkpoint/inspect.ts';
import { type Classifier, openClassifier } from '../classifier/classifier.ts';
import { type Lazy, lazy } from '../pipeline/lazy.ts';
import type { NetworkOptions } from '../pipeline/networks.ts';
import { problemOf } from '../pipeline/problem-of.ts';
import { runTask } from '../pipeline/task.ts';
import { failureOf } from './failure.ts';
import { ModelLibrary } from './library.ts';
import { probe } from './probe.ts';
import { StepBatcher } from './step-batcher.ts';

/** Answers the bot's messages: many tasks at a time, each answered by exactly one `done` or `failed`. */
export class EngineServer {
  private readonly settings: EngineSettings & Pick<NetworkOptions, 'device'>;
  private readonly send: (event: EngineEvent) => void;
  private readonly library: ModelLibrary;
  private readonly batcher: StepBatcher;
  private readonly classifier: Lazy<Classifier> | undefined;
  private readonly running = new Map<number, AbortController>();

  constructor(settings: EngineSettings & Pick<NetworkOptions, 'device'>, send: (event: EngineEvent) => void) {
    this.settings = settings;
    this.send = send;
    this.library = new ModelLibrary(settings, (models) => send({ type: 'loaded', models }));
    this.batcher = new StepBatcher(settings.maxBatch);
    const { classifier: source, threads } = settings;
    this.classifier =
      source &&
      lazy(async () => {
        const classifier = await openClassifier(source, { threads });
        this.library.reserve(classifier.bytes);
        return classifier;
      });
  }

  /** Never throws: whatever goes wrong is answered as `failed` under the request's id. */
  receive(request: EngineRequest): void {
    switch (request.type) {
      case 'run':
        return void this.answer(request.id, () => this.run(request));
      case 'describe':
        return void this.answer(request.id, async () => {
          // Told before the first job rather than by it.
          await this.classifier?.();
          const description = await this.library.describe(request.model);
          return { type: 'described', id: request.id, description };
        });
      case 'forget':
        return void this.answer(request.id, async () => {
          await this.library.forget(request.model);
          return { type: 'forgotten', id: request.id };
        });
      case 'describe extra':
        return void this.answer(request.id, async () => {
          const description = await this.library.describeExtra(request.kind, request.path, request.models);
          return { type: 'extra described', id: request.id, description };
        });
      case 'inspect':
        return void this.answer(request.id, async () => {
          const report = await inspectCheckpoint(request.path);
          const problem = await problemOf(request.path, report.kind, this.settings);
          return { type: 'inspected', id: request.id, report: { ...report, problem } };
        });
      case 'probe':
        return void this.answer(request.id, async () => {
          return { type: 'probed', id: request.id, report: await probe(this.settings) };
        });
      case 'cancel':
        this.running.get(request.id)?.abort(new EngineError('cancelled', 'Cancelled.'));
        return;
      case 'shutdown':
        process.disconnect();
        return;
    }
  }

  private async run({ id, task }: Extract<EngineRequest, { type: 'run' }>): Promise<EngineEvent> {
    const cancellation = new AbortController();
    const loan = this.library.lend(cancellation.signal);
    this.running.set(id, cancellation);
    try {
      const result = await runTask(task, {
        library: loan,
        predict: (unet, call) => this.batcher.predict(unet, call),
        alone: (work) => this.batcher.alone(work),
        signal: cancellation.signal,
        previews: this.settings.previews,
        report: (progress) => this.send({ type: 'progress', id, progress }),
      });
      return { type: 'done', id, result: await this.labelled(result) };
    } finally {
      this.running.delete(id);
      await loan.end();
    }
  }

  private async labelled(result: EngineResult): Promise<EngineResult> {
    if (this.classifier === undefined) return result;
    const classifier = await this.classifier();
    return { ...result, labels: await classifier.classify(result.picture) };
  }

  private async answer(id: number, work: () => Promise<EngineEvent>): Promise<void> {
    let event: EngineEvent;
    try {
      event = await work();
    } catch (error) {
      event = { type: 'failed', id, ...failureOf(error) };
    }
    this.send(event);
  }
}
