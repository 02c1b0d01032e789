import { expect, test } from 'vitest';
import { messagesFor } from '../../commands/locale/index.ts';
import { noteLines, type PictureNote, pictureNoteSchema } from '../../commands/picture-note.ts';

const notes: readonly PictureNote[] = [
  { code: 'prompt_cut', tokens: 1 },
  { code: 'prompt_cut', tokens: 40 },
  { code: 'hole_drawn', percent: 0.4 },
  { code: 'covered', label: 'nude' },
];

test('notes are said in the language of whoever reads them', () => {
  expect(noteLines([{ notes }], messagesFor('en'))).toEqual([
    'The prompt is too long for the model: its last 1 token was not read.',
    'The prompt is too long for the model: its last 40 tokens were not read.',
    'Only the transparent part (0.4 %) was drawn anew; fill it to have the whole picture drawn.',
    'Hidden until clicked: it looks like "nude".',
  ]);
  expect(noteLines([{ notes }], messagesFor('de'))).toEqual([
    'Der Prompt ist zu lang für das Modell: Sein letztes Token wurde nicht gelesen.',
    'Der Prompt ist zu lang für das Modell: Seine letzten 40 Tokens wurden nicht gelesen.',
    'Nur der durchsichtige Teil (0,4 %) wurde neu gezeichnet; fülle ihn, damit das ganze Bild gezeichnet wird.',
    'Bis zum Anklicken verborgen: Es sieht nach „nude“ aus.',
  ]);
});

test('what several pictures have in common is said once', () => {
  expect(noteLines([{ notes }, { notes }], messagesFor('en'))).toHaveLength(4);
});

test('a text that an earlier Easel stored is said as it is', () => {
  const stored = pictureNoteSchema.parse('The prompt was cut.');
  expect(noteLines([{ notes: [stored] }], messagesFor('de'))).toEqual(['The prompt was cut.']);
});
