import { MAX_HOLD_MS } from '../../test/fuzz/hold.ts';
import { holds } from '../../test/fuzz/hostile/index.ts';

/**
 * The process that one parser is held up in: says for each kind of input how long the event loop stood still. Without
 * arguments it tells which parsers there are.
 */
const MAX_BYTES = 25 * 1024 * 1024;
/** Another process of the machine, or a rest of the input before, may hold the loop, too: an input may try again. */
const TRIES = 4;

const [name] = process.argv.slice(2);
const send = (message: object): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve());
  });

if (name === undefined) await send({ kind: 'targets', names: holds.map((hold) => hold.name) });
const hold = holds.find((each) => each.name === name);
for (const kind of hold?.kinds ?? []) {
  let milliseconds = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && milliseconds > MAX_HOLD_MS; tries++) {
    milliseconds = Math.min(milliseconds, (await hold?.measure(kind, MAX_BYTES)) ?? 0);
  }
  await send({ kind: 'held', input: kind, milliseconds });
}
process.disconnect();
