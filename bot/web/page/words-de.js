/** @import { Words } from './words-en.js' */

/**
 * The page's own words in German.
 *
 * @type {Words}
 */
export const de = {
  describe: 'Beschreibe ein Bild',
  describeFully: 'Beschreibe ein Bild, oder tippe / für Befehle',
  welcome: 'Was zeichnen wir?',
  welcomeMore: 'Beschreibe es unten, oder beginne hiermit. / zeigt alles andere.',
  conversation: 'Gespräch',
  suggestions: 'Vorschläge',
  attached: 'Angehängte Bilder',
  attach: 'Ein Bild anhängen, von dem ausgegangen wird',
  options: 'Optionen',
  send: 'Senden',
  older: 'Frühere Bilder zeigen',
  invite: 'Einladen',
  signOut: 'Abmelden',
  signOutMore: 'Hier abmelden, oder in jedem Browser, in dem du angemeldet bist? Deine Bilder bleiben.',
  signOutEverywhere: 'Überall',
  signOutHere: 'Hier',
  operations: 'Betrieb',

  stages: {
    loading: 'Modell wird geladen',
    encoding: 'Beschreibung wird gelesen',
    drawing: 'Zeichnet',
    refining: 'Verfeinert',
    decoding: 'Bild wird entwickelt',
    upscaling: 'Vergrößert',
    working: 'Arbeitet',
  },
  before: (count) => (count === 0 ? 'Als Nächstes an der Reihe' : `${count} vor dir in der Reihe`),
  step: (step, steps) => `Schritt ${step} von ${steps}`,
  picture: (number, count) => `Bild ${number} von ${count}`,
  about: (seconds) => `etwa ${seconds} ${seconds === 1 ? 'Sekunde' : 'Sekunden'}`,
  aboutMinutes: (minutes) => `etwa ${minutes} Minuten`,
  restarting: 'Neustart: das Bild beginnt von selbst noch einmal',
  finishing: 'Gleich fertig',
  stepsDone: 'Erledigte Schritte',
  oneMoment: 'Einen Moment',
  with: (files) => `mit ${files}`,

  actions: 'Aktionen',
  actionsOf: (number) => `Aktionen für Bild ${number}`,
  viewLarger: (alt) => `Größer ansehen: ${alt}`,
  download: (name) => `${name} herunterladen`,
  remove: (name) => `${name} entfernen`,
  showPicture: 'Bild zeigen',
  pictureGone: 'Dieses Bild gibt es nicht mehr.',
  copyRecipe: 'Rezept kopieren',
  copyLink: 'Link kopieren',
  copied: 'Kopiert',

  paint: 'Malen',
  erase: 'Radieren',
  brush: 'Pinsel',
  brushSize: 'Größe',
  undo: 'Rückgängig',
  clear: 'Alles löschen',
  paintHow: 'Übermale, was neu gezeichnet werden soll.',
  paintKeys: 'Mit Tasten: Pfeile bewegen den Pinsel, Leertaste malt, Strg+Z macht rückgängig.',
  nothingPainted: 'Übermale zuerst einen Teil des Bildes.',

  close: 'Schließen',
  cancel: 'Abbrechen',
  done: 'Fertig',
  draw: 'Zeichnen',
  useThese: 'Übernehmen',
  asUsual: 'wie üblich',
  optionsOf: (command) => `Optionen von ${command}`,
  range: (min, max) => `${min} bis ${max}`,
  signInWithDiscord: 'Mit Discord anmelden',
  inviteSomeone: 'Jemanden einladen',
  inviteMore: 'Dieser Link lässt einen Browser ein, einmal, innerhalb eines Tages.',
  inviteLink: 'Einladungslink',

  accepted: (count, duration) => `Angenommen, ${count} vor dir in der Reihe, ${duration}.`,
  here: (count, alt) => (count === 1 ? `Das Bild ist da: ${alt}` : `${count} Bilder sind da: ${alt}`),

  reconnecting: 'Verbindet neu…',
  unreachable: 'Easel ist nicht zu erreichen. Nichts ging verloren: versuche es gleich noch einmal.',
  status: (status) =>
    new Map([
      [403, 'Der Server lehnt das ab. Lade die Seite neu; wenn das nicht hilft, frage ihren Betreiber.'],
      [413, 'Das ist dem Server zu groß: sende ein kleineres Bild.'],
      [429, 'Der Server nimmt gerade nichts mehr an: warte einen Moment und versuche es dann noch einmal.'],
    ]).get(status) ??
    `Easel ist gerade nicht zu erreichen (Status ${status}). Nichts ging verloren: versuche es gleich noch einmal.`,
  whatToMake: 'Sage, was aus dem Bild werden soll.',
  noCommand: 'Diesen Befehl gibt es nicht; / zeigt alle.',
  noPicture: (name) => `${name} ist kein PNG-, JPEG-, WebP- oder GIF-Bild.`,
  tooLarge: (name, megabytes) => `${name} ist größer als ${megabytes} MB.`,
};
