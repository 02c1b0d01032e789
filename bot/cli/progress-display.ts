import { Presets, SingleBar } from 'cli-progress';
import type { EngineProgress } from '../../commands/engine.ts';

/** Shows how far the pictures of a request are: a bar on a terminal, a few plain lines elsewhere. */
export interface ProgressDisplay {
  update(index: number, progress: EngineProgress): void;
  stop(): void;
}

export function progressDisplay(stream: NodeJS.WriteStream, pictures: number): ProgressDisplay {
  return stream.isTTY ? barDisplay(stream, pictures) : lineDisplay(stream, pictures);
}

/** Steps over all pictures together; the stage is that of the picture that told last. */
class Totals {
  private readonly latest = new Map<number, EngineProgress>();
  private readonly pictures: number;

  constructor(pictures: number) {
    this.pictures = pictures;
  }

  add(index: number, progress: EngineProgress): { step: number; steps: number } {
    this.latest.set(index, progress);
    const all = [...this.latest.values()];
    return {
      step: all.reduce((sum, { step }) => sum + step, 0),
      // Pictures that have not begun yet will take as many steps as those that have.
      steps: Math.max(...all.map(({ steps }) => steps)) * this.pictures,
    };
  }
}

function barDisplay(stream: NodeJS.WriteStream, pictures: number): ProgressDisplay {
  const totals = new Totals(pictures);
  const bar = new SingleBar(
    { stream, format: '{bar} {stage} {value}/{total} · {duration_formatted}', hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
  bar.start(0, 0, { stage: 'loading' });
  return {
    update(index, progress) {
      const { step, steps } = totals.add(index, progress);
      bar.setTotal(steps);
      bar.update(step, { stage: progress.stage });
    },
    stop: () => bar.stop(),
  };
}

/** One line a stage, and one each time another quarter of the steps is done: a log stays short. */
function lineDisplay(stream: NodeJS.WriteStream, pictures: number): ProgressDisplay {
  const totals = new Totals(pictures);
  const told = new Set<string>();
  return {
    update(index, progress) {
      const { step, steps } = totals.add(index, progress);
      const quarter = steps === 0 ? 0 : Math.floor((step * 4) / steps);
      const counts = progress.stage === 'drawing' || progress.stage === 'refining';
      const key = counts ? `${progress.stage} ${quarter}` : progress.stage;
      if (told.has(key)) return;
      told.add(key);
      stream.write(counts ? `${progress.stage}: ${step}/${steps} steps\n` : `${progress.stage}\n`);
    },
    stop: () => {},
  };
}
