import type { RESTPostAPIApplicationCommandsJSONBody } from 'discord.js';
import { z } from 'zod';
import type { Command } from '../../../commands/command.ts';
import type { DiscordApi } from '../transport/api.ts';
import { commandsJson } from './command-json.ts';

/** What was done to the commands that Discord knows, by name. */
export interface Registration {
  readonly saved: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
}

const registeredSchema = z.looseObject({ id: z.string(), name: z.string(), type: z.int().default(1) });

/**
 * Makes Discord know our commands, for all servers. Where nothing differs nothing is written, else all in one request: only
 * those that are new count against the 200 creations that Discord allows a day. Rejects with a `DiscordError`.
 */
export async function registerCommands(
  api: DiscordApi,
  application: string,
  commands: readonly Command[],
): Promise<Registration> {
  const wanted = commandsJson(commands);
  const registered = (await api.commands(application)).map((command) => registeredSchema.parse(command));
  const keyOf = ({ type = 1, name }: { type?: number | undefined; name: string }) => `${type} ${name}`;
  const known = new Map(registered.map((command) => [keyOf(command), command]));
  const different = wanted.filter((command) => comparable(command) !== comparable(known.get(keyOf(command))));
  const names = new Set(wanted.map(keyOf));
  const obsolete = registered.filter((command) => !names.has(keyOf(command)));
  if (different.length + obsolete.length > 0) await api.replaceCommands(application, wanted);
  return {
    saved: different.map(({ name }) => name),
    removed: obsolete.map(({ name }) => name),
    unchanged: wanted.length - different.length,
  };
}

/** Discord's defaults, for what a registration leaves out or what Discord adds to it. */
const localizations = z.record(z.string(), z.string()).nullable().default(null);
const optionSchema = z.object({
  type: z.int(),
  name: z.string(),
  description: z.string(),
  description_localizations: localizations,
  required: z.boolean().default(false),
  autocomplete: z.boolean().default(false),
  choices: z.array(z.object({ name: z.string(), value: z.union([z.string(), z.number()]) })).default([]),
  min_value: z.number().optional(),
  max_value: z.number().optional(),
  min_length: z.number().optional(),
  max_length: z.number().optional(),
  get options(): z.ZodDefault<z.ZodArray<typeof optionSchema>> {
    return z.array(optionSchema).default([]);
  },
});
const sorted = z.array(z.int()).transform((numbers) => numbers.toSorted((a, b) => a - b));
const commandSchema = z.object({
  type: z.int().default(1),
  name: z.string(),
  name_localizations: localizations,
  description: z.string().default(''),
  description_localizations: localizations,
  default_member_permissions: z.string().nullable().default(null),
  integration_types: sorted.default([0]),
  contexts: sorted.nullable().default(null),
  options: z.array(optionSchema).default([]),
});

/** What matters of a command, in one order; undefined where it is none. */
function comparable(command: RESTPostAPIApplicationCommandsJSONBody | object | undefined): string | undefined {
  const parsed = commandSchema.safeParse(command);
  return parsed.success ? JSON.stringify(parsed.data) : undefined;
}
