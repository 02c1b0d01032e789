import type { Stage } from '../../commands/engine.ts';
import type { JobProgress } from '../../commands/job.ts';

/** What is shown of a job while it is not finished: then its message comes. */
export type ShownProgress = Exclude<JobProgress, { readonly state: 'finished' }>;

/** The fixed texts that only this adapter says, in one language. */
export interface Phrases {
  readonly place: (ahead: number, seconds: number) => string;
  readonly progress: (progress: ShownProgress) => string;
  /** The text alternative of the unfinished picture. */
  readonly preview: string;
  readonly unknownButton: string;
  readonly openForm: string;
  readonly formNeedsPress: string;
  readonly formTooLate: string;
  readonly fault: string;
}

const count = (value: number, one: string, many: string) => `${value} ${value === 1 ? one : many}`;
const seconds = (value: number) => Math.max(1, Math.ceil(value));

/** Ten blocks that fill up. */
function bar(step: number, steps: number): string {
  const full = Math.round((10 * Math.min(step, steps)) / Math.max(1, steps));
  return `${'▰'.repeat(full)}${'▱'.repeat(10 - full)}`;
}

const en: Phrases = {
  place: (ahead, expected) =>
    `${ahead === 0 ? 'Next in line' : `${count(ahead, 'request', 'requests')} before yours`} · about ${seconds(expected)} s`,
  progress(progress) {
    switch (progress.state) {
      case 'queued':
        return en.place(progress.place, progress.expectedSeconds);
      case 'restarting':
        return 'Restarting: the picture is being drawn anew';
      case 'running': {
        const stages: Record<Stage, string> = {
          loading: 'Loading the model',
          encoding: 'Reading the prompt',
          drawing: 'Drawing',
          refining: 'Refining',
          decoding: 'Developing',
          upscaling: 'Enlarging',
        };
        const { stage, step, steps, index } = progress;
        const picture = progress.count > 1 ? `, picture ${index + 1} of ${progress.count}` : '';
        return `${bar(step, steps)} ${stages[stage]}${picture}: step ${step} of ${steps}`;
      }
      default:
        return progress satisfies never;
    }
  },
  preview: 'The unfinished picture',
  unknownButton: 'This button belongs to an older Easel and does nothing any more. /help lists what there is.',
  openForm: 'Open the form',
  formNeedsPress: 'This opens a form, for which Discord wants a press:',
  formTooLate: 'Discord lets a form open only within three seconds, and this took longer. Please press again.',
  fault: 'Something went wrong here. Please try again.',
};

const de: Phrases = {
  place: (ahead, expected) =>
    `${ahead === 0 ? 'Als Nächstes dran' : `Noch ${count(ahead, 'Auftrag', 'Aufträge')} davor`} · etwa ${seconds(expected)} s`,
  progress(progress) {
    switch (progress.state) {
      case 'queued':
        return de.place(progress.place, progress.expectedSeconds);
      case 'restarting':
        return 'Neustart: Das Bild wird noch einmal gezeichnet';
      case 'running': {
        const stages: Record<Stage, string> = {
          loading: 'Das Modell wird geladen',
          encoding: 'Der Text wird gelesen',
          drawing: 'Es wird gezeichnet',
          refining: 'Es wird verfeinert',
          decoding: 'Es wird entwickelt',
          upscaling: 'Es wird vergrößert',
        };
        const { stage, step, steps, index } = progress;
        const picture = progress.count > 1 ? `, Bild ${index + 1} von ${progress.count}` : '';
        return `${bar(step, steps)} ${stages[stage]}${picture}: Schritt ${step} von ${steps}`;
      }
      default:
        return progress satisfies never;
    }
  },
  preview: 'Das unfertige Bild',
  unknownButton: 'Dieser Knopf gehört zu einem älteren Easel und tut nichts mehr. /help sagt, was es gibt.',
  openForm: 'Formular öffnen',
  formNeedsPress: 'Dazu gehört ein Formular, für das Discord einen Klick verlangt:',
  formTooLate:
    'Discord öffnet ein Formular nur innerhalb von drei Sekunden, und das hier hat länger gedauert. Bitte noch einmal.',
  fault: 'Hier ist etwas schiefgegangen. Bitte noch einmal versuchen.',
};

/** `locale` is BCP 47; English where we do not have the language. */
export function phrasesFor(locale: string): Phrases {
  return locale.toLowerCase().startsWith('de') ? de : en;
}
