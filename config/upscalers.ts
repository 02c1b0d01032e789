import { readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { absolutePath, type UpscalerEntry } from './keys.ts';

const ENDING = '.safetensors';

/**
 * The networks that enlarge pictures: those of the list, then every `.safetensors` of the folder under its own name. Notes
 * in `problems` what cannot be used; a folder that the operator has not named need not be there.
 */
export function upscalersOf(
  listed: readonly UpscalerEntry[],
  folder: string,
  isNamed: boolean,
  base: string,
  problems: string[],
): readonly UpscalerEntry[] {
  const all = [
    ...listed.map(({ name, file }) => ({ name, file: absolutePath(file, base) })),
    ...filesIn(folder, isNamed, problems),
  ];
  const names = all.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) problems.push(`There are two upscalers called ${twice}: give each its own name.`);
  return all;
}

function filesIn(folder: string, isNamed: boolean, problems: string[]): readonly UpscalerEntry[] {
  try {
    return readdirSync(folder)
      .filter((name) => extname(name) === ENDING)
      .sort()
      .map((name) => ({ name: basename(name, ENDING), file: join(folder, name) }));
  } catch {
    if (isNamed) {
      problems.push(`UPSCALER_FOLDER names ${folder}, which cannot be read: make the folder, or unset the variable.`);
    }
    return [];
  }
}
