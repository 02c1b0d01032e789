import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../random.ts';

/** As few pixels and steps as there can be: a run is about faults, not about pictures. */
export const QUICK = { size: '64x64', steps: 2, refine: 'off' } as const;

/** The people of one platform. */
export interface Crowd {
  readonly platform: 'discord' | 'slack';
  /** One of them does something; rejects where the program does not answer in time. */
  act(random: Random): Promise<void>;
  /** The simplest request that there is; resolves with its prompt. */
  askPlainly(): Promise<string>;
}

export interface Load {
  /** How often somebody has done something, and how often there was no answer in time. */
  readonly acts: number;
  readonly unanswered: readonly { readonly platform: Crowd['platform']; readonly at: number; readonly why: string }[];
  stop(): Promise<void>;
}

/** Keeps people acting at random moments, on average so far apart, whether or not the last act was answered. */
export function startLoad(crowds: readonly Crowd[], random: Random, averageMilliseconds: number): Load {
  let isStopped = false;
  let acts = 0;
  const unanswered: { platform: Crowd['platform']; at: number; why: string }[] = [];
  const inHand = new Set<Promise<void>>();
  const live = async (): Promise<void> => {
    while (!isStopped) {
      await sleep(random.between(0, 2 * averageMilliseconds));
      const crowd = random.pick(crowds);
      const at = Date.now();
      acts += 1;
      const act = crowd
        .act(random)
        .catch((error: unknown) => {
          unanswered.push({
            platform: crowd.platform,
            at,
            why: error instanceof Error ? error.message : String(error),
          });
        })
        .finally(() => inHand.delete(act));
      inHand.add(act);
    }
  };
  const living = live();
  return {
    get acts() {
      return acts;
    },
    unanswered,
    async stop() {
      isStopped = true;
      await living;
      await Promise.all(inHand);
    },
  };
}
