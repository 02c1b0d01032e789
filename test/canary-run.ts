import { CANARY } from './canary.ts';

/** Listens to everything that the test run prints, that of programs which tests start included; fails the run for a secret. */
export function setup(): () => void {
  const heard: string[] = [];
  const streams = [process.stdout, process.stderr];
  const originals = streams.map((stream) => stream.write);
  for (const stream of streams) {
    const write = stream.write.bind(stream);
    stream.write = ((chunk: string | Uint8Array, ...rest: [BufferEncoding?, ((error?: Error | null) => void)?]) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      if (text.includes(CANARY)) heard.push(text.slice(0, 2_000));
      return write(chunk, ...rest);
    }) as typeof stream.write;
  }
  return () => {
    streams.forEach((stream, index) => {
      const original = originals[index];
      if (original !== undefined) stream.write = original;
    });
    if (heard.length === 0) return;
    // An error here is only shown: Vitest ends as the tests did.
    process.exitCode = 1;
    throw new Error(`The test run printed secrets ${heard.length} times: ${heard[0]}`);
  };
}
