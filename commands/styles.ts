import type { Messages } from './locale/index.ts';
import { UserError } from './request.ts';
import type { GuildSettings, Style } from './settings.ts';

/** Styles that every guild begins with; an admin's style of the same name comes instead. */
export const bundledStyles: readonly Style[] = [
  {
    name: 'photo',
    prompt: 'a photograph of {prompt}, natural light, sharp focus, fine detail',
    negative: 'drawing, painting, blurry',
  },
  {
    name: 'painting',
    prompt: 'an oil painting of {prompt}, visible brush strokes, rich colours',
    negative: 'photograph',
  },
  { name: 'watercolour', prompt: 'a watercolour of {prompt}, soft washes, white paper', negative: 'photograph' },
  { name: 'sketch', prompt: 'a pencil sketch of {prompt}, fine lines, cross-hatching', negative: 'colour, photograph' },
  { name: 'pixel-art', prompt: 'pixel art of {prompt}, limited palette, crisp edges', negative: 'blurry, photograph' },
  { name: 'comic', prompt: 'a comic panel of {prompt}, bold outlines, flat colours', negative: 'photograph' },
];

/** The styles that may be asked for in a guild, by name. */
export function stylesOf(settings: GuildSettings): readonly Style[] {
  const byName = new Map([...bundledStyles, ...settings.styles].map((style) => [style.name, style]));
  return [...byName.values()]
    .filter(({ name }) => settings.allowedStyles?.includes(name) !== false)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The style of this name, or undefined for no name. Throws a `UserError` that lists the known styles. */
export function requireStyle(name: string | undefined, settings: GuildSettings, messages: Messages): Style | undefined {
  if (name === undefined) return undefined;
  const styles = stylesOf(settings);
  const style = styles.find((candidate) => candidate.name === name.toLowerCase());
  if (style !== undefined) return style;
  const known = styles.map((candidate) => candidate.name);
  throw new UserError('unknown_style', messages.rules.style(name, known));
}

/** The prompts with a style around them. */
export function applyStyle(
  wish: { prompt: string; negative: string | undefined },
  style: Style | undefined,
): { prompt: string; negative: string | undefined } {
  if (style === undefined) return wish;
  const prompt = style.prompt.includes('{prompt}')
    ? style.prompt.replaceAll('{prompt}', () => wish.prompt)
    : `${wish.prompt}, ${style.prompt}`;
  const negatives = [wish.negative, style.negative].filter((part) => part !== undefined && part !== '');
  return { prompt, negative: negatives.length === 0 ? wish.negative : negatives.join(', ') };
}
