import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { isGerman } from '../waiting-phrases.ts';
import { MAX_BODY_BYTES } from './incoming.ts';
import { localeOf } from './locale.ts';

const MEGABYTES = MAX_BODY_BYTES / 1024 ** 2;

const en = {
  fault: 'Something went wrong here. Please try again.',
  unreadable: 'Easel could not read this request.',
  tooLarge: `A request may have ${MEGABYTES} MB at most: send a smaller picture.`,
  tooFast: 'This is faster than Easel can follow: wait a moment.',
  busy: 'Wait until some of your requests are answered.',
  stopping: 'Easel is restarting: try again in a moment.',
  foreign:
    'Requests are taken from the Easel page itself only. Behind a proxy, its operator must set PUBLIC_URL to the address that you open.',
  notSignedIn: 'This browser is not signed in: reload the page.',
  notInvited: 'This Easel is for invited people: open the link that you were given, once.',
  usedInvitation: 'This invitation was used already, or has lapsed: ask for another.',
  openToAll: 'Everybody who reaches this page may use it already.',
  adminsOnly: 'This is for admins only.',
  tooManyTabs: 'This page is open in too many tabs: close some.',
  whichTurn: 'Name the turn before which to read.',
  fileGone: 'This file is gone.',
  pictureGone: 'This picture is gone.',
  nothingToRetry: 'There is nothing to retry, or it was retried before.',
} as const;

export type RefusalCode = keyof typeof en;

const de: Readonly<Record<RefusalCode, string>> = {
  fault: 'Hier ging etwas schief. Bitte versuche es noch einmal.',
  unreadable: 'Easel konnte diese Anfrage nicht lesen.',
  tooLarge: `Eine Anfrage darf höchstens ${MEGABYTES} MB haben: sende ein kleineres Bild.`,
  tooFast: 'Das ist schneller, als Easel folgen kann: warte einen Moment.',
  busy: 'Warte, bis einige deiner Aufträge beantwortet sind.',
  stopping: 'Easel startet gerade neu: versuche es gleich noch einmal.',
  foreign:
    'Anfragen kommen nur von der Seite von Easel selbst. Hinter einem Proxy muss ihr Betreiber PUBLIC_URL auf die Adresse setzen, die du öffnest.',
  notSignedIn: 'Dieser Browser ist nicht angemeldet: lade die Seite neu.',
  notInvited: 'Dieses Easel ist für Eingeladene: öffne den Link, den du bekommen hast, einmal.',
  usedInvitation: 'Diese Einladung wurde schon benutzt oder ist abgelaufen: bitte um eine neue.',
  openToAll: 'Wer diese Seite erreicht, darf sie schon benutzen.',
  adminsOnly: 'Das ist nur für Admins.',
  tooManyTabs: 'Diese Seite ist in zu vielen Tabs offen: schließe einige.',
  whichTurn: 'Nenne die Anfrage, vor der gelesen werden soll.',
  fileGone: 'Diese Datei gibt es nicht mehr.',
  pictureGone: 'Dieses Bild gibt es nicht mehr.',
  nothingToRetry: 'Hier gibt es nichts zu wiederholen, oder es wurde schon wiederholt.',
};

/** Answers that something is not to be had, in one line and the browser's language. */
export function refuse(context: Context, code: RefusalCode, status: ContentfulStatusCode, more: object = {}): Response {
  const words = isGerman(localeOf(context)) ? de : en;
  return context.json({ error: words[code], ...more }, status);
}
