import { withMiniature } from './miniature-engine.ts';
import type { Row } from './table.ts';

const JOBS = [1, 2, 4, 8];
const REPEATS = 3;

/** Jobs that share their steps in one engine: how many pictures a second, and how long each of them takes. */
export function batchingRows(): Promise<readonly Row[]> {
  return withMiniature('float32', async ({ engine, task }) => {
    const drawAtOnce = async (jobs: number): Promise<readonly number[]> => {
      const start = performance.now();
      const draw = async (seed: number): Promise<number> => {
        await engine.run(task({ seed }));
        return (performance.now() - start) / 1000;
      };
      return Promise.all(Array.from({ length: jobs }, (_, seed) => draw(seed)));
    };
    await drawAtOnce(1);
    const fastest = new Map<number, readonly number[]>();
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      for (const jobs of JOBS) {
        const latencies = await drawAtOnce(jobs);
        const known = fastest.get(jobs);
        if (known === undefined || Math.max(...latencies) < Math.max(...known)) fastest.set(jobs, latencies);
      }
    }
    return [...fastest].map(([jobs, latencies]) => {
      const [first, last] = [Math.min(...latencies), Math.max(...latencies)];
      const note =
        jobs === 1
          ? `${last.toFixed(2)} s`
          : `the first after ${first.toFixed(2)} s, the last after ${last.toFixed(2)} s`;
      return { name: `Miniature, ${jobs} at once`, value: jobs / last, unit: 'pictures a second', note };
    });
  });
}
