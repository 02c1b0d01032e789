import { de } from './de.ts';
import { en, type Messages } from './en.ts';

export type { Messages } from './en.ts';

/** The fixed texts in a person's language; English where we do not have it. A language is a file and a line here. */
const languages: ReadonlyMap<string, Messages> = new Map([
  ['en', en],
  ['de', de],
]);

/** All but English, which definitions are written in. */
export const translations: ReadonlyMap<string, Messages> = new Map(
  [...languages].filter(([language]) => language !== 'en'),
);

/** `locale` is BCP 47, as the platform gives it (`de`, `en-US`). */
export function messagesFor(locale: string): Messages {
  return languages.get(locale.toLowerCase().split('-', 1)[0] ?? '') ?? en;
}
