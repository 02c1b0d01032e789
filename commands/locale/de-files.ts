import type { enFiles } from './en-files.ts';

const number = (value: number): string => value.toLocaleString('de', { maximumFractionDigits: 1 });

/** What is said of files that people give, in German. */
export const deFiles: typeof enFiles = {
  noPicture: 'Diese Datei ist kein lesbares Bild: Schicke PNG, JPEG, WebP oder GIF.',
  pictureBytes: (given, most) => `Das Bild hat ${number(given / 1e6)} MB; höchstens ${number(most / 1e6)} MB gehen.`,
  picturePixels: (size, most) => `Das Bild hat ${size} Pixel; höchstens ${number(most / 1e6)} Millionen gehen.`,
  maskShape: (size, picture) => `mask: ${size} liegt nicht auf einem Bild von ${picture}; gib eine derselben Form an.`,
  maskEmpty: 'mask: sie markiert nichts; male weiß, was neu gezeichnet wird, und lass den Rest schwarz.',
  maskFaint:
    'mask: ein Teil ist halb durchsichtig, was beides heißen kann; radiere ganz weg, was neu gezeichnet wird, oder male es weiß auf schwarz.',
  tooManyBytes: (most, minutes) =>
    `Du hast in dieser Stunde ${number(most / 1e6)} MB an Dateien geschickt; bitte warte ${minutes} min.`,
  notStored: 'Dieses Bild wird nicht mehr aufbewahrt.',
  notTaken: (command, file) => `/${command} nimmt keine Datei: Lass ${file} weg.`,
  notOfPlatform: (file, platform) => `${file} liegt nicht bei ${platform}; lade es dort hoch.`,
  unreached: (file, platform) => `${file} ließ sich nicht von ${platform} holen; bitte versuche es noch einmal.`,
  refused: (file, platform, status) =>
    `${file} ließ sich nicht von ${platform} holen (Antwort ${status}); bitte lade es noch einmal hoch.`,
  lacksScope: (file, scope) => `${file} ließ sich nicht holen: Der App fehlt die Berechtigung ${scope}.`,
  tooLarge: (file, mebibytes) => `${file} ist größer als ${mebibytes} MiB; schicke etwas Kleineres.`,
};
