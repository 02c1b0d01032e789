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

/** The prompts with a style around them. Throws a `UserError` that lists the known styles. */
export function applyStyle(
  wish: { prompt: string; negative: string | undefined },
  name: string | undefined,
  settings: GuildSettings,
  messages: Messages,
): { prompt: string; negative: string | undefined } {
  if (name === undefined) return wish;
  const styles = stylesOf(settings);
  const style = styles.find((candidate) => candidate.name === name.toLowerCase());
  if (style === undefined) {
    throw new UserError(
      'unknown_style',
      messages.rules.style(
        name,
        styles.map((known) => known.name),
      ),
    );
  }
  const prompt = style.prompt.includes('{prompt}')
    ? style.prompt.replaceAll('{prompt}', () => wish.prompt)
    : `${wish.prompt}, ${style.prompt}`;
  const negatives = [wish.negative, style.negative].filter((part) => part !== undefined && part !== '');
  return { prompt, negative: negatives.length === 0 ? wish.negative : negatives.join(', ') };
}
