import { emojiOf } from '../../bot/discord/acts/emoji.ts';
import type { Command } from '../../commands/command.ts';
import { blobKeySchema, jobIdSchema, pictureId } from '../../commands/ids.ts';
import { messagesFor } from '../../commands/locale/index.ts';
import { pictureButtons } from '../../commands/picture-buttons.ts';

const messages = messagesFor('en');

/** The page docs/commands.md: what can be asked for, from the definitions that every platform is made from. */
export function commandsPage(commands: readonly Command[]): string {
  const forEveryone = commands.filter(({ permission }) => permission === 'everyone');
  const forAdmins = commands.filter(({ permission }) => permission === 'admin');
  return [
    HEAD,
    '## On a picture\n',
    ON_PICTURE,
    table(['what', 'button under one', 'under several', 'reaction', 'what it does'], onPicture(commands)),
    '## Ids\n',
    IDS,
    table(['command', 'what its id means'], takers(commands)),
    '## Commands\n',
    ...forEveryone.map(section),
    "## An admin's commands\n",
    ADMINS,
    ...forAdmins.map(section),
  ].join('\n');
}

function onPicture(commands: readonly Command[]): readonly (readonly string[])[] {
  return commands.flatMap(({ name, description, onPicture }) =>
    onPicture === undefined
      ? []
      : [
          [
            onPicture.label,
            ...[1, 4].map((count) => (buttonsUnder(count).has(name) ? 'yes' : '')),
            onPicture.reactions.map((reaction) => `${emojiOf(reaction)} \`${reaction}\``).join(', '),
            description,
          ],
        ],
  );
}

/** The commands whose buttons stand under so many pictures as the base has just drawn them. */
function buttonsUnder(count: number): ReadonlySet<string> {
  const [job, handoff] = [jobIdSchema.parse(SAMPLE_REQUEST), blobKeySchema.parse('0'.repeat(64))];
  const size = { width: 1024, height: 1024 };
  const pictures = Array.from({ length: count }, (_, index) => {
    return { id: pictureId(job, index), handoff, ...size, recipe: { refine: null } };
  });
  return new Set(pictureButtons(pictures, messages).flatMap((row) => row.map(({ command }) => command)));
}

/** Every command with an option that takes an id. */
function takers(commands: readonly Command[]): readonly (readonly string[])[] {
  return commands.flatMap(({ name, options }) =>
    Object.entries(options).flatMap(([option, definition]) => {
      const source = 'autocomplete' in definition ? definition.autocomplete : undefined;
      if (source !== 'recipe' && source !== 'request') return [];
      return [[`\`/${name}\` \`${option}\``, MEANINGS[name] ?? ONE_PICTURE]];
    }),
  );
}

function section({ name, description, details, options }: Command): string {
  const rows = Object.entries(options).map(([option, definition]) => [
    `\`${option}\`${definition.required === true ? ' (required)' : ''}`,
    definition.description,
    messages.help.takes(definition),
  ]);
  return [
    `### /${name}\n`,
    `${description}.\n`,
    ...(details === undefined ? [] : [`\`\`\`text\n${details(messages)}\n\`\`\`\n`]),
    ...(rows.length === 0 ? [] : [table(['option', 'what', 'takes'], rows)]),
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replace(/[|<]/g, '\\$&')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}

const HEAD = `# Commands

The same everywhere; only the way of asking differs:

- **Discord**: \`/imagine\`, and then the options as fields, with suggestions while you type.
- **Slack**: \`/imagine a penguin in the snow --aspect 16:9 --count 4\`; with no text a form opens. Every command is also reached as \`/easel imagine …\`, by mentioning Easel, which is the way in threads (\`@Easel imagine …\`), and in its direct conversation.
- **The page** and \`npx easel imagine\`: as in Slack.

Where an option names a picture, a request or a recipe, it takes [any of their ids](#ids); a button, a reaction or an entry of a message's menu needs none. Whoever asks for a picture hears at once of its place in line, the expected seconds and the price.

\`npm run pages\` writes this page from \`commands/\`.
`;

const ON_PICTURE = `Under every finished picture are buttons for what it can still be made into; they work after any restart, and for as long as the picture is kept. A reaction does the same, and an admin may change what each means: \`/easel-admin reaction\`. A message that was forwarded counts as the message itself, where its menu is opened or, on Discord, somebody reacts to it. Discord's message menu has Refine and Reproduce, Slack's has all of these and Reproduce.
`;

const SAMPLE_REQUEST = '01976b2e-5c1f-7d3a-9b64-2f1c8a7e0d35';

const IDS = `An option for a picture takes any id that Easel shows, and a file's name. Discord and the page suggest your latest pictures while you type.

| id | where it is shown | which picture it means |
| --- | --- | --- |
| recipe, \`g865feh2zc\` or \`g865feh2zc.png\` | the file's name, \`/history\`, \`/show\`, Recipe | the picture of it that you may see: your own before others', those whose bytes are kept first, the newest |
| request, \`${SAMPLE_REQUEST}\` | \`/queue\`, the audit log, the operator's log | its picture; of several you are asked to say which |
| picture, \`${SAMPLE_REQUEST}.0\` | the operator's log | that picture; the last number counts from 0 |
| a link | a message's (Discord: Copy Message Link, Slack: Copy link), a file's | the first picture of that message, the recipe that the file is named by |
| any of them with \`:2\` | | the second picture of that request |

You may see your own pictures everywhere, in a channel what was drawn there for all, and as an admin everything of the place. Anything else is as if it were not there.
`;

const ONE_PICTURE = 'that picture';

const MEANINGS: Readonly<Record<string, string>> = {
  imagine: 'the recipe itself, or that of the picture',
  reproduce: 'the recipe itself, wherever it was drawn, or that of the picture',
  show: 'the recipe itself, wherever it was drawn, or that of the picture',
  again: 'the whole request that drew the picture: as many are drawn again',
  delete: 'the whole request that drew the picture, if it is yours or you are an admin',
  history: 'where the list goes on: after that picture, or after that request',
  cancel: 'the request, if it is yours or you are an admin',
  'easel-admin cancel': 'the request, whoever asked for it',
};

const ADMINS = `Discord: whoever may manage the server. Slack: admins and owners of the workspace. The page: see [Safety](../README.md#safety). It is checked on every call, on the server. Every change is kept: \`/easel-admin audit\`.
`;
