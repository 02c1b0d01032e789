import { defineCommand } from '../command.ts';
import { findLora } from '../extras.ts';
import type { ListKind } from '../locale/en-admin.ts';
import { messagesFor } from '../locale/index.ts';
import { nearest } from '../nearest.ts';
import type { OptionDefinitions } from '../options.ts';
import type { Mention, MessageReply } from '../reply.ts';
import { type CommandRequest, UserError } from '../request.ts';
import type { Services } from '../services.ts';
import type { GuildSettings } from '../settings.ts';
import { stylesOf } from '../styles.ts';
import { change, excluding, including } from './change.ts';

const onOption = {
  on: { type: 'boolean', description: 'on: allow it too (the first one forbids all others); off: no longer' },
} as const satisfies OptionDefinitions;

export const allowChannel = defineCommand({
  name: 'easel-admin allow channel',
  description: 'Choose the channels that Easel draws in; without one, all',
  options: { channel: { type: 'channel', description: 'The channel' }, ...onOption },
  permission: 'admin',
  run: (request, { channel, on }, services) =>
    allow(
      request,
      services,
      { kind: 'channel', entry: channel, on },
      'allowedChannels',
      channel === undefined ? [] : [{ kind: 'channel', id: channel }],
    ),
});

export const denyChannel = defineCommand({
  name: 'easel-admin deny channel',
  description: 'Choose a channel that Easel does not draw in',
  options: {
    channel: { type: 'channel', required: true, description: 'The channel' },
    on: { type: 'boolean', description: 'on: do not draw there; off: draw there again' },
  },
  permission: 'admin',
  run: (request, { channel, on = true }, services) =>
    change(
      request,
      services,
      ({ admin }) => admin.actions.denied(channel, on),
      (settings) => {
        const { deniedChannels: list } = settings;
        const deniedChannels = on ? including(list, channel) : excluding(list, channel, 'channel', request);
        return { ...settings, deniedChannels };
      },
      [{ kind: 'channel', id: channel }],
    ),
});

export const allowModel = defineCommand({
  name: 'easel-admin allow model',
  description: 'Choose the models that members may use; without one, all',
  options: {
    model: { type: 'string', maxLength: 100, autocomplete: 'model', description: 'The model' },
    ...onOption,
  },
  permission: 'admin',
  async run(request, { model, on }, services) {
    if (model !== undefined && on !== false) await services.models.describe(request, model);
    return allow(request, services, { kind: 'model', entry: model, on }, 'allowedModels');
  },
});

export const allowLora = defineCommand({
  name: 'easel-admin allow lora',
  description: 'Choose the LoRAs that members may use; without one, all',
  options: {
    lora: { type: 'string', maxLength: 200, autocomplete: 'lora', description: 'The LoRA' },
    ...onOption,
  },
  permission: 'admin',
  async run(request, { lora, on }, services) {
    const { prompts } = messagesFor(request.actor.locale);
    const loras = await services.extras.loras();
    const found = lora === undefined ? undefined : findLora(lora, loras);
    if (lora !== undefined && on !== false && found === undefined) {
      const known = loras.map(({ name }) => name);
      throw new UserError('unknown_lora', prompts.unknownLora(lora, nearest(lora, known), known.length));
    }
    return allow(request, services, { kind: 'lora', entry: found?.name ?? lora, on }, 'allowedLoras');
  },
});

export const allowStyle = defineCommand({
  name: 'easel-admin allow style',
  description: 'Choose the styles that members may use; without one, all',
  options: {
    style: { type: 'string', maxLength: 50, autocomplete: 'style', description: 'The style' },
    ...onOption,
  },
  permission: 'admin',
  async run(request, { style, on }, services) {
    const { rules } = messagesFor(request.actor.locale);
    const settings = await services.settings.of(request.origin.guild);
    const known = stylesOf({ ...settings, allowedStyles: null }).map(({ name }) => name);
    if (style !== undefined && !known.includes(style)) throw new UserError('unknown_style', rules.style(style, known));
    return allow(request, services, { kind: 'style', entry: style, on }, 'allowedStyles');
  },
});

/** Puts an entry on a list of what is allowed, or takes it off; an emptied list, like no entry, allows everything again. */
function allow<Key extends 'allowedChannels' | 'allowedModels' | 'allowedLoras' | 'allowedStyles'>(
  request: CommandRequest,
  services: Services,
  wish: { kind: ListKind; entry: NonNullable<GuildSettings[Key]>[number] | undefined; on: boolean | undefined },
  key: Key,
  mentions: readonly Mention[] = [],
): Promise<MessageReply> {
  const { kind, entry, on = true } = wish;
  return change(
    request,
    services,
    ({ admin }) => (entry === undefined ? admin.actions.allAllowed(kind) : admin.actions.allowed(kind, entry, on)),
    (settings) => {
      if (entry === undefined) return { ...settings, [key]: null };
      const list = settings[key] ?? [];
      const edited = on ? including<string>(list, entry) : excluding<string>(list, entry, kind, request);
      return { ...settings, [key]: edited.length === 0 ? null : edited };
    },
    mentions,
  );
}
