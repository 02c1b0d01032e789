import { markdownText } from '../../../bot/discord/render/text.ts';
import { cutText, displayText } from '../../../bot/display-text.ts';
import { readableValue } from '../../../bot/slack/render/readable.ts';
import { splitText } from '../../../bot/slack/render/text.ts';
import { guildIdSchema } from '../../../commands/ids.ts';
import { commands } from '../../../commands/index.ts';
import { MAX_PROMPT_LENGTH } from '../../../commands/parameters/prompts.ts';
import { parseOptions } from '../../../commands/parse-options.ts';
import { MAX_COUNT } from '../../../commands/recipe.ts';
import { defaultSettings, MAX_STYLES } from '../../../commands/settings.ts';
import { parseCommandLine } from '../../../commands/text-options.ts';
import { ask } from '../../commands/ask.ts';
import { MemoryServices } from '../../commands/memory-services.ts';
import { filledText, type Hold, holdTarget } from '../hold.ts';

/** Slack's longest message; the page and Discord take less. */
const MAX_LINE = 40_000;

const patterns: Readonly<Record<string, string>> = {
  letters: 'a',
  words: 'a ',
  spaces: ' ',
  'line ends': '\n',
  'opening braces': '{',
  'bars in braces': '{|',
  'empty choices': '{|}',
  'round brackets': '(',
  'pairs of brackets': '()',
  'brackets with weights': '(a:1.1)',
  'weights without a bracket': ':1.1)',
  backslashes: '\\',
  BREAK: 'BREAK ',
  underlines: '_',
  wildcards: '__colour__ ',
  'beginnings of LoRAs': '<lora:',
  LoRAs: '<lora:ink:1>',
  'unknown LoRAs': '<lora:x',
  'embeddings that are none': 'embedding:',
  flags: '--seed 7 ',
  hyphens: '-',
  dashes: '\u2014',
  quotes: '"',
  'quoted flags': '--negative "',
  mentions: '<@U1|',
  'openings of mentions': '<',
  marks: '\u0301\u0316',
  joiners: '\u200d',
  'family emoji': '👨‍👩‍👧‍👦',
  'ligatures that become eighteen letters': '\ufdfa',
  commas: ',',
  digits: '0123456789012345 ',
  'lists in Discord': '- a\n',
  'special tokens': '<|endoftext|>',
};
const texts = (most: number) => ({
  ...Object.fromEntries(
    Object.entries(patterns).map(([kind, pattern]) => [
      kind,
      (bytes: number) => filledText(pattern, Math.min(bytes, most)),
    ]),
  ),
  'a LoRA with a long name': (bytes: number) => `<lora:${filledText('watercolour ', Math.min(bytes, most) - 10)}>`,
  'an embedding with a long name': (bytes: number) => `embedding:${filledText('ab', Math.min(bytes, most) - 10)}`,
  'words that are all different': (bytes: number) =>
    Array.from({ length: Math.min(bytes, most) / 5 }, (_, index) => `a${index}b`)
      .join(' ')
      .slice(0, Math.min(bytes, most)),
});

/** A place with as many rules, styles, LoRAs, embeddings and lines as there may be, or as operators have. */
function crowded(): MemoryServices {
  const services = new MemoryServices();
  const names = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix} number ${i}`);
  const extra = (name: string) => ({ name, hash: 'ab'.repeat(32), models: ['mini'] });
  services.known.loras = names(2_000, 'watercolour').map(extra);
  services.known.embeddings = names(2_000, 'embedding').map(extra);
  services.known.wildcards.set('colour', names(10_000, 'colour'));
  services.store.settings.set(guildIdSchema.parse('guild'), {
    ...defaultSettings,
    blocked: Array.from({ length: 1_000 }, (_, i) =>
      i % 2 === 0 ? `*a*1*${i % 10}* *b*` : `*a*${i % 10}*b*c*${i % 7}*`,
    ),
    styles: Array.from({ length: MAX_STYLES }, (_, i) => ({ name: `s${i}`, prompt: 'a'.repeat(1_000) })),
  });
  return services;
}
const services = crowded();

const PROSE = { type: 'string', maxLength: MAX_LINE, multiline: true, description: '' } as const;
const NO_NAMES = { of: new Map<string, string>(), unknown: { user: '', channel: '', group: '' } };

/** What people type. */
export const textHolds: readonly Hold[] = [
  holdTarget({
    name: 'typed lines',
    inputs: texts(MAX_LINE),
    parse(text) {
      for (const line of [text, `/imagine ${text}`, `/imagine a --negative ${text}`]) {
        try {
          const { command, options } = parseCommandLine(commands, readableValue(line, PROSE, NO_NAMES));
          parseOptions(command.options, options);
        } catch (error) {
          if (!(error instanceof Error)) throw error;
        }
      }
    },
  }),
  holdTarget({
    name: 'prompts',
    inputs: texts(MAX_PROMPT_LENGTH),
    parse: (prompt) =>
      ask(services, 'imagine', {
        prompt,
        negative: prompt,
        prompt2: prompt,
        negative2: prompt,
        count: MAX_COUNT,
      }),
  }),
  holdTarget({
    name: 'options of other commands',
    inputs: texts(MAX_PROMPT_LENGTH),
    async parse(text) {
      for (const [command, option] of [
        ['imagine', 'lora'],
        ['imagine', 'style'],
        ['imagine', 'model'],
        ['imagine', 'from'],
        ['imagine', 'sampler'],
        ['show', 'target'],
        ['help', 'command'],
      ] as const) {
        await ask(services, command, { prompt: 'a cat', [option]: text }).catch(() => {});
      }
    },
  }),
  holdTarget({
    name: 'texts as they are shown',
    inputs: texts(MAX_LINE),
    parse(text) {
      cutText(displayText(text), 1_000);
      markdownText(text, 2_000);
      splitText(text, 2_900, 10);
    },
  }),
];
