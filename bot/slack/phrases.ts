import type { Stage } from '../../commands/engine.ts';
import type { JobProgress } from '../../commands/job.ts';

/** The fixed texts that only this adapter says, in one language. */
export interface Phrases {
  readonly progress: (progress: JobProgress) => string;
  readonly place: (ahead: number, seconds: number) => string;
  readonly hiddenPicture: string;
  readonly show: string;
  readonly send: string;
  readonly close: string;
  readonly openForm: string;
  readonly formNeedsPress: string;
  readonly formTooLate: string;
  readonly unknownButton: string;
  readonly notInChannel: string;
  readonly sentDirectly: string;
  readonly ready: string;
  readonly fault: string;
  readonly choose: string;
}

const count = (value: number, one: string, many: string) => `${value} ${value === 1 ? one : many}`;
const seconds = (value: number) => Math.max(1, Math.ceil(value));

const en: Phrases = {
  progress(progress) {
    if (progress.state === 'queued') return en.place(progress.place, progress.expectedSeconds);
    if (progress.state === 'restarting') return 'Restarting: the picture is being drawn anew';
    if (progress.state === 'finished') return progress.status === 'cancelled' ? 'Cancelled' : 'Finishing';
    const stages: Record<Stage, string> = {
      loading: 'Loading the model',
      encoding: 'Reading the prompt',
      drawing: 'Drawing',
      refining: 'Refining',
      decoding: 'Developing',
      upscaling: 'Enlarging',
    };
    const picture = progress.count > 1 ? ` picture ${progress.index + 1} of ${progress.count}` : '';
    return `${stages[progress.stage]}${picture}: step ${progress.step} of ${progress.steps}`;
  },
  place: (ahead, expected) =>
    `${ahead === 0 ? 'Next in line' : `${count(ahead, 'request', 'requests')} before yours`} · about ${seconds(expected)} s`,
  hiddenPicture: 'A hidden picture',
  show: 'Show',
  send: 'Send',
  close: 'Close',
  openForm: 'Open the form',
  formNeedsPress: 'This opens a form, for which Slack wants a press:',
  formTooLate: 'Slack lets a form open only within three seconds, and this took longer. Please press again.',
  unknownButton: 'This button belongs to an older Easel and does nothing any more. /help lists what there is.',
  notInChannel:
    'I am not in this channel, so the answer comes to our direct conversation. To have it here: /invite @Easel',
  sentDirectly: 'The answer is in our direct conversation.',
  ready: 'your picture is ready',
  fault: 'Something went wrong here. Please try again.',
  choose: 'Choose',
};

const de: Phrases = {
  progress(progress) {
    if (progress.state === 'queued') return de.place(progress.place, progress.expectedSeconds);
    if (progress.state === 'restarting') return 'Neustart: Das Bild wird noch einmal gezeichnet';
    if (progress.state === 'finished') return progress.status === 'cancelled' ? 'Abgebrochen' : 'Gleich fertig';
    const stages: Record<Stage, string> = {
      loading: 'Das Modell wird geladen',
      encoding: 'Der Text wird gelesen',
      drawing: 'Es wird gezeichnet',
      refining: 'Es wird verfeinert',
      decoding: 'Es wird entwickelt',
      upscaling: 'Es wird vergrößert',
    };
    const picture = progress.count > 1 ? `, Bild ${progress.index + 1} von ${progress.count}` : '';
    return `${stages[progress.stage]}${picture}: Schritt ${progress.step} von ${progress.steps}`;
  },
  place: (ahead, expected) =>
    `${ahead === 0 ? 'Als Nächstes dran' : `Noch ${count(ahead, 'Auftrag', 'Aufträge')} davor`} · etwa ${seconds(expected)} s`,
  hiddenPicture: 'Ein verborgenes Bild',
  show: 'Zeigen',
  send: 'Senden',
  close: 'Schließen',
  openForm: 'Formular öffnen',
  formNeedsPress: 'Dazu gehört ein Formular, für das Slack einen Klick verlangt:',
  formTooLate:
    'Slack öffnet ein Formular nur innerhalb von drei Sekunden, und das hier hat länger gedauert. Bitte noch einmal.',
  unknownButton: 'Dieser Knopf gehört zu einem älteren Easel und tut nichts mehr. /help sagt, was es gibt.',
  notInChannel:
    'Ich bin nicht in diesem Kanal, deshalb kommt die Antwort in unser direktes Gespräch. Für Antworten hier: /invite @Easel',
  sentDirectly: 'Die Antwort steht in unserem direkten Gespräch.',
  ready: 'dein Bild ist fertig',
  fault: 'Hier ist etwas schiefgegangen. Bitte noch einmal versuchen.',
  choose: 'Auswählen',
};

/** `locale` is BCP 47; English where we do not have the language. */
export function phrasesFor(locale: string): Phrases {
  return locale.toLowerCase().startsWith('de') ? de : en;
}
