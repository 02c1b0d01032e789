import type { enFailures } from './en-failures.ts';

/** Why a request that was accepted came to nothing, in German. */
export const deFailures: typeof enFailures = {
  crashed:
    'An diesem Bild ist das Programm mehrmals gescheitert; es kostet nichts. Nimm eine andere Größe oder andere Worte.',
  deadline:
    'Das Zeichnen dauerte zu lange und wurde angehalten; es kostet nichts. Nimm weniger Schritte oder eine kleinere Größe.',
  out_of_memory: 'Das Bild ist zu groß für den Speicher dieser Maschine; es kostet nichts. Nimm eine kleinere Größe.',
  content: (label) =>
    `Das Bild wird nicht gezeigt, weil es nach „${label}“ aussieht; es kostet nichts. Bitte um etwas anderes.`,
  not_finite: (file) =>
    file === ''
      ? 'Die Zahlen dieses Bildes wuchsen über alle Grenzen; es kostet nichts. Senke die Gewichte seiner LoRAs und Wörter oder die Guidance.'
      : `„${file}“ ist beschädigt: Die Datei enthält Werte, die keine Zahlen sind; das Bild kostet nichts. Zeichne ohne sie und sag dem Betreiber, dass er sie neu holen muss.`,
  missing: 'Das Bild, von dem dies ausgeht, gibt es nicht mehr; es kostet nichts. Zeichne es noch einmal.',
  lost: 'Das Bild wurde gezeichnet, aber was davon gespeichert war, ist beschädigt; es kostet nichts. Bitte frag noch einmal.',
  undelivered: (platform) =>
    `Das Bild ist gezeichnet, aber ${platform} nimmt es hier nicht an; es kostet nichts. /history zeigt es, und die Knöpfe gehen.`,
  storage: 'Für Bilder ist kein Platz mehr; es kostet nichts. Sag es dem Betreiber.',
  internal:
    'Beim Zeichnen ist etwas kaputtgegangen; es kostet nichts. Versuch es noch einmal und sag dem Betreiber, wenn es so bleibt.',
};
