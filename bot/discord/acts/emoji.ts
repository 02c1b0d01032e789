/**
 * Names of the emoji that reactions are likely to be, as Slack calls them, so that one setting means the same on both
 * platforms. Any other emoji is called what it is: the character, or the name of a guild's own emoji.
 */
const NAMES: Readonly<Record<string, string>> = {
  '✨': 'sparkles',
  '🔍': 'mag',
  '🔎': 'mag_right',
  '🔁': 'repeat',
  '🔄': 'arrows_counterclockwise',
  '🔀': 'twisted_rightwards_arrows',
  '❌': 'x',
  '✖': 'heavy_multiplication_x',
  '🗑': 'wastebasket',
  '✉': 'envelope',
  '📧': 'email',
  '📩': 'envelope_with_arrow',
  '✏': 'pencil2',
  '📝': 'memo',
  '❤': 'heart',
  '⭐': 'star',
  '🌟': 'star2',
  '👍': '+1',
  '👎': '-1',
  '🎨': 'art',
  '🖼': 'frame_with_picture',
  '🎲': 'game_die',
  '⬆': 'arrow_up',
  '🔼': 'arrow_up_small',
  '🔥': 'fire',
  '💎': 'gem',
  '🪄': 'magic_wand',
  '👀': 'eyes',
  '✅': 'white_check_mark',
  '🚀': 'rocket',
};

/** Whether it is shown as text or in colour, and which skin it has, makes no other emoji. */
const VARIATIONS = /[\ufe0e\ufe0f\u{1f3fb}-\u{1f3ff}]/gu;

/** The neutral name of a reaction. */
export function emojiName(emoji: string): string {
  const plain = emoji.replace(VARIATIONS, '');
  return NAMES[plain] ?? plain;
}

/** The emoji of a neutral name, or the name where no emoji is known by it. */
export function emojiOf(name: string): string {
  return Object.entries(NAMES).find(([, known]) => known === name)?.[0] ?? name;
}
