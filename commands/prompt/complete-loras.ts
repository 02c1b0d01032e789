import { matching } from '../matching.ts';
import { cutName } from './cut-names.ts';

/** Of names that were typed before so much is kept, where the list would not fit. */
const SHORT = 12;

/**
 * What a person may mean who is typing a list of LoRAs: what is typed, with its last entry completed and that entry's weight
 * kept. `water:0.6` after `grain, ` gives `grain, watercolour:0.6`. A list that has more than `maxLength` characters is given
 * with its names cut (`a-very…:0.8`), and left out where even that does not fit.
 */
export function completeLoras(typed: string, names: readonly string[], maxLength: number): readonly string[] {
  const entries = typed.split(',').map((entry) => entry.trim());
  const [, wanted = '', weight = ''] = /^([^:]*)(.*)$/s.exec(entries.pop() ?? '') ?? [];
  return matching(wanted, names, (name) => name).flatMap((name) => {
    const list = [...entries, name + weight];
    return fitting(list, names, maxLength) ?? [];
  });
}

/** The list in so many characters: whole, or the longest of its names cut, one after another. */
function fitting(list: readonly string[], names: readonly string[], maxLength: number): string | null {
  const text = list.join(', ');
  if (text.length <= maxLength) return text;
  const longestFirst = list.map((_, index) => index).sort((a, b) => lengthOf(list[b]) - lengthOf(list[a]));
  const cut = [...list];
  for (const index of longestFirst) {
    const [, name = '', weight = ''] = /^([^:]*)(.*)$/s.exec(list[index] ?? '') ?? [];
    const excess = cut.join(', ').length - maxLength;
    if (excess <= 0) break;
    cut[index] = (cutName(name, Math.max(SHORT, name.length - excess), names) ?? name) + weight;
  }
  const shortened = cut.join(', ');
  return shortened.length <= maxLength ? shortened : null;
}

function lengthOf(entry: string | undefined): number {
  return entry?.length ?? 0;
}
