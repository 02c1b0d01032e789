import { Newest } from './newest.ts';

const REMEMBERED = 100;

/** Between two lines on the same error of a server that is away, which is met several times a second. */
export const BETWEEN_ERRORS_MS = 30_000;

/**
 * Tells of errors that come over and over while something is away: each message at once, and then at most each so many
 * milliseconds, with how often it came untold since.
 */
export function rarely(
  milliseconds: number,
  tell: (error: Error, untold: number) => void,
  now: () => number = () => performance.now(),
): (error: Error) => void {
  const told = new Newest<string, { readonly at: number; untold: number }>(REMEMBERED);
  return (error) => {
    const last = told.get(error.message);
    if (last !== undefined && now() - last.at < milliseconds) {
      last.untold += 1;
      return;
    }
    told.set(error.message, { at: now(), untold: 0 });
    tell(error, last?.untold ?? 0);
  };
}
