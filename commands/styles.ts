import type { Messages } from './locale/index.ts';
import type { TypedPrompts } from './prompt/resolve-prompts.ts';
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

/** The prompts with a style around them, for both text encoders. */
export function applyStyle(wish: TypedPrompts, style: Style | undefined): TypedPrompts {
  if (style === undefined) return wish;
  const around = (prompt: string): string =>
    style.prompt.includes('{prompt}')
      ? style.prompt.replaceAll('{prompt}', () => prompt)
      : [prompt, style.prompt].filter((part) => part !== '').join(', ');
  const without = (negative: string | undefined): string | undefined => {
    const parts = [negative, style.negative].filter((part) => part !== undefined && part !== '');
    return parts.length === 0 ? negative : parts.join(', ');
  };
  return {
    prompt: around(wish.prompt),
    prompt2: wish.prompt2 && around(wish.prompt2),
    negative: without(wish.negative),
    negative2: wish.negative2 && without(wish.negative2),
  };
}
