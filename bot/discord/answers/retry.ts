import { setTimeout as sleep } from 'node:timers/promises';
import { codes, DiscordError } from '../transport/discord-error.ts';

/** Four tries within the three seconds that Discord gives for an acknowledgement. */
const FIRST_ANSWER_DELAYS_MS = [150, 400, 1000];
/** A person waits for this answer, and no outbox brings it later. */
const ANSWER_DELAYS_MS = [500, 1500, 4000, 8000];
/** Nobody waits longer for an answer. */
const LONGEST_WAIT_SECONDS = 15;

/** The first answer to an interaction. It cannot come twice: where a try did arrive, the next is told so, and that is success. */
export async function retryFirstAnswer<Result>(attempt: () => Promise<Result | null>): Promise<Result | null> {
  let tries = 0;
  return retry(FIRST_ANSWER_DELAYS_MS, async () => {
    tries += 1;
    try {
      return await attempt();
    } catch (error) {
      const arrived = error instanceof DiscordError && error.code === codes.alreadyAcknowledged;
      if (arrived && tries > 1) return null;
      throw error;
    }
  });
}

/** A call that may be repeated without harm. */
export function retryAnswer<Result>(attempt: () => Promise<Result>): Promise<Result> {
  return retry(ANSWER_DELAYS_MS, attempt);
}

async function retry<Result>(delays: readonly number[], attempt: () => Promise<Result>): Promise<Result> {
  for (const delay of delays) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DiscordError) || error.kind === 'refused') throw error;
      if (error.retryAfterSeconds > LONGEST_WAIT_SECONDS) throw error;
      await sleep(Math.max(delay, error.retryAfterSeconds * 1000));
    }
  }
  return attempt();
}
