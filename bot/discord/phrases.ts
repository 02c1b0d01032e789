import type { JobProgress } from '../../commands/job.ts';
import { isGerman, type WaitingPhrases, waitingPhrasesFor } from '../waiting-phrases.ts';
import type { Names } from './acts/readable.ts';

/** What is shown of a job while it is not finished: then its message comes. */
export type ShownProgress = Exclude<JobProgress, { readonly state: 'finished' }>;

/** The fixed texts of this adapter, in one language. */
export interface Phrases extends Omit<WaitingPhrases, 'formNeedsPress' | 'formTooLate' | 'answerRefused'> {
  /** The text alternative of the unfinished picture. */
  readonly preview: string;
  /** The last state of a placeholder that soon cannot be edited any more. */
  readonly lastWords: string;
  readonly formNeedsPress: string;
  readonly formTooLate: string;
  readonly answerRefused: string;
  /** In the place of names that cannot be had. */
  readonly unnamed: Names['unknown'];
}

/** Ten blocks that fill up. */
function bar(step: number, steps: number): string {
  const full = Math.round((10 * Math.min(step, steps)) / Math.max(1, steps));
  return `${'▰'.repeat(full)}${'▱'.repeat(10 - full)}`;
}

/** `locale` is BCP 47; English where we do not have the language. */
export function phrasesFor(locale: string): Phrases {
  const waiting = waitingPhrasesFor(locale);
  return {
    ...waiting,
    progress(progress) {
      const text = waiting.progress(progress);
      return progress.state === 'running' ? `${bar(progress.step, progress.steps)} ${text}` : text;
    },
    unnamed: isGerman(locale)
      ? { user: 'jemand', role: 'eine Rolle', channel: 'ein Kanal' }
      : { user: 'someone', role: 'a role', channel: 'a channel' },
    preview: isGerman(locale) ? 'Das unfertige Bild' : 'The unfinished picture',
    lastWords: isGerman(locale)
      ? 'Discord lässt diese Nachricht nur eine Viertelstunde lang ändern. Das Bild kommt als neue Nachricht und steht in /history.'
      : 'Discord lets this message be changed for a quarter of an hour only. The picture comes as a new message, and is in /history.',
    formNeedsPress: waiting.formNeedsPress('Discord'),
    formTooLate: waiting.formTooLate('Discord'),
    answerRefused: waiting.answerRefused('Discord'),
  };
}
