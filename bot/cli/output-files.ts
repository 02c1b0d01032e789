import { randomUUID } from 'node:crypto';
import { access, constants, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { UserError } from '../../commands/request.ts';
import { fileProblem } from './file-problem.ts';

/** Where the pictures of one request go. */
export interface OutputPlan {
  /** The file's path without `.png`; a number is put after it where there are several. */
  readonly stem: string;
  readonly count: number;
  /** A name that the person gave may be written over; one that we made up may not. */
  readonly overwrite: boolean;
}

/**
 * The plan for `--out FILE`, or for a name made from prompt and seed in `folder`. Rejects with a `UserError` where the file
 * is no PNG or cannot be written, before anything is drawn.
 */
export async function planOutput(
  out: string | undefined,
  naming: { prompt: string; seed: number; count: number; folder: string },
): Promise<OutputPlan> {
  const { prompt, seed, count, folder } = naming;
  if (out === undefined) {
    await requireFolder(folder);
    return { stem: join(folder, `${slug(prompt)}-${seed}`), count, overwrite: false };
  }
  const path = resolve(folder, out);
  if (extname(path).toLowerCase() !== '.png') {
    throw new UserError('invalid_out', `--out ${out}: the name must end in .png, which carries the recipe.`);
  }
  await requireFolder(dirname(path));
  const existing = await stat(path).catch(() => null);
  if (existing?.isDirectory() === true) throw new UserError('invalid_out', `--out ${out} is a folder; give a file.`);
  return { stem: path.slice(0, -'.png'.length), count, overwrite: true };
}

/** Writes one picture whole or not at all; returns its path. */
export async function writeOutput(plan: OutputPlan, index: number, bytes: Uint8Array): Promise<string> {
  const base = plan.count === 1 ? plan.stem : `${plan.stem}-${index + 1}`;
  const path = plan.overwrite ? `${base}.png` : await freePath(base);
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await writeFile(temporary, bytes, { flag: 'wx' });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  return path;
}

/** A file name's worth of a prompt: `a-cat-in-the-snow`. */
export function slug(prompt: string): string {
  const words = prompt
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return [...(words ?? []).join('-')].slice(0, 48).join('').replace(/-$/, '') || 'picture';
}

async function freePath(base: string): Promise<string> {
  for (let number = 1; ; number++) {
    const path = number === 1 ? `${base}.png` : `${base}-${number}.png`;
    if ((await stat(path).catch(() => null)) === null) return path;
  }
}

async function requireFolder(folder: string): Promise<void> {
  await access(folder, constants.W_OK).catch((error: unknown) => {
    throw new UserError('invalid_out', `Pictures cannot be written to ${folder}: ${fileProblem(error)}.`);
  });
}
