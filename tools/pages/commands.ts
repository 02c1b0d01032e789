import { emojiOf } from '../../bot/discord/acts/emoji.ts';
import type { Command } from '../../commands/command.ts';
import { messagesFor } from '../../commands/locale/index.ts';

const messages = messagesFor('en');

/** The page docs/commands.md: what can be asked for, from the definitions that every platform is made from. */
export function commandsPage(commands: readonly Command[]): string {
  const forEveryone = commands.filter(({ permission }) => permission === 'everyone');
  const forAdmins = commands.filter(({ permission }) => permission === 'admin');
  return [
    HEAD,
    '## On a picture\n',
    ON_PICTURE,
    table(['button', 'reaction', 'what it does'], onPicture(commands)),
    '## Commands\n',
    ...forEveryone.map(section),
    "## An admin's commands\n",
    ADMINS,
    ...forAdmins.map(section),
  ].join('\n');
}

function onPicture(commands: readonly Command[]): readonly (readonly string[])[] {
  return commands.flatMap(({ description, onPicture }) =>
    onPicture === undefined
      ? []
      : [
          [
            onPicture.label,
            onPicture.reactions.map((reaction) => `${emojiOf(reaction)} \`${reaction}\``).join(', '),
            description,
          ],
        ],
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

Where an option names a picture, a request or a recipe, it takes its id; a button, a reaction or an entry of a message's menu needs none. Whoever asks for a picture hears at once of its place in line, the expected seconds and the price.

\`npm run pages\` writes this page from \`commands/\`.
`;

const ON_PICTURE = `Under every finished picture are buttons for what it can still be made into; they work after any restart, and for as long as the picture is kept. A reaction does the same, and an admin may change what each means: \`/easel-admin reaction\`. Discord's and Slack's message menus have Refine and Reproduce.
`;

const ADMINS = `Discord: whoever may manage the server. Slack: admins and owners of the workspace. The page: see [Safety](../README.md#safety). It is checked on every call, on the server. Every change is kept: \`/easel-admin audit\`.
`;
