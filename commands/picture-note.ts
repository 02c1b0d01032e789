import { z } from 'zod';
import type { Messages } from './locale/index.ts';

const percent = z.number().min(0).max(100);

/**
 * What a person should know of a finished picture; kept with it, and said in the language of whoever reads it. A text is
 * a note as an earlier Easel stored it, in English.
 */
export const pictureNoteSchema = z.union([
  z.discriminatedUnion('code', [
    /** The model could not read the prompt's last tokens. */
    z.strictObject({ code: z.literal('prompt_cut'), tokens: z.int().positive() }),
    /** Only so much of the start picture was drawn, under a mask that was given. */
    z.strictObject({ code: z.literal('part_drawn'), percent }),
    /** The same, where its transparent part stood for a mask. */
    z.strictObject({ code: z.literal('hole_drawn'), percent }),
    /** Its transparent part was too small to stand for one. */
    z.strictObject({ code: z.literal('transparency_filled'), percent }),
    /** The operator's check covers it: what it looks like. */
    z.strictObject({ code: z.literal('covered'), label: z.string() }),
  ]),
  z.string(),
]);
export type PictureNote = z.infer<typeof pictureNoteSchema>;

/** The notes of some pictures as lines, each once. */
export function noteLines(
  pictures: readonly { readonly notes: readonly PictureNote[] }[],
  { notes: words }: Messages,
): readonly string[] {
  return [...new Set(pictures.flatMap(({ notes }) => notes.map((note) => textOf(note, words))))];
}

function textOf(note: PictureNote, words: Messages['notes']): string {
  if (typeof note === 'string') return note;
  switch (note.code) {
    case 'prompt_cut':
      return words.promptCut(note.tokens);
    case 'part_drawn':
      return words.partDrawn(note.percent);
    case 'hole_drawn':
      return words.holeDrawn(note.percent);
    case 'transparency_filled':
      return words.transparencyFilled(note.percent);
    case 'covered':
      return words.covered(note.label);
    default:
      return note satisfies never;
  }
}
