import type { Unet, UnetAnswer, UnetCall } from '../pipeline/unet.ts';
import { concatenate, rowOf } from '../tensor.ts';

interface Waiting {
  readonly unet: Unet;
  readonly call: UnetCall;
  readonly key: string;
  readonly resolve: (answer: UnetAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs the steps of many pictures together. Pictures know nothing of each other: each asks for its next step and waits;
 * whoever asks for the same model at the same size shares the pass, each with its own timestep, noise and guidance. A new
 * picture therefore joins at the next step, and a cancelled one simply asks no more. Groups take turns by age.
 */
export class StepBatcher {
  private readonly waiting: Waiting[] = [];
  private readonly maxPictures: number;
  private running = false;

  constructor(maxPictures: number) {
    this.maxPictures = maxPictures;
  }

  /** Resolves with the model's outputs for one picture's step; rejects with whatever the pass rejects with. */
  predict(unet: Unet, call: UnetCall): Promise<UnetAnswer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ unet, call, key: groupKey(call), resolve, reject });
      if (!this.running) {
        this.running = true;
        setImmediate(() => this.drain());
      }
    });
  }

  /** One pass an event-loop turn: in between, the pictures ask for their next steps and messages (cancel!) come in. */
  private async drain(): Promise<void> {
    const group = this.takeOldestGroup();
    if (group.length === 0) {
      this.running = false;
      return;
    }
    try {
      await runGroup(group);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    setImmediate(() => this.drain());
  }

  private takeOldestGroup(): Waiting[] {
    const oldest = this.waiting[0];
    if (oldest === undefined) return [];
    const group = this.waiting
      .filter(({ unet, key }) => unet === oldest.unet && key === oldest.key)
      .slice(0, this.maxPictures);
    for (const member of group) this.waiting.splice(this.waiting.indexOf(member), 1);
    return group;
  }
}

async function runGroup(group: readonly Waiting[]): Promise<void> {
  const rows = group.flatMap(({ call }) => call.conditionings.map((conditioning) => ({ call, conditioning })));
  const first = group[0];
  if (first === undefined) return;
  const start = performance.now();
  const output = await first.unet.forward({
    sample: concatenate(rows.map(({ call }) => call.sample)),
    timesteps: Float32Array.from(rows, ({ call }) => call.timestep),
    context: concatenate(rows.map(({ conditioning }) => conditioning.context)),
    pooled: concatenate(rows.map(({ conditioning }) => conditioning.pooled)),
    timeIds: concatenate(rows.map(({ conditioning }) => conditioning.timeIds)),
  });
  const secondsPerRow = (performance.now() - start) / 1000 / rows.length;
  let row = 0;
  for (const { call, resolve } of group) {
    const outputs = call.conditionings.map((_, index) => rowOf(output, row + index));
    row += call.conditionings.length;
    resolve({ outputs, seconds: secondsPerRow * outputs.length });
  }
}

/** Calls may share a pass where every input but the batch has the same shape. */
function groupKey({ sample, conditionings }: UnetCall): string {
  return `${sample.shape.join('x')} ${conditionings[0]?.context.shape.join('x')}`;
}
