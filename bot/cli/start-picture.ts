import { readFile } from 'node:fs/promises';
import type { RecipeWishes } from '../../commands/build-recipe.ts';
import { UserError } from '../../commands/request.ts';
import { blobKeyOf } from '../blobs/blobs.ts';
import { checkPicture } from '../services/check-picture.ts';
import { readMask, transparentPart } from '../services/masks.ts';
import { fileProblem } from './file-problem.ts';

/** A picture to start from, and what of it is drawn anew. */
export interface StartPicture {
  readonly files: { readonly init: Uint8Array; readonly mask?: Uint8Array };
  readonly init: NonNullable<RecipeWishes['init']>;
}

/**
 * Reads `--init` and `--mask`; without a mask the picture's own transparent part is meant, if it has one. Rejects with a
 * `UserError` for a file that is missing or no picture.
 */
export async function readStartPicture(flags: {
  readonly init?: string;
  readonly mask?: string;
}): Promise<StartPicture | undefined> {
  if (flags.init === undefined) {
    if (flags.mask === undefined) return undefined;
    throw new UserError('no_picture', '--mask needs the picture that it is for: name it with --init.');
  }
  const { bytes: init, ...size } = await readPicture('--init', flags.init);
  const mask =
    flags.mask === undefined
      ? await transparentPart(init)
      : await readMask((await readPicture('--mask', flags.mask)).bytes, size);
  return {
    files: { init, ...(mask && { mask }) },
    init: { picture: await blobKeyOf(init), ...size, mask: mask && (await blobKeyOf(mask)) },
  };
}

/** A picture's bytes and size. Rejects with a `UserError` that names the flag. */
export async function readPicture(
  flag: string,
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly width: number; readonly height: number }> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new UserError('invalid_init', `${flag} ${path} cannot be read: ${fileProblem(error)}.`);
  });
  const size = await checkPicture(bytes).catch((error: unknown) => {
    throw error instanceof UserError ? new UserError('invalid_init', `${flag} ${path}: ${error.message}`) : error;
  });
  return { bytes, ...size };
}
