import type { QuotaRule } from '../settings.ts';
import type { enAdmin } from './en-admin.ts';

const windows: Readonly<Record<QuotaRule['window'], string>> = {
  day: 'am Tag',
  month: 'im Monat',
  'rolling-day': 'in je 24 Stunden',
  'rolling-week': 'in je 7 Tagen',
  'rolling-month': 'in je 30 Tagen',
};

function subject(rule: QuotaRule['subject']): string {
  switch (rule.kind) {
    case 'everyone':
      return 'jedes Mitglied';
    case 'guild':
      return 'alle Mitglieder zusammen';
    case 'role':
      return `Rolle ${rule.role}`;
    case 'user':
      return `Mitglied ${rule.user}`;
    default:
      return rule satisfies never;
  }
}

const amount = (value: number, unit: QuotaRule['unit']): string =>
  `${value.toLocaleString('de')} ${unit === 'pictures' ? 'Bilder' : 'Rechensekunden'}`;

/** What admins read, in German. */
export const deAdmin: typeof enAdmin = {
  rule: (rule) => `${subject(rule.subject)}: ${amount(rule.amount, rule.unit)} ${windows[rule.window]}`,
  actions: {
    quotaSet: (rule) => `Kontingent gesetzt: ${deAdmin.rule(rule)}.`,
    quotaRemoved: (rule) => `Kontingent entfernt: ${deAdmin.rule(rule)}.`,
    granted: (user, value, unit) => `Mitglied ${user} bekommt ${amount(value, unit)} dazu.`,
    unlimited: (who, on) => `Kontingente gelten ${on ? 'nicht mehr' : 'wieder'} für ${who}.`,
    cooldown: (seconds) => `Abstand: ${seconds} Sekunden zwischen zwei Aufträgen eines Mitglieds.`,
    concurrent: (count) => `Aufträge zugleich: ${count ?? 'beliebig viele'} je Mitglied.`,
    pixels: (size) => `Größtes Bild: ${size ?? 'was das Modell kann'}.`,
    steps: (steps) => `Meiste Schritte: ${steps ?? 'beliebig viele'}.`,
    allowed: (what, name, on) => `${what} ${name} ist ${on ? 'erlaubt' : 'nicht mehr erlaubt'}.`,
    allAllowed: (what) => `Für ${what} ist alles erlaubt.`,
    defaults: 'Das Standardrezept wurde geändert.',
    blocked: (entry) => `In Prompts gesperrt: „${entry}“.`,
    unblocked: (entry) => `In Prompts nicht mehr gesperrt: „${entry}“.`,
    adult: {
      'age-restricted': 'Prompts für Erwachsene: nur in altersbeschränkten Kanälen.',
      never: 'Prompts für Erwachsene: nie.',
    },
    spoiler: {
      off: 'Bilder werden nie bis zum Klick verdeckt.',
      'age-restricted': 'Bilder in altersbeschränkten Kanälen sind bis zum Klick verdeckt.',
      always: 'Jedes Bild ist bis zum Klick verdeckt.',
    },
    flagged: {
      spoiler:
        'Bilder, die der Prüfung des Betreibers auffallen, sind bis zum Klick verdeckt, wenn er sie nicht ablehnt.',
      refuse: 'Bilder, die der Prüfung des Betreibers auffallen, werden abgelehnt.',
    },
    banned: (user) => `Mitglied ${user} darf nicht mehr zeichnen lassen.`,
    unbanned: (user) => `Mitglied ${user} darf wieder zeichnen lassen.`,
    paused: 'Pause: Neue Aufträge werden nicht angenommen.',
    resumed: 'Weiter: Aufträge werden wieder angenommen.',
    cancelled: (job) => `Auftrag ${job} wurde abgebrochen.`,
    style: (name) => `Der Stil ${name} wurde gespeichert.`,
    stylesImported: (names) =>
      `${names.length} ${names.length === 1 ? 'Stil wurde' : 'Stile wurden'} gespeichert: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}.`,
    styleRemoved: (name) => `Der Stil ${name} wurde entfernt.`,
    reaction: (name, command) =>
      command === null ? `Die Reaktion ${name} tut nichts.` : `Die Reaktion ${name} bedeutet /${command}.`,
    imported: 'Die Einstellungen wurden aus einer Datei übernommen.',
  },
  notListed: (what, name) => `Das steht nicht in der Liste (${what}): ${name}.`,
  whoIsMissing: 'Nenne ein Mitglied oder eine Rolle.',
  oneSubject: 'Nenne ein Mitglied, eine Rolle oder den ganzen Server, nicht mehreres davon.',
  reactionCommand: (given, known) =>
    `command: „${given}“ geht nicht auf einem Bild; es gibt: ${known.join(', ')} und none.`,
  settings: {
    title: 'Einstellungen',
    quotas: 'Kontingente',
    unlimited: 'Unbegrenzt',
    limits: 'Grenzen',
    allowed: 'Erlaubt',
    allowedChannels: 'Kanäle',
    allowedModels: 'Modelle',
    allowedLoras: 'LoRAs',
    allowedStyles: 'Stile',
    defaults: 'Standardrezept',
    blocked: 'In Prompts gesperrt',
    styles: 'Eigene Stile',
    adult: 'Prompts für Erwachsene',
    spoiler: 'Bis zum Klick verdeckt',
    flagged: 'Auffällige Bilder',
    banned: 'Ausgeschlossen',
    reactions: 'Reaktionen',
    nothing: 'nichts',
    all: 'alles',
  },
  block: {
    title: 'In Prompts gesperrt',
    empty: 'Nichts ist gesperrt.',
    matches: (entry) => `Dieser Prompt würde abgelehnt: Er enthält „${entry}“.`,
    free: 'Dieser Prompt würde angenommen.',
  },
  usage: {
    title: (days) => `Verbrauch der letzten ${days} Tage`,
    empty: 'Es wurde nichts gezeichnet.',
    chart: 'Rechensekunden am Tag',
    total: (pictures, seconds) =>
      `Insgesamt: ${amount(pictures, 'pictures')}, ${amount(Math.round(seconds), 'seconds')}.`,
    row: (user, pictures, seconds) =>
      `${user}: ${amount(pictures, 'pictures')}, ${amount(Math.round(seconds), 'seconds')}`,
    others: (count) => `und ${count} weitere`,
  },
  audit: { title: 'Was Admins getan haben', empty: 'Noch wurde nichts geändert.' },
  file: {
    exported: 'Die Einstellungen dieses Servers, für /easel-admin import.',
    unreadable: (problem) => `Diese Datei enthält keine Einstellungen: ${problem}.`,
    noStyles: (problem) => `Diese Datei ist nicht als Stile lesbar: ${problem}.`,
    tooManyStyles: (count, most) => `Das wären ${count} Stile; es ist Platz für ${most}.`,
    tooLarge: 'Diese Datei ist zu groß für Einstellungen.',
  },
};
