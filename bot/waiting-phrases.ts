import type { RequestId } from '../commands/ids.ts';
import type { JobProgress, ShownStage } from '../commands/job.ts';

/** What every chat says of a request that is not finished, and of its buttons, in one language. */
export interface WaitingPhrases {
  /** Requests before this one, and seconds until it is done. */
  readonly place: (ahead: number, seconds: number) => string;
  readonly progress: (progress: JobProgress) => string;
  /** Whose request it is, in a channel where others read it too. */
  readonly requester: (name: string) => string;
  readonly openForm: string;
  /** A form opens only on a press; `platform` is the one that says so. */
  readonly formNeedsPress: (platform: string) => string;
  readonly formTooLate: (platform: string) => string;
  readonly unknownButton: string;
  /** The platform refuses the answer itself, whatever it says. */
  readonly answerRefused: (platform: string) => string;
  /** `request` is what the operator finds it by. */
  readonly fault: (request: RequestId) => string;
}

const count = (value: number, one: string, many: string) => `${value} ${value === 1 ? one : many}`;
const wholeSeconds = (value: number) => Math.max(1, Math.ceil(value));

const enStages: Readonly<Record<ShownStage, string>> = {
  loading: 'Loading the model',
  encoding: 'Reading the prompt',
  drawing: 'Drawing',
  refining: 'Refining',
  decoding: 'Developing',
  upscaling: 'Enlarging',
  working: 'Working',
};

const en: WaitingPhrases = {
  place: (ahead, seconds) =>
    `${ahead === 0 ? 'Next in line' : `${count(ahead, 'request', 'requests')} before yours`} · about ${wholeSeconds(seconds)} s`,
  progress(progress) {
    switch (progress.state) {
      case 'queued':
        return en.place(progress.place, progress.expectedSeconds);
      case 'restarting':
        return 'Restarting: the picture is being drawn anew';
      case 'finished':
        return progress.status === 'cancelled' ? 'Cancelled' : 'Finishing';
      case 'running': {
        const picture = progress.count > 1 ? `, picture ${progress.index + 1} of ${progress.count}` : '';
        const step = progress.step === 0 ? '' : `: step ${progress.step} of ${progress.steps}`;
        return `${enStages[progress.stage]}${picture}${step}`;
      }
      default:
        return progress satisfies never;
    }
  },
  requester: (name) => `For ${name}`,
  openForm: 'Open the form',
  formNeedsPress: (platform) => `This opens a form, for which ${platform} wants a press:`,
  formTooLate: (platform) =>
    `${platform} lets a form open only within three seconds, and this took longer. Please press again.`,
  unknownButton: 'This button belongs to an older Easel and does nothing any more. /help lists what there is.',
  answerRefused: (platform) =>
    `${platform} does not let this answer through. Pictures that you asked for are in /history as soon as they are drawn.`,
  fault: (request) => `Something went wrong here. Please try again. The operator finds it in the log under ${request}.`,
};

const deStages: Readonly<Record<ShownStage, string>> = {
  loading: 'Das Modell wird geladen',
  encoding: 'Der Text wird gelesen',
  drawing: 'Es wird gezeichnet',
  refining: 'Es wird verfeinert',
  decoding: 'Es wird entwickelt',
  upscaling: 'Es wird vergrößert',
  working: 'Es wird gearbeitet',
};

const de: WaitingPhrases = {
  place: (ahead, seconds) =>
    `${ahead === 0 ? 'Als Nächstes dran' : `Noch ${count(ahead, 'Auftrag', 'Aufträge')} davor`} · etwa ${wholeSeconds(seconds)} s`,
  progress(progress) {
    switch (progress.state) {
      case 'queued':
        return de.place(progress.place, progress.expectedSeconds);
      case 'restarting':
        return 'Neustart: Das Bild wird noch einmal gezeichnet';
      case 'finished':
        return progress.status === 'cancelled' ? 'Abgebrochen' : 'Gleich fertig';
      case 'running': {
        const picture = progress.count > 1 ? `, Bild ${progress.index + 1} von ${progress.count}` : '';
        const step = progress.step === 0 ? '' : `: Schritt ${progress.step} von ${progress.steps}`;
        return `${deStages[progress.stage]}${picture}${step}`;
      }
      default:
        return progress satisfies never;
    }
  },
  requester: (name) => `Für ${name}`,
  openForm: 'Formular öffnen',
  formNeedsPress: (platform) => `Dazu gehört ein Formular, für das ${platform} einen Klick verlangt:`,
  formTooLate: (platform) =>
    `${platform} öffnet ein Formular nur innerhalb von drei Sekunden, und das hier hat länger gedauert. Bitte noch einmal.`,
  unknownButton: 'Dieser Knopf gehört zu einem älteren Easel und tut nichts mehr. /help sagt, was es gibt.',
  answerRefused: (platform) =>
    `${platform} lässt diese Antwort nicht durch. Bestellte Bilder stehen in /history, sobald sie gezeichnet sind.`,
  fault: (request) =>
    `Hier ist etwas schiefgegangen. Bitte noch einmal versuchen. Der Betreiber findet es im Protokoll unter ${request}.`,
};

/** By locale (BCP 47); English where we do not have the language. */
export function waitingPhrasesFor(locale: string): WaitingPhrases {
  return isGerman(locale) ? de : en;
}

/** The one language besides English that the fixed texts of adapters have. */
export function isGerman(locale: string): boolean {
  return locale.toLowerCase().startsWith('de');
}
