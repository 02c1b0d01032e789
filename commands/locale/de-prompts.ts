import type { enPrompts } from './en-prompts.ts';

const number = (value: number): string => value.toLocaleString('de');

const orNear = (near: readonly string[], otherwise: string): string =>
  near.length === 0 ? otherwise : `gemeint vielleicht ${near.join(', ')}?`;

/** What is said about the notation of prompts, in German. */
export const dePrompts: typeof enPrompts = {
  notation: [
    'In einem Prompt:',
    '(Wort) wiegt mehr, [Wort] weniger, (Wort:1.3) 1,3-fach; Klammern lassen sich schachteln',
    '[Katze:Hund:0.4] ist 0,4 der Schritte lang eine Katze, dann ein Hund; [Katze:10] ab Schritt 10; [Katze|Hund] im Wechsel',
    'eine Burg AND Nebel :0.6 zeichnet auf beides zugleich hin',
    'BREAK beginnt einen neuen Abschnitt; lange Prompts werden in Abschnitten von 75 Token gelesen',
    '{rot|blau} zeichnet und berechnet je ein Bild; Klammern lassen sich schachteln und vervielfachen sich',
    '__tier__ nimmt eine Zeile der Datei tier.txt, vom Seed gewählt',
    '<lora:name:0.8> nimmt eine LoRA mit diesem Gewicht dazu; mehrere addieren sich',
    'name oder embedding:name steht für ein Embedding',
    'Ein Backslash macht ein Zeichen zu Text: \\( \\{ \\__',
  ].join('\n'),
  tooManyPictures: (prompts, count, most) =>
    `prompt: Die Klammern ergeben ${number(prompts)} Prompts${count === 1 ? '' : ` mit je ${count} Bildern`}; höchstens ${most} Bilder gehen auf einmal.`,
  tooMany: (what, given, most) =>
    `prompt: ${given} ${what === 'LoRAs' ? 'LoRAs' : 'Embeddings'} sind zu viele; höchstens ${most} gehen zusammen.`,
  tooManyParts: (given, most) =>
    `prompt: AND verbindet ${given} Prompts; auf höchstens ${most} wird zugleich hin gezeichnet.`,
  tooManyReadings: (given, most) =>
    `prompt: Die Klammern ergeben über die Schritte ${given} verschiedene Prompts; höchstens ${most} werden gelesen. Kürze [a|b|...] oder nimm weniger Schritte.`,
  tooMuchToRead: (most) =>
    `prompt: Mit allem, was Klammern aus ihm machen, ist er länger als ${most} Zeichen. Kürze ihn, oder nimm weniger Varianten.`,
  hypernetwork: (name) =>
    `prompt: <hypernet:${name.slice(0, 60)}> nennt ein Hypernetzwerk, und das gibt es für SDXL nicht; lass es weg oder nenne eine LoRA mit <lora:NAME>.`,
  loraForm: (given, most) =>
    `lora: „${given}“ geht nicht; möglich ist NAME:GEWICHT, etwa watercolour:0.8, mit einem Gewicht von -${most} bis ${most}.`,
  loraInNegative: (name) =>
    `negative: Die LoRA ${name} gehört in den Prompt; dort mit negativem Gewicht, etwa <lora:${name}:-0.5>.`,
  unknownLora: (name, near, known) =>
    `Die LoRA „${name.slice(0, 60)}“ gibt es für dieses Modell nicht; ${orNear(near, known === 0 ? 'es gibt hier keine.' : `/extras nennt die ${known}, die es gibt.`)}`,
  otherModel: (name, model, fits) =>
    `Die LoRA ${name} ist für ein anderes Modell als ${model} gemacht${fits.length === 0 ? '; hier passt sie zu keinem.' : `; nimm model ${fits.join(' oder ')}.`}`,
  unreadAdapter: (name, kind) =>
    `Die LoRA ${name} ist von der Art ${kind}, mit der Easel nicht zeichnet; es braucht die Datei als gewöhnliche LoRA, LoHa oder LoKr.`,
  unknownEmbedding: (name, near) =>
    `Das Embedding „${name.slice(0, 60)}“ gibt es für dieses Modell nicht; ${orNear(near, '/extras nennt die, die es gibt.')}`,
  unknownWildcard: (name, near) =>
    `Eine Wildcard-Datei „${name.slice(0, 60)}“ mit Zeilen darin gibt es nicht; ${orNear(near, '/extras nennt die, die es gibt, und \\__ ist keine Wildcard.')}`,
  endlessWildcards: (name) =>
    `prompt: Die Wildcards nehmen zu viele Zeilen; nennt eine Zeile von __${name.slice(0, 60)}__ ihre eigene Datei?`,
};
