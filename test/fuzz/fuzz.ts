import fc from 'fast-check';

/** As much of an input as a terminal can bear. */
const MAX_SHOWN = 1_000;

/** A parser of what strangers give, and how it may answer. */
interface Target<Input> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<Input>;
  /** Errors that are answers; every other one is a fault. */
  readonly refusals: readonly (abstract new (
    ...parts: never[]
  ) => Error)[];
  /** May be refused; whatever else it throws is a fault. */
  parse(input: Input): unknown;
}

export interface FuzzReport {
  readonly inputs: number;
  readonly refused: number;
  readonly seconds: number;
  readonly slowestMilliseconds: number;
}

/** A target as it is run; what its inputs are is its own affair. */
export interface FuzzTarget {
  readonly name: string;
  /**
   * Gives the parser so many inputs. Rejects with the least input that still fails and how to come by it again
   * where one is answered by anything but a value or a refusal in a bounded message.
   */
  fuzz(runs: number, seed: number): Promise<FuzzReport>;
}

export function fuzzTarget<Input>(target: Target<Input>): FuzzTarget {
  return { name: target.name, fuzz: (runs, seed) => fuzz(target, runs, seed) };
}

/** A refusal is for a person to read, and may quote what is wrong only in part; a configuration's has a line for each key. */
const MAX_LINE = 4_000;

async function fuzz<Input>(
  { name, inputs, refusals, parse }: Target<Input>,
  numRuns: number,
  seed: number,
): Promise<FuzzReport> {
  let [count, refused, slowest] = [0, 0, 0];
  const begun = performance.now();
  const property = fc.asyncProperty(inputs, async (input) => {
    const start = performance.now();
    count++;
    try {
      await parse(input);
    } catch (error) {
      if (!refusals.some((kind) => error instanceof kind)) throw error;
      const longest = Math.max(...(error as Error).message.split('\n').map(({ length }) => length));
      if (longest > MAX_LINE) throw new Error(`A refusal of ${longest} characters in one line`);
      refused++;
    } finally {
      slowest = Math.max(slowest, performance.now() - start);
    }
  });
  const details = await fc.check(property, { numRuns, seed });
  if (details.failed) {
    const cause = details.errorInstance;
    const shown = fc.stringify(details.counterexample).slice(0, MAX_SHOWN);
    const how = `seed ${seed}, path ${details.counterexamplePath}`;
    throw new Error(`${name} (${how}) broke on ${shown}: ${cause instanceof Error ? cause.stack : cause}`, { cause });
  }
  return {
    inputs: count,
    refused,
    seconds: (performance.now() - begun) / 1000,
    slowestMilliseconds: slowest,
  };
}
