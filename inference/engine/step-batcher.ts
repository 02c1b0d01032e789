import type { Unet, UnetAnswer, UnetCall } from '../pipeline/unet.ts';
import { concatenate, rowOf, type Tensor } from '../tensor.ts';

interface Step {
  readonly kind: 'step';
  readonly unet: Unet;
  readonly call: UnetCall;
  readonly key: string;
  readonly resolve: (answer: UnetAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** Work of one picture that is no step: its decoding, say. */
interface Errand {
  readonly kind: 'errand';
  readonly run: () => Promise<void>;
}

/**
 * Runs the steps of many pictures together. Pictures know nothing of each other: each asks for its next step and waits;
 * whoever asks for the same model at the same size shares the pass, each with its own timestep, noise and guidance. A new
 * picture therefore joins at the next step, and a cancelled one simply asks no more. Groups take turns by age.
 */
export class StepBatcher {
  private readonly waiting: (Step | Errand)[] = [];
  private readonly maxPictures: number;
  private running = false;

  constructor(maxPictures: number) {
    this.maxPictures = maxPictures;
  }

  /** Resolves with the model's outputs for one picture's step; rejects with whatever the pass rejects with. */
  predict(unet: Unet, call: UnetCall): Promise<UnetAnswer> {
    return new Promise((resolve, reject) => {
      this.join({ kind: 'step', unet, call, key: groupKey(call), resolve, reject });
    });
  }

  /**
   * Does one picture's other work in a turn of its own, and tells how long that took: while it is done no pass is, so that
   * nobody is charged for another's. Rejects with whatever the work rejects with.
   */
  alone<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly seconds: number }> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        const start = performance.now();
        const result = await work();
        resolve({ result, seconds: (performance.now() - start) / 1000 });
      };
      this.join({ kind: 'errand', run: () => run().catch(reject) });
    });
  }

  private join(newcomer: Step | Errand): void {
    this.waiting.push(newcomer);
    if (this.running) return;
    this.running = true;
    setImmediate(() => this.drain());
  }

  /** One turn an event-loop turn: in between, the pictures ask for their next steps and messages (cancel!) come in. */
  private async drain(): Promise<void> {
    const oldest = this.waiting[0];
    if (oldest === undefined) {
      this.running = false;
      return;
    }
    if (oldest.kind === 'errand') {
      this.waiting.shift();
      await oldest.run();
    } else {
      const group = this.takeGroup(oldest);
      try {
        await runGroup(group);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    setImmediate(() => this.drain());
  }

  private takeGroup(oldest: Step): Step[] {
    const group = this.waiting
      .filter((other): other is Step => other.kind === 'step' && other.unet === oldest.unet && other.key === oldest.key)
      .slice(0, this.maxPictures);
    for (const member of group) this.waiting.splice(this.waiting.indexOf(member), 1);
    return group;
  }
}

async function runGroup(group: readonly Step[]): Promise<void> {
  const rows = group.flatMap(({ call }) => call.conditionings.map((conditioning) => ({ call, conditioning })));
  const first = group[0];
  if (first === undefined) return;
  const start = performance.now();
  const { prediction, deep } = await first.unet.forward({
    sample: concatenate(rows.map(({ call }) => call.sample)),
    timesteps: Float32Array.from(rows, ({ call }) => call.timestep),
    context: concatenate(rows.map(({ conditioning }) => conditioning.context)),
    pooled: concatenate(rows.map(({ conditioning }) => conditioning.pooled)),
    timeIds: concatenate(rows.map(({ conditioning }) => conditioning.timeIds)),
    ...(first.call.deep !== undefined && { deep: joinDeep(group) }),
  });
  const secondsPerRow = (performance.now() - start) / 1000 / rows.length;
  let row = 0;
  for (const { call, resolve } of group) {
    const rowsOf = (tensor: Tensor) => call.conditionings.map((_, index) => rowOf(tensor, row + index));
    const outputs = rowsOf(prediction);
    const answer = { outputs, seconds: secondsPerRow * outputs.length, ...(deep && { deep: rowsOf(deep) }) };
    row += call.conditionings.length;
    resolve(answer);
  }
}

/** What a group that agrees on it does with the deep features. */
function joinDeep(group: readonly Step[]): 'return' | Tensor {
  const kept = group.flatMap(({ call: { deep } }) => (deep === undefined || deep === 'return' ? [] : deep));
  return kept.length === 0 ? 'return' : concatenate(kept);
}

/** Calls may share a pass where they compute the same levels and every input but the batch has the same shape. */
function groupKey({ sample, conditionings, deep }: UnetCall): string {
  const levels = deep === undefined || deep === 'return' ? (deep ?? 'all') : 'finest';
  return `${sample.shape.join('x')} ${conditionings[0]?.context.shape.join('x')} ${levels}`;
}
