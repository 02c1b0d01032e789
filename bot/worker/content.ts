import { type Verdict, verdictOf } from '../../commands/content.ts';
import type { ImageLabel } from '../../commands/engine.ts';
import type { Job } from '../../commands/job.ts';
import type { PictureNote } from '../../commands/picture-note.ts';
import type { MakingParts } from './make-pictures.ts';

/** A picture that may not be delivered. */
export class RefusedPictureError extends Error {
  readonly label: string;

  constructor(label: string) {
    super(`The picture looks like "${label}".`);
    this.name = 'RefusedPictureError';
    this.label = label;
  }
}

/** Whether a finished picture is to be covered, with the note that says why. Rejects with a `RefusedPictureError`. */
export async function judge(
  { origin }: Job,
  labels: readonly ImageLabel[],
  { contentRules, store }: Pick<MakingParts, 'contentRules' | 'store'>,
): Promise<{ readonly spoiler: boolean; readonly notes: readonly PictureNote[] }> {
  if (contentRules.length === 0) return { spoiler: false, notes: [] };
  const { flagged } = await store.settings.of(origin.guild);
  const verdict: Verdict = verdictOf(labels, contentRules, flagged);
  switch (verdict.action) {
    case 'allow':
      return { spoiler: false, notes: [] };
    case 'spoiler':
      return { spoiler: true, notes: [{ code: 'covered', label: verdict.label }] };
    case 'refuse':
      throw new RefusedPictureError(verdict.label);
    default:
      return verdict satisfies never;
  }
}
