import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { CANARY } from '../../canary.ts';
import type { Clock } from '../clock.ts';
import { messageBlocksSchema } from './limits.ts';
import type { Message, Workspace } from './state.ts';

/** "Up to 5 times within 30 minutes." */
const USES = 5;
const LIFETIME_MS = 30 * 60_000;

interface Issued {
  readonly channel: string;
  readonly user: string;
  /** The message that was pressed, which the answer may replace or delete. */
  readonly message: Message | null;
  readonly at: number;
  uses: number;
}

const answerSchema = z.object({
  text: z.string().optional(),
  blocks: messageBlocksSchema.optional(),
  response_type: z.enum(['ephemeral', 'in_channel']).optional(),
  replace_original: z.boolean().optional(),
  delete_original: z.boolean().optional(),
  thread_ts: z.string().optional(),
});

/** The addresses that come with commands and presses: they answer anywhere, even where the bot is no member. */
export class ResponseUrls {
  private readonly issued = new Map<string, Issued>();
  private readonly workspace: Workspace;
  private readonly clock: Clock;

  constructor(workspace: Workspace, clock: Clock) {
    this.workspace = workspace;
    this.clock = clock;
  }

  issue(channel: string, user: string, message: Message | null): string {
    const id = `${CANARY}-${randomUUID()}`;
    this.issued.set(id, { channel, user, message, at: this.clock.now(), uses: 0 });
    return id;
  }

  use(id: string, body: string): { status: number; text: string } {
    const url = this.issued.get(id);
    if (!url || this.clock.now() - url.at > LIFETIME_MS) return { status: 404, text: 'expired_url' };
    if (url.uses >= USES) return { status: 404, text: 'used_url' };
    const answer = answerSchema.safeParse(JSON.parse(body));
    if (!answer.success) return { status: 400, text: 'invalid_blocks' };
    url.uses += 1;
    const { text = '', blocks = [], response_type, replace_original, delete_original, thread_ts } = answer.data;
    if (delete_original === true && url.message) {
      url.message.deleted = true;
    } else if (replace_original === true && url.message) {
      url.message.text = text;
      url.message.blocks = blocks;
      url.message.edits += 1;
    } else {
      this.workspace.post({
        channel: url.channel,
        user: this.workspace.bot.id,
        text,
        blocks,
        threadTs: thread_ts ?? null,
        ephemeralTo: response_type === 'in_channel' ? null : url.user,
      });
    }
    return { status: 200, text: 'ok' };
  }
}
