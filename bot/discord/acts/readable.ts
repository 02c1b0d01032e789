import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'discord.js';
import type { Command } from '../../../commands/command.ts';
import type { CommandRequest } from '../../../commands/request.ts';
import { Newest } from '../../newest.ts';
import { phrasesFor } from '../phrases.ts';
import type { DiscordApi } from '../transport/api.ts';
import { DiscordError } from '../transport/discord-error.ts';

/** A prompt waits no longer for names. */
const PATIENCE_MS = 700;
/** Of one text. */
const MAX_LOOKED_UP = 10;
const CAPACITY = 1_000;

/** https://discord.com/developers/docs/reference#message-formatting-formats */
const MARKUP = /<(?:(@!?|@&|#)(\d{1,20})|a?:(\w{1,100}):\d{1,20}|t:(-?\d{1,13})(?::\w)?|\/([\w -]{1,100}):\d{1,20})>/g;

/** What ids are called, and what stands for those without a name. */
export interface Names {
  readonly of: (mark: '@' | '@&' | '#', id: string) => string | undefined;
  readonly unknown: Readonly<Record<'user' | 'role' | 'channel', string>>;
}

/** Mentions, emoji and times of a text as the words that the person saw: `<@1>` is @ann, `<:big_cat:2>` is big cat. */
export function readableMarkup(text: string, { of, unknown }: Names): string {
  return text.replace(MARKUP, (whole, mark?: string, id = '', emoji?: string, seconds?: string, command?: string) => {
    if (emoji !== undefined) return emoji.replaceAll('_', ' ').trim() || whole;
    if (seconds !== undefined) return dayOf(Number(seconds)) ?? whole;
    if (command !== undefined) return `/${command}`;
    if (mark === '#') return `#${of('#', id) ?? unknown.channel}`;
    if (mark === '@&') return `@${of('@&', id) ?? unknown.role}`;
    return `@${of('@', id) ?? unknown.user}`;
  });
}

function dayOf(seconds: number): string | null {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 16).replace('T', ' ');
}

interface ReaderParts {
  readonly client: Client;
  readonly api: Pick<DiscordApi, 'userName'>;
  readonly commands: readonly Command[];
}

/** Makes prompts say what their person reads. */
export class Reader {
  private readonly parts: ReaderParts;
  private readonly people = new Newest<string, string>(CAPACITY);

  constructor(parts: ReaderParts) {
    this.parts = parts;
  }

  /** The request with its prose in words. Prose is what takes several lines: elsewhere an id may be meant. */
  async read(request: CommandRequest): Promise<CommandRequest> {
    const definitions = this.parts.commands.find(({ name }) => name === request.command)?.options ?? {};
    const prose = Object.entries(request.options).flatMap(([name, value]) => {
      const definition = definitions[name];
      const isProse = definition?.type === 'string' && definition.multiline === true;
      return isProse && typeof value === 'string' && value.search(MARKUP) >= 0 ? [[name, value] as const] : [];
    });
    if (prose.length === 0) return request;
    const names = await this.namesFor(request, prose.map(([, text]) => text).join(' '));
    const read = prose.map(([name, text]) => [name, readableMarkup(text, names)]);
    return { ...request, options: { ...request.options, ...Object.fromEntries(read) } };
  }

  private async namesFor({ origin, actor }: CommandRequest, text: string): Promise<Names> {
    const { client } = this.parts;
    const guild = client.guilds.cache.get(origin.guild);
    const nameOfUser = (id: string): string | undefined =>
      guild?.members.cache.get(id)?.displayName ?? client.users.cache.get(id)?.displayName ?? this.people.get(id);
    const ids = [...text.matchAll(MARKUP)].flatMap(([, mark, id]) =>
      (mark === '@' || mark === '@!') && id !== undefined && nameOfUser(id) === undefined ? [id] : [],
    );
    await this.lookUp([...new Set(ids)].slice(0, MAX_LOOKED_UP));
    return {
      of(mark, id) {
        if (mark === '@') return nameOfUser(id);
        if (mark === '@&') return guild?.roles.cache.get(id)?.name;
        const channel = client.channels.cache.get(id);
        // A channel's name of another server is not for this one.
        return channel !== undefined && 'guildId' in channel && channel.guildId === origin.guild
          ? (channel.name ?? undefined)
          : undefined;
      },
      unknown: phrasesFor(actor.locale).unnamed,
    };
  }

  private async lookUp(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const enough = new AbortController();
    const looking = ids.map(async (id) => {
      try {
        this.people.set(id, await this.parts.api.userName(id));
      } catch (error) {
        if (!(error instanceof DiscordError)) throw error;
      }
    });
    await Promise.race([Promise.all(looking), sleep(PATIENCE_MS, null, { signal: enough.signal }).catch(() => null)]);
    enough.abort();
  }
}
