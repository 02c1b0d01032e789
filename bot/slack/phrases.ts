import { type Messages, messagesFor } from '../../commands/locale/index.ts';
import { isGerman, type WaitingPhrases, waitingPhrasesFor } from '../waiting-phrases.ts';
import type { Names } from './render/readable.ts';

/** The fixed texts that only this adapter says, in one language. */
interface OwnPhrases {
  readonly hiddenPicture: string;
  readonly show: string;
  readonly send: string;
  readonly close: string;
  readonly notInChannel: string;
  readonly sentDirectly: string;
  /** After a mention of whoever asked: so many pictures are there. */
  readonly ready: (pictures: number) => string;
  readonly choose: string;
  readonly formTooLarge: string;
  /** In the place of names that cannot be had. */
  readonly unnamed: Names['unknown'];
}

/** All fixed texts of this adapter, in one language. */
export interface Phrases extends OwnPhrases, Omit<WaitingPhrases, 'formNeedsPress' | 'formTooLate' | 'answerRefused'> {
  readonly formNeedsPress: string;
  readonly formTooLate: string;
  readonly answerRefused: string;
  readonly describe: Messages['describe'];
}

const en: OwnPhrases = {
  hiddenPicture: 'A hidden picture',
  show: 'Show',
  send: 'Send',
  close: 'Close',
  notInChannel:
    'I am not in this channel, so the answer comes to our direct conversation. To have it here: /invite @Easel',
  sentDirectly: 'The answer is in our direct conversation.',
  ready: (pictures) =>
    pictures === 0
      ? 'your request is over, without a picture'
      : `your ${pictures === 1 ? 'picture is' : 'pictures are'} ready`,
  choose: 'Choose',
  formTooLarge: 'That is too long for a form in Slack: type it after the command instead.',
  unnamed: { user: 'someone', channel: 'a channel', group: 'a group' },
};

const de: OwnPhrases = {
  hiddenPicture: 'Ein verborgenes Bild',
  show: 'Zeigen',
  send: 'Senden',
  close: 'Schließen',
  notInChannel:
    'Ich bin nicht in diesem Kanal, deshalb kommt die Antwort in unser direktes Gespräch. Für Antworten hier: /invite @Easel',
  sentDirectly: 'Die Antwort steht in unserem direkten Gespräch.',
  ready: (pictures) =>
    pictures === 0
      ? 'dein Auftrag ist zu Ende, ohne ein Bild'
      : pictures === 1
        ? 'dein Bild ist fertig'
        : 'deine Bilder sind fertig',
  choose: 'Auswählen',
  formTooLarge: 'Das ist zu lang für ein Formular in Slack: Schreib es stattdessen hinter den Befehl.',
  unnamed: { user: 'jemand', channel: 'ein Kanal', group: 'eine Gruppe' },
};

/** `locale` is BCP 47; English where we do not have the language. */
export function phrasesFor(locale: string): Phrases {
  const waiting = waitingPhrasesFor(locale);
  return {
    ...waiting,
    ...(isGerman(locale) ? de : en),
    formNeedsPress: waiting.formNeedsPress('Slack'),
    formTooLate: waiting.formTooLate('Slack'),
    answerRefused: waiting.answerRefused('Slack'),
    describe: messagesFor(locale).describe,
  };
}
