import { ApplicationCommandOptionType as Type } from 'discord.js';
import { z } from 'zod';
import type { RegisteredCommand } from './commands.ts';
import { attachmentJson, userJson } from './messages.ts';
import type { Channel, Json, World } from './state.ts';

/** A file that a person drops into an option. */
export interface DroppedFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}
export type OptionInput = string | number | boolean | DroppedFile;

const definition = z.looseObject({
  type: z.int(),
  name: z.string(),
  required: z.boolean().optional(),
  autocomplete: z.boolean().optional(),
  choices: z.array(z.looseObject({ value: z.union([z.string(), z.number()]) })).optional(),
  min_length: z.number().optional(),
  max_length: z.number().optional(),
  min_value: z.number().optional(),
  max_value: z.number().optional(),
  options: z.array(z.unknown()).optional(),
});
type Definition = z.infer<typeof definition>;

/**
 * The `data` of a slash command's interaction. As Discord's client does, it takes only what the registration knows:
 * throws for an unknown option, a missing one, or a value that is out of bounds.
 */
export function commandData(
  world: World,
  channel: Channel,
  base: string,
  command: RegisteredCommand,
  path: readonly string[],
  values: Readonly<Record<string, OptionInput>>,
  focused: string | null = null,
): Json {
  const resolved: Record<string, Record<string, unknown>> = {};
  const leaf = (definitions: readonly unknown[]): Json[] => {
    const known = definitions.map((each) => definition.parse(each));
    const unknown = Object.keys(values).find((name) => !known.some((each) => each.name === name));
    if (unknown !== undefined) throw new Error(`/${command.name} has no option ${unknown}.`);
    return known.flatMap((each) => {
      const value = values[each.name];
      if (value !== undefined) {
        const isFocused = each.name === focused;
        if (isFocused && each.autocomplete !== true) throw new Error(`${each.name} has no autocomplete.`);
        // What is being typed comes as it is, valid or not.
        const sent = isFocused ? String(value) : optionValue(world, channel, base, each, value, resolved);
        return [{ type: each.type, name: each.name, value: sent, ...(isFocused ? { focused: true } : {}) }];
      }
      if (each.required === true && focused === null) throw new Error(`/${command.name} needs ${each.name}.`);
      return [];
    });
  };
  const descend = (definitions: readonly unknown[], rest: readonly string[]): Json[] => {
    const [name, ...deeper] = rest;
    if (name === undefined) return leaf(definitions);
    const found = definitions.map((each) => definition.parse(each)).find((each) => each.name === name);
    if (found === undefined) throw new Error(`/${command.name} has no subcommand ${name}.`);
    return [{ type: found.type, name, options: descend(found.options ?? [], deeper) }];
  };
  const options = descend('options' in command ? z.array(z.unknown()).parse(command.options ?? []) : [], path);
  return {
    id: command.id,
    name: command.name,
    type: 1,
    options,
    ...(Object.keys(resolved).length > 0 ? { resolved } : {}),
  };
}

/** Uploads a file that a person drops into an option or a form; as Discord tells the bot of it. */
export function droppedJson(world: World, channel: Channel, base: string, file: DroppedFile): Json {
  const attachment = {
    ...{ id: world.ids.next(), filename: file.name, description: null, contentType: file.contentType },
    ...{ bytes: file.bytes, channel: channel.id, createdAt: world.now() },
  };
  world.attachments.set(attachment.id, attachment);
  return { ...attachmentJson(attachment, base), ephemeral: true };
}

function optionValue(
  world: World,
  channel: Channel,
  base: string,
  option: Definition,
  value: OptionInput,
  resolved: Record<string, Record<string, unknown>>,
): string | number | boolean {
  const resolve = (kind: string, id: string, json: Json): string => {
    resolved[kind] = { ...resolved[kind], [id]: json };
    return id;
  };
  const refuse = (why: string): never => {
    throw new Error(`Discord's client refuses ${option.name}: ${why}.`);
  };
  if (typeof value === 'object') {
    if (option.type !== Type.Attachment) return refuse('it takes no file');
    const attachment = droppedJson(world, channel, base, value);
    return resolve('attachments', String(attachment.id), attachment);
  }
  switch (option.type) {
    case Type.String: {
      const text = String(value);
      if (text.length < (option.min_length ?? 0) || text.length > (option.max_length ?? 6000)) refuse('its length');
      const choices = option.choices ?? [];
      if (choices.length > 0 && !choices.some((choice) => choice.value === text)) refuse('it is none of the choices');
      return text;
    }
    case Type.Integer:
    case Type.Number: {
      const number = Number(value);
      if (option.type === Type.Integer ? !Number.isSafeInteger(number) : !Number.isFinite(number)) refuse('no number');
      if (number < (option.min_value ?? -Infinity) || number > (option.max_value ?? Infinity)) refuse('out of bounds');
      return number;
    }
    case Type.Boolean:
      return value === true || value === 'true';
    case Type.User:
      return resolve('users', String(value), userJson(world.user(String(value))));
    case Type.Role:
      return resolve('roles', String(value), { id: String(value), name: 'role', permissions: '0', position: 1 });
    case Type.Channel:
      return resolve('channels', String(value), {
        id: String(value),
        type: 0,
        name: world.channel(String(value)).name,
      });
    default:
      return refuse(`its type ${option.type} is unknown to the fake`);
  }
}
