import { describe, expect, it } from 'vitest';
import { resultMessage } from '../../../bot/delivery/result-message.ts';
import { jobFailure } from '../../../commands/failure.ts';
import type { Job } from '../../../commands/job.ts';
import { requestIdOf } from '../../../commands/request.ts';
import { ask } from '../../commands/ask.ts';
import { MemoryServices } from '../../commands/memory-services.ts';

describe('the message of a request that came to nothing', () => {
  const askedFor = async (): Promise<Job> => {
    const services = new MemoryServices();
    await ask(services, 'imagine', { prompt: 'a cat', seed: 7, steps: 1, size: '256x256' });
    const [job] = services.store.jobs.values();
    if (job === undefined) throw new Error('It was not accepted.');
    return job;
  };

  it('says why, of what, and what the operator finds it by', async () => {
    const job = await askedFor();
    const failed = resultMessage({ ...job, status: 'failed', failure: jobFailure('storage') }, [], 'en');
    expect(failed).toMatchObject({
      tone: 'failure',
      text: [
        'There is no room left to store pictures; it costs nothing. Tell the operator.',
        'a cat · 256x256 · 1 step · seed 7',
        `The operator finds this request in the log under ${requestIdOf(job.origin)}.`,
      ].join('\n'),
    });
    const cancelled = resultMessage({ ...job, status: 'cancelled' }, [], 'de');
    expect(cancelled.text).toBe('Abgebrochen; es kostet nichts.\na cat · 256x256 · 1 Schritt · Seed 7');
  });

  it('says nothing of what a forgotten person asked for', async () => {
    const job = await askedFor();
    const recipe = { ...job.work.recipe, prompt: '' };
    const forgotten = { ...job, work: { ...job.work, recipe }, status: 'cancelled' } satisfies Job;
    expect(resultMessage(forgotten, [], 'en').text).toBe('Cancelled; it costs nothing.');
  });
});
