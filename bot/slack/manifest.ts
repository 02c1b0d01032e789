import type { Command } from '../../commands/command.ts';
import { shortcutId } from './acts/shortcuts.ts';
import { UMBRELLA } from './acts/slash-commands.ts';
import { botEvents, botScopes } from './scopes.ts';
import { EVENTS_PATH } from './transport/http-receiver.ts';

/**
 * The app's manifest, made from the one command definition: pasted into Slack's settings it creates an app that has all it
 * needs and nothing more. https://docs.slack.dev/reference/app-manifest
 */
const MAX_DESCRIPTION = 2000;
const MAX_USAGE_HINT = 1000;
const MAX_SHORTCUTS = 10;
const MAX_SHORTCUT_NAME = 24;

/** Names that Slack keeps for itself; these commands are reached beneath `/easel`. */
const RESERVED: ReadonlySet<string> = new Set([
  'active',
  'apps',
  'archive',
  'away',
  'call',
  'collapse',
  'dm',
  'dnd',
  'expand',
  'feed',
  'feedback',
  'help',
  'invite',
  'join',
  'leave',
  'me',
  'msg',
  'mute',
  'open',
  'prefs',
  'remind',
  'remove',
  'rename',
  'search',
  'shortcuts',
  'shrug',
  'star',
  'status',
  'topic',
  'who',
]);

/** `requestUrl` is this bot's public address for signed HTTP; null: Socket Mode. */
export function createManifest(commands: readonly Command[], requestUrl: string | null) {
  const address = requestUrl === null ? null : new URL(EVENTS_PATH, requestUrl).href;
  const where = address === null ? {} : { url: address };
  return {
    display_information: {
      name: 'Easel',
      description: 'Draws pictures with Stable Diffusion XL',
      background_color: '#1f2430',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'Easel', always_online: true },
      shortcuts: messageShortcuts(commands),
      slash_commands: slashCommands(commands).map((command) => ({ ...command, ...where })),
    },
    oauth_config: { scopes: { bot: botScopes.map(({ scope }) => scope) } },
    settings: {
      event_subscriptions: {
        ...(address === null ? {} : { request_url: address }),
        bot_events: botEvents.map(({ event }) => event),
      },
      interactivity: {
        is_enabled: true,
        ...(address === null ? {} : { request_url: address, message_menu_options_url: address }),
      },
      org_deploy_enabled: false,
      socket_mode_enabled: address === null,
      token_rotation_enabled: false,
    },
  };
}

/** Each command by its own name, and all of them beneath `/easel`. Subcommands share the slash command of their first word. */
function slashCommands(commands: readonly Command[]) {
  const names = [...new Set(commands.map(({ name }) => name.split(' ', 1)[0] ?? name))].filter(
    (name) => !RESERVED.has(name),
  );
  const own = names.map((name) => {
    const exact = commands.find((command) => command.name === name);
    const subcommands = commands.flatMap((command) =>
      command.name.startsWith(`${name} `) ? [command.name.slice(name.length + 1)] : [],
    );
    return slashCommand(
      name,
      exact?.description ?? `Easel: ${subcommands.join(', ')}`,
      exact ? usage(exact) : subcommands.join(' | '),
    );
  });
  return [...own, slashCommand(UMBRELLA, 'Everything that Easel can do', 'imagine a penguin in the snow | help')];
}

function slashCommand(name: string, description: string, hint: string) {
  return {
    command: `/${name}`,
    description: description.slice(0, MAX_DESCRIPTION),
    ...(hint === '' ? {} : { usage_hint: hint.slice(0, MAX_USAGE_HINT) }),
    should_escape: true,
  };
}

function usage(command: Command): string {
  return Object.entries(command.options)
    .filter(([, { type }]) => type !== 'attachment')
    .map(([name, option], index) =>
      index === 0 ? `${name}` : option.type === 'boolean' ? `[--${name}]` : `[--${name} …]`,
    )
    .join(' ');
}

/** The message menu: what can be done with a picture, and reading the recipe of any picture that Easel made. */
function messageShortcuts(commands: readonly Command[]) {
  return commands
    .filter((command) => command.onPicture !== undefined || command.name === 'reproduce')
    .slice(0, MAX_SHORTCUTS)
    .map((command) => ({
      name: (command.onPicture?.label ?? 'Reproduce').slice(0, MAX_SHORTCUT_NAME),
      type: 'message',
      callback_id: shortcutId(command.name),
      description: command.description.slice(0, 150),
    }));
}
