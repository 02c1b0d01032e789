import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Newest } from '../../newest.ts';
import { phrasesFor } from '../phrases.ts';
import { type Names, unnamedIds } from '../render/readable.ts';
import type { SlackApi } from '../transport/api.ts';
import { SlackError } from '../transport/slack-error.ts';
import type { People } from './people.ts';

/** A prompt waits no longer for names. */
const PATIENCE_MS = 1_500;
/** Of one text. */
const MAX_LOOKED_UP = 10;
const LIFETIME_MS = 10 * 60_000;
const CAPACITY = 1_000;

const channelSchema = z.object({ channel: z.object({ name: z.string() }) });

/** What the people and channels are called that a text names by their ids. */
export class NameBook {
  private readonly api: SlackApi;
  private readonly people: Pick<People, 'find'>;
  private readonly channels = new Newest<string, { readonly name: string | null; readonly at: number }>(CAPACITY);

  constructor(api: SlackApi, people: Pick<People, 'find'>) {
    this.api = api;
    this.people = people;
  }

  /** Whoever cannot be looked up in time has a neutral word in the reader's language. */
  async of(text: string, locale: string): Promise<Names> {
    const { users, channels } = unnamedIds(text);
    const found = new Map<string, string>();
    const look = async (ids: readonly string[], nameOf: (id: string) => Promise<string | null>): Promise<void> => {
      const looking = ids.slice(0, MAX_LOOKED_UP).map(async (id) => found.set(id, (await nameOf(id)) ?? ''));
      await Promise.allSettled(looking);
    };
    if (users.length + channels.length > 0) {
      const enough = new AbortController();
      await Promise.race([
        Promise.all([look(users, (id) => this.userName(id)), look(channels, (id) => this.channelName(id))]),
        sleep(PATIENCE_MS, null, { signal: enough.signal }).catch(() => null),
      ]);
      enough.abort();
    }
    return { of: new Map([...found].filter(([, name]) => name !== '')), unknown: phrasesFor(locale).unnamed };
  }

  private async userName(id: string): Promise<string | null> {
    const { name } = (await this.people.find(id)).actor;
    return name === id ? null : name;
  }

  /** Without the scope, or of a channel that is not shown to Easel, there is none; that is remembered, too. */
  private async channelName(id: string): Promise<string | null> {
    const known = this.channels.get(id);
    if (known !== undefined && performance.now() - known.at < LIFETIME_MS) return known.name;
    const name = await this.api.call('conversations.info', { channel: id }, channelSchema).then(
      ({ channel }) => channel.name,
      (error: unknown) => {
        if (error instanceof SlackError) return null;
        throw error;
      },
    );
    this.channels.set(id, { name, at: performance.now() });
    return name;
  }
}
