import { z } from 'zod';
import type { QuotaRule } from '../settings.ts';
import { deQuota } from './de-quota.ts';
import type { enAdmin, ListKind } from './en-admin.ts';

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

const { amount, counted, limit } = deQuota;

const kinds: Readonly<Record<ListKind, string>> = {
  channel: 'Der Kanal',
  model: 'Das Modell',
  lora: 'Die LoRA',
  style: 'Der Stil',
  blocked: 'Das Wort',
  banned: 'Der Ausschluss',
  quota: 'Das Kontingent',
  unlimited: 'Die Ausnahme',
};

const every: Readonly<Record<ListKind, string>> = {
  channel: 'Jeder Kanal',
  model: 'Jedes Modell',
  lora: 'Jede LoRA',
  style: 'Jeder Stil',
  blocked: 'Jedes Wort',
  banned: 'Jeder Ausschluss',
  quota: 'Jedes Kontingent',
  unlimited: 'Jede Ausnahme',
};

/** What admins read, in German. */
export const deAdmin: typeof enAdmin = {
  rule: (rule) => `${subject(rule.subject)}: ${limit(rule)}`,
  ruleOf: (rule) => `${subject(rule.subject)}: ${counted(rule)}`,
  subjects: { ...deQuota.subject, role: 'seine Rolle', user: 'dieses Mitglied' },
  actions: {
    quotaSet: (rule) => `Kontingent gesetzt: ${deAdmin.rule(rule)}.`,
    quotaRemoved: (rule) => `Kontingent entfernt: ${deAdmin.rule(rule)}.`,
    granted: (user, value, unit) => `Mitglied ${user} bekommt ${amount(value, unit)} dazu.`,
    unlimited: (who, on) => `Kontingente gelten ${on ? 'nicht mehr' : 'wieder'} für ${who}.`,
    cooldown: (seconds) =>
      seconds === 0 ? 'Abstand: keiner.' : `Abstand: ${deQuota.cooldown(seconds)} eines Mitglieds.`,
    concurrent: (count) => `Aufträge zugleich: ${count ?? 'beliebig viele'} je Mitglied.`,
    pixels: (size) => `Größtes Bild: ${size ?? 'was das Modell kann'}.`,
    steps: (steps) => `Meiste Schritte: ${steps ?? 'beliebig viele'}.`,
    denied: (channel, on) => `Easel zeichnet im Kanal ${channel} ${on ? 'nicht' : 'wieder'}.`,
    allowed: (kind, name, on) => `${kinds[kind]} ${name} ist ${on ? 'erlaubt' : 'nicht mehr erlaubt'}.`,
    allAllowed: (kind) => `${every[kind]} ist erlaubt.`,
    defaults: 'Das Standardrezept wurde geändert.',
    blocked: (entry) => `In Prompts gesperrt: „${entry}“.`,
    unblocked: (entry) => `In Prompts nicht mehr gesperrt: „${entry}“.`,
    adult: {
      'age-restricted': 'Prompts für Erwachsene werden nur in altersbeschränkten Kanälen gezeichnet.',
      never: 'Prompts für Erwachsene werden nie gezeichnet.',
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
    keep: (days) =>
      days === null
        ? 'Bilder und Aufträge werden so lange aufbewahrt wie beim Betreiber.'
        : `Bilder und Aufträge werden nach ${days} ${days === 1 ? 'Tag' : 'Tagen'} gelöscht.`,
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
  notListed: (kind, name) => `${kinds[kind]} steht nicht in der Liste: ${name}.`,
  alsoCancelled: (count) =>
    count === 1 ? 'Ein offener Auftrag wurde abgebrochen.' : `${count} offene Aufträge wurden abgebrochen.`,
  styleName: (given) => `name: „${given}“ geht nicht; möglich sind Kleinbuchstaben, Ziffern und Bindestriche.`,
  bundledStyle: (name) =>
    `Der Stil ${name} gehört zu Easel; /easel-admin allow style sagt, welche hier benutzt werden.`,
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
    deniedChannels: 'Kanäle ohne Easel',
    allowedModels: 'Modelle',
    allowedLoras: 'LoRAs',
    allowedStyles: 'Stile',
    defaults: 'Standardrezept',
    blocked: 'In Prompts gesperrt',
    styles: 'Eigene Stile',
    adult: 'Prompts für Erwachsene',
    spoiler: 'Bis zum Klick verdeckt',
    flagged: 'Auffällige Bilder',
    kept: 'Aufbewahrung',
    banned: 'Ausgeschlossen',
    reactions: 'Reaktionen',
    nothing: '–',
    all: 'alle',
  },
  block: {
    title: 'In Prompts gesperrt',
    empty: 'Nichts ist gesperrt.',
    matches: (entry) => `Dieser Prompt würde abgelehnt: Er enthält „${entry}“.`,
    free: 'Dieser Prompt würde angenommen.',
  },
  usage: {
    title: (days) => (days === 1 ? 'Verbrauch von heute' : `Verbrauch der letzten ${days} Tage`),
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
    notJson: 'Sie ist kein JSON',
    tooMuch: 'Sie ist länger als jede Liste von Stilen',
    notText: 'Sie ist kein UTF-8-Text',
    otherVersion: (given, known) =>
      `Sie ist von Version ${given}, und dieses Easel liest Version ${known}; exportiere sie neu`,
    noList: 'Sie ist keine Liste von Objekten mit name, prompt und negative_prompt',
    firstLine: 'Ihre erste Zeile ist nicht name,prompt,negative_prompt',
    empty: 'Sie hat keine',
    whole: 'das Ganze',
    faults: z.locales.de().localeError,
  },
};
