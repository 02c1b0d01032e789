import { targets } from '../../test/fuzz/targets/index.ts';

/** The process that one target of `npm run fuzz` runs in; without arguments it tells which targets there are. */
const [name, runs = '0', chunk = '1', seed = '0'] = process.argv.slice(2);

const send = (message: object): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve());
  });

if (name === undefined) await send({ kind: 'targets', names: targets.map((target) => target.name) });
const target = targets.find((each) => each.name === name);
try {
  // From now on it is watched.
  await send({ kind: 'chunk', inputs: 0, refused: 0, slowest: 0, rss: 0 });
  for (let done = 0; target !== undefined && done < Number(runs); done += Number(chunk)) {
    const count = Math.min(Number(chunk), Number(runs) - done);
    const { inputs, refused, slowestMilliseconds } = await target.fuzz(count, Number(seed) + done);
    await send({ kind: 'chunk', inputs, refused, slowest: slowestMilliseconds, rss: process.memoryUsage.rss() });
  }
} catch (error) {
  await send({ kind: 'fault', message: error instanceof Error ? error.message : String(error) });
}
process.disconnect();
