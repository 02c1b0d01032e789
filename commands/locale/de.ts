import type { OptionDefinition } from '../options.ts';
import { roundedPrice } from '../rounded-price.ts';
import { deAdmin } from './de-admin.ts';
import { deDescriptions } from './de-descriptions.ts';
import { deFailures } from './de-failures.ts';
import { deFiles } from './de-files.ts';
import { dePrompts } from './de-prompts.ts';
import { deQuota } from './de-quota.ts';
import type { Messages } from './en.ts';

const number = (value: number): string => value.toLocaleString('de', { maximumFractionDigits: 2 });
const plural = (count: number, one: string, many: string): string => `${number(count)} ${count === 1 ? one : many}`;

function allowed(definition: OptionDefinition): string {
  switch (definition.type) {
    case 'string':
      return definition.choices === undefined
        ? (definition.minLength ?? 1) > 1
          ? `ein Text von ${definition.minLength} bis ${plural(definition.maxLength, 'Zeichen', 'Zeichen')}`
          : `ein Text von höchstens ${plural(definition.maxLength, 'Zeichen', 'Zeichen')}`
        : `eines von ${definition.choices.join(', ')}`;
    case 'integer':
      return `eine ganze Zahl von ${number(definition.min)} bis ${number(definition.max)}`;
    case 'number':
      return `eine Zahl von ${number(definition.min)} bis ${number(definition.max)}`;
    case 'boolean':
      return 'on oder off';
    case 'attachment':
      return 'eine Datei';
    case 'user':
      return 'eine Person';
    case 'role':
      return 'eine Rolle';
    case 'channel':
      return 'ein Kanal';
    default:
      return definition satisfies never;
  }
}

