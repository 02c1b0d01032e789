import { jobFailure } from '../../commands/failure.ts';
import type { JobId, PlatformId } from '../../commands/ids.ts';
import type { Logger } from '../../config/index.ts';
import { type Blobs, MissingBlobError } from '../blobs/blobs.ts';
import { insist } from '../insist.ts';
import { type DeliveredMessage, DeliveryError, type Platform } from '../platform.ts';
import type { ProgressBus } from '../progress/progress-bus.ts';
import type { OwedDelivery, Store } from '../store/store.ts';
import { inRequest, outsideRequests } from '../tracing/request-scope.ts';
import { inSpan } from '../tracing/spans.ts';
import { resultMessage } from './result-message.ts';

/** Channels that are served side by side; within one, messages keep their order. */
const CONCURRENCY = 8;
/** A delivery that was claimed by a process that died is claimed again after this long; until then its channel waits. */
const CLAIM_SECONDS = 15;
const RENEW_MS = 3_000;
/** Looks at least this often for what other processes have finished. */
const LOOK_MS = 1_000;
const MAX_RETRY_SECONDS = 300;
const PLATFORM_NAMES: Readonly<Record<PlatformId, string>> = {
  discord: 'Discord',
  slack: 'Slack',
  web: 'the page',
  cli: 'the command line',
};

/** Tries over about a day, then the platform is taken for gone. */
const MAX_ATTEMPTS = 300;

export interface OutboxParts {
  readonly store: Store;
  /** As people are shown them. */
  readonly blobs: Pick<Blobs, 'get'>;
  readonly progress: ProgressBus;
  readonly platforms: readonly Platform[];
  /** The name of this process, under which it shows progress, too. */
  readonly process: string;
  readonly log: Logger;
}

export interface RunningOutbox {
  stop(): Promise<void>;
}

/**
 * Brings what is owed: every finished job's message, to its platform, until it is there. The table is the truth, so a
 * restart carries on; the nonce and what the platform saved make a repeated try harmless.
 */
export function startOutbox({ store, blobs, progress, platforms, process, log }: OutboxParts): RunningOutbox {
  const byId = new Map(platforms.map((platform) => [platform.id, platform]));
  const inHand = new Map<JobId, Promise<void>>();
  /** By which claim what is in hand is held. */
  const claims = new Map<JobId, number>();
  let isStopped = false;
  let isAgain = false;
  let claiming: Promise<void> | null = null;

  const fill = async (): Promise<void> => {
    do {
      isAgain = false;
      // None is free: the first that is done looks again.
      const free = CONCURRENCY - inHand.size;
      const owed = free === 0 ? [] : await store.deliveries.claimDue([...byId.keys()], free, CLAIM_SECONDS, process);
      for (const delivery of owed) {
        const { id: job, trace: parent, origin } = delivery.job;
        claims.set(job, delivery.claim);
        // Our own claim, which could not be renewed in time: it is being brought.
        if (inHand.has(job)) continue;
        const attributes = { 'easel.job': job, 'easel.delivery.attempt': delivery.attempts };
        const work = inRequest(origin, () =>
          inSpan('deliver', { attributes, parent }, () => bring(delivery)).catch((error: unknown) =>
            log.error({ error, job }, 'a delivery could not be recorded'),
          ),
        ).finally(() => {
          inHand.delete(job);
          claims.delete(job);
          look();
        });
        inHand.set(job, work);
      }
    } while (isAgain && !isStopped);
  };
  /** One claim at a time; who looks meanwhile makes it look once more. */
  const look = outsideRequests((): void => {
    isAgain = true;
    if (claiming !== null || isStopped) return;
    claiming = fill()
      .catch((error: unknown) => log.error({ error }, 'the outbox could not be read'))
      .finally(() => {
        claiming = null;
      });
  });
  const bring = async (delivery: OwedDelivery): Promise<void> => {
    const { job } = delivery;
    const platform = byId.get(job.origin.platform);
    if (platform === undefined) return;
    let message: DeliveredMessage;
    let lost: MissingBlobError | undefined;
    try {
      message = await platform.deliver({
        job: job.id,
        acceptedAt: job.createdAt,
        replyTo: delivery.replyTo,
        message: resultMessage(job, delivery.pictures, delivery.locale),
        nonce: delivery.nonce,
        readBlob: (key) =>
          blobs.get(key).catch((error: unknown) => {
            if (error instanceof MissingBlobError) lost = error;
            throw error;
          }),
        partial: delivery.partial,
        savePartial: (partial) => store.deliveries.savePartial(job.id, partial, claims.get(job.id)),
      });
    } catch (error) {
      return lost === undefined ? settle(delivery, error) : explainLoss(delivery, lost);
    }
    await insist(() => store.deliveries.delivered(job.id, message, claims.get(job.id)), log);
    log.info({ job: job.id, attempt: delivery.attempts + 1, ...message }, 'delivered');
  };
  /** What is gone will not come back by trying again: the next try brings the explanation. */
  const explainLoss = async ({ job }: OwedDelivery, error: MissingBlobError): Promise<void> => {
    log.error({ job: job.id, error }, 'pictures were lost before their delivery');
    await insist(() => store.jobs.lose(job.id, jobFailure('lost')), log);
    log.info({ job: job.id, measuredSeconds: job.measuredSeconds }, 'refunded');
    await insist(() => store.deliveries.retryLater(job.id, 0, error.message, claims.get(job.id)), log);
  };
  const settle = async ({ job, attempts }: OwedDelivery, error: unknown): Promise<void> => {
    const reason = error instanceof Error ? error.message : String(error);
    const isHopeless = error instanceof DeliveryError && error.outcome === 'refused';
    if (isHopeless || attempts >= MAX_ATTEMPTS) {
      const failure = jobFailure('undelivered', PLATFORM_NAMES[job.origin.platform]);
      if (await insist(() => store.jobs.withhold(job.id, failure, claims.get(job.id)), log)) {
        log.warn({ job: job.id, error }, 'the pictures could be brought nowhere: refunded, words are brought instead');
        await insist(() => store.deliveries.retryLater(job.id, 0, reason, claims.get(job.id)), log);
        return;
      }
      log.error({ job: job.id, error }, 'a delivery was given up');
      await insist(() => store.deliveries.refused(job.id, reason, claims.get(job.id)), log);
      return;
    }
    const asked = error instanceof DeliveryError ? error.retryAfterSeconds : 0;
    const seconds = Math.max(asked, Math.min(2 ** (attempts - 1), MAX_RETRY_SECONDS));
    log.warn({ job: job.id, error, seconds }, 'a delivery is tried again');
    await insist(() => store.deliveries.retryLater(job.id, seconds, reason, claims.get(job.id)), log);
  };

  const unsubscribe = progress.subscribe(({ state }) => {
    if (state === 'finished') look();
  });
  const timer = setInterval(look, LOOK_MS);
  const renewal = setInterval(() => {
    store.deliveries
      .renewClaims([...inHand.keys()], CLAIM_SECONDS, claims)
      .catch((error: unknown) => log.warn({ error }, 'claims could not be renewed'));
  }, RENEW_MS);
  look();
  return {
    async stop() {
      isStopped = true;
      clearInterval(timer);
      unsubscribe();
      await claiming;
      await Promise.all(inHand.values());
      clearInterval(renewal);
    },
  };
}
