import {
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandSubcommandGroupOption,
  type APIApplicationCommandSubcommandOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
  PermissionFlagsBits,
  type RESTPostAPIApplicationCommandsJSONBody,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord.js';
import type { Command } from '../../../commands/command.ts';
import { type Messages, messagesFor, translations } from '../../../commands/locale/index.ts';
import type { OptionDefinition } from '../../../commands/options.ts';
import { cutText } from '../../display-text.ts';
import { messageCommands } from './message-commands.ts';

/** What Discord accepts. https://docs.discord.com/developers/interactions/application-commands */
const MAX_DESCRIPTION = 100;
const MAX_STRING = 6000;

/** Everyone's commands work in servers, in direct conversations and, for those who installed the bot themselves, anywhere. */
const everywhere = {
  integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel],
};

/** Only hides a command from others: the permission is checked again when it runs. */
const adminsInServers = {
  integration_types: [ApplicationIntegrationType.GuildInstall],
  contexts: [InteractionContextType.Guild],
  default_member_permissions: String(PermissionFlagsBits.ManageGuild),
};

/** The one command definition as Discord's: slash commands with their subcommands, and the menu of messages. */
export function commandsJson(commands: readonly Command[]): RESTPostAPIApplicationCommandsJSONBody[] {
  const roots = groupBy(commands, ({ name }) => name.split(' ')[0] ?? name);
  const slash = [...roots].map(([root, family]) => slashCommand(root, family));
  const menu = messageCommands(commands).map(({ title }) => ({
    type: ApplicationCommandType.Message as const,
    name: title(messagesFor('en')),
    name_localizations: localized(title),
    ...everywhere,
  }));
  return [...slash, ...menu];
}

function slashCommand(root: string, family: readonly Command[]): RESTPostAPIChatInputApplicationCommandsJSONBody {
  const scope = family.every(({ permission }) => permission === 'admin') ? adminsInServers : everywhere;
  const type = ApplicationCommandType.ChatInput;
  const [only] = family;
  if (only !== undefined && only.name === root) {
    return { type, name: root, ...described(only), options: valueOptions(only), ...scope };
  }
  return { type, name: root, description: listed(family, root), options: subcommands(root, family), ...scope };
}

function subcommands(
  path: string,
  family: readonly Command[],
): (APIApplicationCommandSubcommandOption | APIApplicationCommandSubcommandGroupOption)[] {
  const below = groupBy(family, ({ name }) => name.slice(path.length + 1).split(' ')[0] ?? '');
  return [...below].map(([name, commands]) => {
    const whole = `${path} ${name}`;
    const leaf = commands.find((command) => command.name === whole);
    if (leaf !== undefined) return subcommand(name, leaf);
    const options = commands.map((command) => subcommand(command.name.slice(whole.length + 1), command));
    return { type: ApplicationCommandOptionType.SubcommandGroup, name, description: listed(commands, whole), options };
  });
}

function subcommand(name: string, command: Command): APIApplicationCommandSubcommandOption {
  return {
    type: ApplicationCommandOptionType.Subcommand,
    name,
    ...described(command),
    options: valueOptions(command),
  };
}

/** What a command that is only a heading says of itself: what is under it. */
function listed(commands: readonly Command[], path: string): string {
  return description(commands.map(({ name }) => name.slice(path.length + 1)).join(', '));
}

function description(text: string): string {
  return cutText(text, MAX_DESCRIPTION);
}

/** In English, and for those whose client speaks another language that we have, in theirs. */
function described({ description: english }: Pick<Command, 'description'>) {
  return {
    description: description(english),
    description_localizations: localized((messages) => description(messages.describe(english))),
  };
}

function localized(say: (messages: Messages) => string): Record<string, string> {
  return Object.fromEntries([...translations].map(([language, messages]) => [language, say(messages)]));
}

/** Discord wants those first that are required. */
function valueOptions({ options }: Command): APIApplicationCommandBasicOption[] {
  const all = Object.entries(options).map(([name, definition]) => option(name, definition));
  return [...all.filter(({ required }) => required === true), ...all.filter(({ required }) => required !== true)];
}

function option(name: string, definition: OptionDefinition): APIApplicationCommandBasicOption {
  const common = {
    name,
    ...described(definition),
    ...(definition.required === true ? { required: true } : {}),
  };
  switch (definition.type) {
    case 'string': {
      const { choices, autocomplete, minLength, maxLength } = definition;
      const type = ApplicationCommandOptionType.String as const;
      if (choices !== undefined) {
        return { ...common, type, choices: choices.map((choice) => ({ name: choice, value: choice })) };
      }
      return {
        ...common,
        type,
        max_length: Math.min(maxLength, MAX_STRING),
        ...(minLength === undefined ? {} : { min_length: minLength }),
        ...(autocomplete === undefined ? {} : { autocomplete: true as const }),
      };
    }
    case 'integer': {
      const { min, max, autocomplete } = definition;
      const bounds = { min_value: min, max_value: max };
      const type = ApplicationCommandOptionType.Integer as const;
      return { ...common, type, ...bounds, ...(autocomplete === undefined ? {} : { autocomplete: true as const }) };
    }
    case 'number':
      return {
        ...common,
        type: ApplicationCommandOptionType.Number,
        min_value: definition.min,
        max_value: definition.max,
      };
    case 'boolean':
      return { ...common, type: ApplicationCommandOptionType.Boolean };
    case 'attachment':
      return { ...common, type: ApplicationCommandOptionType.Attachment };
    case 'user':
      return { ...common, type: ApplicationCommandOptionType.User };
    case 'role':
      return { ...common, type: ApplicationCommandOptionType.Role };
    case 'channel':
      return { ...common, type: ApplicationCommandOptionType.Channel, channel_types: [...WRITABLE_CHANNELS] };
    default:
      return definition satisfies never;
  }
}

/** Where people can ask for pictures, or what such channels belong to. */
const WRITABLE_CHANNELS = [
  ...[ChannelType.GuildText, ChannelType.GuildAnnouncement, ChannelType.GuildVoice],
  ...[ChannelType.GuildForum, ChannelType.GuildMedia, ChannelType.GuildCategory],
  ...[ChannelType.PublicThread, ChannelType.PrivateThread, ChannelType.AnnouncementThread],
] as const;

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