/** The fixed texts in German. Names of options and commands stay as they are typed. */
export const de: Messages = {
  admin: deAdmin,
  prompts: dePrompts,
  quota: deQuota,
  files: deFiles,
  failures: deFailures,
  options: {
    unknown: (name, known) => `Die Option ${name} gibt es hier nicht; es gibt: ${known.join(', ') || 'keine'}.`,
    missing: (name, description) => `${name} fehlt: ${description}`,
    invalid: (name, given, definition) => `${name}: ${given} geht nicht; möglich ist ${allowed(definition)}.`,
    characters: (count) => plural(count, 'Zeichen', 'Zeichen'),
    unreadable: 'Diese Optionen sind nicht lesbar.',
    noValue: (name, definition) => `--${name} braucht einen Wert: ${allowed(definition)}.`,
    twice: (name) => `${name} steht zweimal da; einmal genügt.`,
    none: (text) => `Dieser Befehl nimmt keinen Text, aber „${text.slice(0, 40)}“ wurde angegeben.`,
  },
  describe: (english) => deDescriptions[english] ?? english,
  menu: { refine: 'Verfeinern', reproduce: 'Genauso zeichnen' },
  unknownCommand: (given, near) =>
    near.length === 0
      ? `Den Befehl „${given.slice(0, 40)}“ gibt es nicht; /help nennt alle.`
      : `Den Befehl „${given.slice(0, 40)}“ gibt es nicht; gemeint vielleicht ${near.map((name) => `/${name}`).join(', ')}?`,
  recipe: {
    size: (given) => `size: „${given}“ ist keine Größe; möglich ist BREITExHÖHE in Pixeln, etwa 320x192.`,
    sizeLimits: (given, min, max, nearest) =>
      `size: ${given} geht nicht; jede Seite ist ein Vielfaches von 8 von ${min} bis ${max}, am nächsten ist ${nearest}.`,
    sizeAndAspect: 'Entweder size oder aspect, nicht beides.',
    aspect: (given) => `aspect: „${given}“ ist kein Verhältnis; möglich ist BREITE:HÖHE, etwa 16:9.`,
    sampler: (given, known) => `sampler: „${given}“ ist unbekannt; es gibt: ${known.join(', ')}.`,
    refine: (given) =>
      `refine: „${given}“ geht nicht; möglich ist on, off oder der Anteil der Schritte des Grundmodells, etwa 0.8.`,
    noRefiner: (model) => `refine: Das Modell ${model} hat keinen Refiner; mit refine off geht es.`,
    notServed: (names) => `Dieses Rezept braucht, was es hier nicht gibt: ${names.join(', ')}.`,
    strengthWithoutPicture: 'strength: Es gibt kein Bild, von dem aus gezeichnet wird; gib eines an.',
    maskWithoutPicture: 'mask: es fehlt das Bild, für das sie ist; gib eines an.',
    tooFewSteps: (strength, steps) =>
      `strength: ${number(strength)} von ${plural(steps, 'Schritt', 'Schritten')} ist weniger als ein Schritt; nimm mehr.`,
    tooLong: (name, given, most) => `${name}: ${number(given)} Zeichen sind zu viele; höchstens ${number(most)} gehen.`,
  },
  targets: {
    missing: 'Welches Bild? Drücke den Knopf darunter oder gib seine Id an.',
    noneThere: 'An dieser Nachricht ist kein Bild, oder keines mehr.',
    unreadable: (given) => `„${given.slice(0, 60)}“ ist keine Id eines Bildes, Auftrags oder Rezepts.`,
    unknown: (given) => `Mit der Id ${given} gibt es hier nichts; vielleicht wurde es gelöscht.`,
    gone: 'Dieses Bild gibt es hier nicht mehr; vielleicht wurde es gelöscht.',
    expired: (recipe) =>
      `Dieses Bild wird hier nicht mehr aufbewahrt. Sein Rezept zeichnet es wieder: /reproduce ${recipe}`,
    noPictures: 'Dieser Auftrag hat noch keine Bilder.',
    cameToNothing: 'Aus diesem Auftrag wurde nichts, deshalb hat er keine Bilder.',
    needsPicture: (recipe) =>
      `${recipe} ist ein Rezept; hier braucht es ein Bild. Zeichne es zuerst: /reproduce ${recipe}`,
    whichPicture: (request, count) =>
      `Dieser Auftrag hat ${count} Bilder. Sag, welches, etwa ${request}:1 für das erste.`,
    notYours: 'Das darf nur, wer es in Auftrag gab, oder ein Admin.',
  },
  away: {
    unreached: 'Easel ist gerade überlastet; es kostet nichts. Bitte versuch es gleich noch einmal.',
    lost: 'Easel wurde unterbrochen. Kommt in einer Minute nichts, versuch es bitte noch einmal; nur was kommt, kostet etwas.',
  },
  fault: (id: string) =>
    `Bei uns ist etwas kaputtgegangen; es kostet nichts. Der Betreiber findet es im Protokoll unter ${id}.`,
  reference: (id: string) => `Der Betreiber findet diesen Auftrag im Protokoll unter ${id}.`,
  rules: {
    notDirect: 'In Direktnachrichten zeichnet Easel hier nicht: Frag auf einem Server, der es hat.',
    adminsOnly: 'Das darf hier nur ein Admin.',
    paused: 'Easel macht hier Pause; ein Admin kann sie beenden.',
    draining: 'Easel nimmt im Moment nichts Neues an; bitte versuche es später noch einmal.',
    bannedSince: 'Wer das wollte, darf Easel dort nicht mehr benutzen.',
    banned: 'Du darfst Easel hier nicht benutzen; frage einen Admin.',
    channel: (known, count) =>
      known.length === 0
        ? 'In diesem Kanal zeichnet Easel nicht.'
        : `In diesem Kanal zeichnet Easel nicht, aber in: ${known.join(', ')}${count > known.length ? ', …' : ''}.`,
    model: (model, known) => `Das Modell ${model} ist hier nicht erlaubt; es gibt: ${known.join(', ')}.`,
    unknownModel: (given, known) =>
      `Ein Modell „${given.slice(0, 60)}“ gibt es hier für dich nicht; es gibt: ${known.join(', ') || 'keine'}.`,
    modelAway: (model) => `Das Modell ${model} ist im Moment bei keinem Worker; versuche es in einer Minute wieder.`,
    lora: (lora, known) => `Die LoRA ${lora} ist hier nicht erlaubt; es gibt: ${known.join(', ')}.`,
    style: (style, known) => `style: „${style}“ ist hier unbekannt; es gibt: ${known.join(', ') || 'keine'}.`,
    pixels: (size, most) => `size: ${size} ist größer als hier erlaubt: insgesamt ${number(most)} Pixel.`,
    steps: (given, most) => `steps: ${given} sind mehr als hier erlaubt: ${most}.`,
    blocked: (entry) => `Der Prompt enthält „${entry}“; das ist hier gesperrt.`,
    adultNever: 'Prompts für Erwachsene sind hier nicht erlaubt.',
    adultElsewhere: 'Prompts für Erwachsene sind nur in altersbeschränkten Kanälen erlaubt.',
  },
  work: {
    summary: (prompt, details) => `${prompt} · ${details}`,
    steps: (steps) => plural(steps, 'Schritt', 'Schritte'),
    seed: (seed) => `Seed ${seed}`,
    pictures: (count) => plural(count, 'Bild', 'Bilder'),
    ofPrompts: (pictures, prompts) =>
      `${plural(pictures, 'Bild', 'Bilder')} zu ${plural(prompts, 'Prompt', 'Prompts')}`,
    refined: 'verfeinert',
    enlarged: (factor) => `${factor}-fach vergrößert`,
    detailed: (factor) => `${factor}-fach vergrößert, mit neuen Einzelheiten`,
    varied: 'Variation',
    inpainted: 'ein Teil neu gezeichnet',
    zoomedOut: 'herausgezoomt',
    panned: 'zu einer Seite erweitert',
    price: (seconds) => deQuota.amount(roundedPrice(seconds), 'seconds'),
    computedOtherwise: (arithmetic) =>
      `Das erste wurde in ${arithmetic} gerechnet, was hier gerade kein Worker tut: Dieses wird ein wenig anders.`,
    delayed: 'Gerade startet ein Teil von Easel neu. Der Auftrag ist vermerkt und beginnt, sobald er wieder da ist.',
    alreadyRefined: 'Dieses Bild ist schon verfeinert.',
    refineFirst: 'Dieses Bild ist schon vergrößert; verfeinere das, aus dem es entstand.',
    alreadyUpscaled: (factor) => `Dieses Bild ist schon ${factor}-fach vergrößert.`,
    tooLarge: (size, most) => `${size} wäre zu groß; eine Seite hat höchstens ${most} Pixel.`,
    upscaleMethod: (given, known) => `method: „${given}“ ist unbekannt; es gibt: ${known.join(', ')}.`,
    modelGone: (model) => `Das Modell ${model} dieses Rezepts gibt es hier nicht; /models nennt die, die es gibt.`,
    modelNotServed: (model) =>
      `Das Modell ${model} gibt es nicht mehr; das Bild kostet nichts. Nimm ein anderes: /models nennt die, die es gibt.`,
    filesNotServed: (names) =>
      `Kein Worker hat mehr die Datei zu ${names.join(', ')}; das Bild kostet nichts. Frag ohne sie: /extras nennt, was es gibt.`,
    notServedTogether: (names) =>
      `Kein Worker hat all das zusammen: ${names.join(', ')}; das Bild kostet nichts. Frag mit weniger davon.`,
    notYourUpload:
      'Das beginnt mit einem Bild, das jemand anderes hochgeladen hat: Nur diese Person kann damit zeichnen.',
    noRecipeInPicture: 'Dieses Bild trägt kein Rezept: Gib ein PNG von Easel, so wie es heruntergeladen wurde.',
    whichRecipe: 'Welches Rezept? Gib seine Id an oder hänge ein Bild von Easel an.',
  },
  notes: {
    promptCut: (tokens) =>
      `Der Prompt ist zu lang für das Modell: ${tokens === 1 ? 'Sein letztes Token wurde' : `Seine letzten ${number(tokens)} Tokens wurden`} nicht gelesen.`,
    partDrawn: (percent) => `Nur der markierte Teil (${number(percent)} %) wurde neu gezeichnet.`,
    holeDrawn: (percent) =>
      `Nur der durchsichtige Teil (${number(percent)} %) wurde neu gezeichnet; fülle ihn, damit das ganze Bild gezeichnet wird.`,
    transparencyFilled: (percent) =>
      `Der durchsichtige Teil des Bildes (${number(percent)} %) ist zu klein, um gemeint zu sein: Er galt als weiß, und alles wurde gezeichnet.`,
    covered: (label) => `Bis zum Anklicken verborgen: Es sieht nach „${label}“ aus.`,
  },
  cancel: {
    nothing: 'Du hast nichts in der Warteschlange.',
    cancelled: 'Abgebrochen; es kostet nichts.',
    stopping: 'Wird vor dem nächsten Schritt angehalten; es kostet nichts.',
    finished: 'Das ist schon fertig.',
  },
  deleted: {
    pictures: (count) => `${plural(count, 'Bild', 'Bilder')} gelöscht.`,
    already: 'Gelöscht, bevor es gezeigt wurde.',
  },
  edit: { title: 'Ändern und neu zeichnen', more: 'Weitere Optionen' },
  inpaint: {
    title: 'Einen Teil neu zeichnen',
    mask: 'Welchen Teil',
    hint: 'Als Bild: weiß, wo gezeichnet wird, sonst schwarz; oder mit einem Loch dort',
  },
  fields: {
    fastBy: (steps) => `das ganze Netz alle ${steps} Schritte`,
    refineOff: 'aus',
    refineFrom: (share) => `nach ${number(Math.round(share * 1000) / 10)} % der Schritte`,
    place: (width, height, x, y) => `${width}x${height} bei ${x}, ${y}`,
    maskValue: 'unter einer Maske',
    detail: 'mit neuen Einzelheiten',
  },
  show: {
    title: (id) => `Rezept ${id}`,
    expired: 'Das Bild selbst wird hier nicht mehr aufbewahrt; sein Rezept zeichnet es wieder.',
  },
  buttons: {
    refine: 'Verfeinern',
    upscale: 'Vergrößern',
    upscale4: '4x vergrößern',
    detail: 'Kreativ vergrößern',
    vary: 'Variieren',
    varySubtle: 'Wenig variieren',
    varyStrong: 'Stark variieren',
    inpaint: 'Teil neu zeichnen',
    more: 'Mehr',
    zoomOut: (factor) => `${factor.replace('.', ',')}x herauszoomen`,
    pan: { left: 'Nach links', right: 'Nach rechts', up: 'Nach oben', down: 'Nach unten' },
    again: 'Nochmal',
    edit: 'Ändern',
    delete: 'Löschen',
    cancel: 'Abbrechen',
    reproduce: 'Zeichnen',
    older: 'Ältere',
    forget: 'Alles von mir löschen',
  },
  help: {
    title: 'Was Easel kann',
    footer: '/help mit einem Befehl nennt dessen Optionen.',
    required: 'nötig',
    takes: allowed,
    admins: 'Admins',
  },
  queue: {
    title: 'Warteschlange',
    empty: 'Nichts wartet.',
    line: (place, what, seconds) =>
      `${place === null ? '▶' : `${place + 1}.`} ${what} · etwa ${number(Math.ceil(seconds))} s`,
    yours: 'deins',
    privateJob: 'ein privater Auftrag',
    running: 'wird gezeichnet',
  },
  history: {
    title: 'Deine Bilder',
    empty: 'Du hast hier noch keine Bilder: /imagine zeichnet eines.',
  },
  models: {
    title: 'Modelle',
    line: (size, sampler, steps, refiner) =>
      `${size}, ${sampler}, ${plural(steps, 'Schritt', 'Schritte')}${refiner ? ', mit Refiner' : ''}`,
    default: 'Standard',
    licence: (name) => `Lizenz ${name}`,
    limited: 'nicht für alle',
  },
  extras: {
    title: 'Was ein Prompt nennen kann',
    loras: 'LoRAs: <lora:name:0.8>',
    embeddings: 'Embeddings: ihr Name, oder embedding:name',
    wildcards: 'Wildcards: __name__',
    empty: 'Hier gibt es keine LoRAs, Embeddings oder Wildcards.',
  },
  styles: { title: 'Stile', empty: 'Hier gibt es keine Stile.' },
  preferences: {
    title: 'Deine Vorgaben',
    none: 'Du hast keine; es gelten die des Servers und des Modells.',
    saved: 'Gespeichert.',
    reset: 'Deine Vorgaben sind weg; es gelten die des Servers und des Modells.',
  },
  forget: {
    ask: 'Easel vergisst dann alle deine Bilder, Prompts und Vorgaben, auf allen Servern dieser Plattform, endgültig. Nachrichten, die sie zeigen, bleiben stehen: Drücke vorher Löschen unter denen, die verschwinden sollen.',
    done: (pictures, requests) =>
      `Vergessen: ${plural(pictures, 'Bild', 'Bilder')} und ${plural(requests, 'Auftrag', 'Aufträge')}.`,
  },
};
