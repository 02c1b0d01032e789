import { expect, test } from 'vitest';
import { messagesFor } from '../../commands/locale/index.ts';
import { noteLines, type PictureNote, pictureNoteSchema } from '../../commands/picture-note.ts';

const notes: readonly PictureNote[] = [
  { code: 'prompt_cut', tokens: 1 },
  { code: 'prompt_cut', tokens: 40 },
  { code: 'covered', label: 'nude' },
];

test('notes are said in the language of whoever reads them', () => {
  expect(noteLines([{ notes }], messagesFor('en'))).toEqual([
    'The prompt is too long for the model: its last 1 token was not read.',
    'The prompt is too long for the model: its last 40 tokens were not read.',
    'Hidden until clicked: it looks like "nude".',
  ]);
  expect(noteLines([{ notes }], messagesFor('de'))).toEqual([
    'Der Prompt ist zu lang für das Modell: Sein letztes Token wurde nicht gelesen.',
    'Der Prompt ist zu lang für das Modell: Seine letzten 40 Tokens wurden nicht gelesen.',
    'Bis zum Anklicken verborgen: Es sieht nach „nude“ aus.',
  ]);
});

test('what several pictures have in common is said once', () => {
  expect(noteLines([{ notes }, { notes }], messagesFor('en'))).toHaveLength(3);
});

test('a text that an earlier Easel stored is said as it is', () => {
  const stored = pictureNoteSchema.parse('The prompt was cut.');
  expect(noteLines([{ notes: [stored] }], messagesFor('de'))).toEqual(['The prompt was cut.']);
});
