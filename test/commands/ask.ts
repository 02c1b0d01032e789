import { channelIdSchema, messageIdSchema } from '../../commands/ids.ts';
import { findCommand } from '../../commands/index.ts';
import type { Picture } from '../../commands/job.ts';
import { parseOptions } from '../../commands/parse-options.ts';
import type { Reply } from '../../commands/reply.ts';
import { type Attachment, type CommandRequest, originSchema, placeSchema } from '../../commands/request.ts';
import type { MemoryServices } from './memory-services.ts';

let events = 0;

export interface Person {
  readonly user?: string;
  readonly guild?: string;
  readonly platform?: 'discord' | 'slack' | 'web';
  readonly admin?: boolean;
  readonly locale?: string;
  readonly ageRestricted?: boolean;
  readonly message?: string;
  /** That message was forwarded from this channel to where the person is. */
  readonly forwardedFrom?: string;
  readonly event?: string;
  readonly channel?: string;
  /** What the channel belongs to. */
  readonly within?: readonly string[];
  /** In a direct conversation. */
  readonly direct?: boolean;
}

/** Runs a command as the program does: options are parsed by its definitions, then it runs. */
export async function ask(
  services: MemoryServices,
  command: string,
  options: Record<string, unknown> = {},
  person: Person = {},
): Promise<Reply> {
  const found = findCommand(command);
  if (found === undefined) throw new Error(`There is no command ${command}.`);
  const request = requestOf(command, options, person);
  return found.run(request, parseOptions(found.options, options), services);
}

/** The pictures of a cat that somebody asked for and a worker drew. */
export async function drawn(
  services: MemoryServices,
  options: Record<string, unknown> = {},
  person: Person = {},
): Promise<readonly Picture[]> {
  await ask(services, 'imagine', { prompt: 'a cat', seed: 7, ...options }, person);
  return services.finishLast();
}

export function requestOf(command: string, options: Record<string, unknown> = {}, person: Person = {}): CommandRequest {
  const origin = originSchema.parse({
    platform: person.platform ?? 'discord',
    guild: person.guild ?? 'guild',
    channel: person.channel ?? 'channel',
    user: person.user ?? 'ann',
    event: person.event ?? `event-${++events}`,
  });
  return {
    origin,
    actor: { name: 'Ann', roles: [], admin: person.admin ?? false, locale: person.locale ?? 'en' },
    place: placeSchema.parse({
      ageRestricted: person.ageRestricted ?? false,
      direct: person.direct ?? false,
      ...(person.within && { within: person.within }),
    }),
    command,
    options,
    ...(person.message === undefined
      ? {}
      : {
          message: {
            channel: person.forwardedFrom === undefined ? origin.channel : channelIdSchema.parse(person.forwardedFrom),
            id: messageIdSchema.parse(person.message),
            ...(person.forwardedFrom === undefined ? {} : { forwarded: true }),
          },
        }),
    replyTo: null,
  };
}

export function attachment(bytes: Uint8Array, name = 'a.png'): Attachment {
  return { name, contentType: null, byteLength: bytes.length, fetch: async () => bytes };
}
