import { describe, expect, it } from 'vitest';
import { failureText, jobFailure } from '../../commands/failure.ts';
import { messagesFor } from '../../commands/locale/index.ts';

describe('a failure', () => {
  it('is kept in English, and told in the language of whoever asked', () => {
    const failure = jobFailure('content', 'nude');
    expect(failure).toEqual({ code: 'content', name: 'nude', message: expect.stringContaining('looks like "nude"') });
    expect(failureText(failure, messagesFor('de'))).toMatch(/nach „nude“ aussieht; es kostet nichts/);
  });

  it('of numbers that are none names the file that holds them, if one does', () => {
    expect(failureText(jobFailure('not_finite', 'ink'), messagesFor('de'))).toMatch(
      /^„ink“ ist beschädigt: .* kostet nichts/,
    );
    expect(failureText(jobFailure('not_finite'), messagesFor('en'))).toMatch(
      /grew beyond all bounds; it costs nothing/,
    );
  });

  it('that we have no words for is told in its own', () => {
    const failure = { code: 'invalid', message: 'This sampler takes at most 8 steps.' };
    expect(failureText(failure, messagesFor('de'))).toBe(failure.message);
  });
});
