import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { OutgoingDelivery, Platform, PlatformHost } from '../../bot/platform.ts';
import { type Command, defineCommand } from '../../commands/command.ts';
import { type BlobKey, blobKeySchema, type JobId, jobIdSchema, pictureId } from '../../commands/ids.ts';
import type { AcceptedReply, MessageReply, Reply, ReplyPicture } from '../../commands/reply.ts';
import type { CommandRequest } from '../../commands/request.ts';

/** A message as one person's client shows it, free of any platform's markup. */
export interface SeenMessage {
  readonly id: string;
  /** All that can be read on it, as text with the platform's escaping undone: title, text, fields, progress. */
  readonly text: string;
  readonly pictures: readonly { readonly alt: string; readonly spoiler: boolean; readonly bytes: Uint8Array }[];
  readonly buttons: readonly string[];
  /** Whoever is notified by it: user ids, role ids, 'everyone', 'channel'. */
  readonly pings: readonly string[];
}

/** A form that is open before a person. */
export interface SeenForm {
  readonly title: string;
  readonly fields: readonly { readonly name: string; readonly label: string; readonly value: string }[];
}

/** Someone in a channel. Every act resolves when the platform has its acknowledgement, and rejects where that is late. */
export interface Person {
  /** The id that Easel's requests give this person. */
  readonly id: string;
  runs(command: string, options: Readonly<Record<string, string>>): Promise<void>;
  presses(message: SeenMessage, label: string): Promise<void>;
  /** Presses a button of a message that names a command of which this Easel knows nothing. */
  pressesUnknownButton(): Promise<void>;
  /** Sends the open form with these values in place of the given ones. */
  submits(values: Readonly<Record<string, string>>): Promise<void>;
  /** The platform or the network hands this person's last act over once more. */
  lastActIsRepeated(): Promise<void>;
  /** Easel's messages that this person can read now, oldest first. */
  messages(): Promise<readonly SeenMessage[]>;
  openForm(): Promise<SeenForm | null>;
}

/** A started platform adapter, the service it talks to, and two people in one channel. */
export interface PlatformHarness {
  readonly platform: Platform;
  readonly asker: Person;
  readonly onlooker: Person;
  /** The service fails every call as a server in trouble does, until the returned function ends it. */
  outage(): Promise<() => Promise<void>>;
  /** Stops the platform (harmless where it is stopped) and the service. */
  close(): Promise<void>;
}

export type MakeHarness = (host: PlatformHost) => Promise<PlatformHarness>;

export const JOB = jobIdSchema.parse('0190a7a0-0000-7000-8000-000000000001');

/** The commands that the suite's people use; what they answer is each test's own. */
const commands: readonly Command[] = [
  defineCommand({
    name: 'imagine',
    description: 'Draw a picture',
    permission: 'everyone',
    options: {
      prompt: { type: 'string', description: 'What to draw', required: true, maxLength: 4000 },
      seed: { type: 'integer', description: 'The same seed draws the same picture', min: 0, max: 2 ** 53 - 1 },
      picture: {
        type: 'attachment',
        description: 'A picture to start from; where it is transparent, only that is drawn',
      },
    },
    run: notRun,
  }),
  defineCommand({
    name: 'refine',
    description: 'Add detail',
    permission: 'everyone',
    options: { target: { type: 'string', description: 'The picture', required: true, maxLength: 100 } },
    onPicture: { label: 'Refine', reactions: ['sparkles'] },
    run: notRun,
  }),
  defineCommand({
    name: 'edit',
    description: 'Change the recipe',
    permission: 'everyone',
    options: { target: { type: 'string', description: 'The picture', required: true, maxLength: 100 } },
    onPicture: { label: 'Edit', reactions: [] },
    run: notRun,
  }),
];

async function notRun(): Promise<Reply> {
  throw new Error('The suite answers requests itself.');
}

/** A host whose answers a test sets, and which keeps what it was asked. */
export class ScriptedHost implements PlatformHost {
  readonly commands = commands;
  readonly requests: CommandRequest[] = [];
  /** Why the platform cannot go on. */
  readonly gaveUp: Error[] = [];
  readonly blobs = new Map<BlobKey, Uint8Array>();
  /** Where the answer to the last request goes, as the outbox would know it. */
  replyTo: unknown = null;
  acceptedAt = new Date();
  answer: (request: CommandRequest) => Promise<Reply> = async () => plainMessage('Nothing to say.');

  async dispatch(request: CommandRequest): Promise<Reply> {
    this.requests.push(request);
    this.replyTo = request.replyTo;
    this.acceptedAt = new Date();
    if (!commands.some((command) => command.name === request.command)) {
      return { ...plainMessage(`There is no command named ${request.command}.`), visibility: 'private' };
    }
    return this.answer(request);
  }

  async reactionCommand(): Promise<string | null> {
    return null;
  }

  async suggest(): Promise<readonly { name: string; value: string }[]> {
    return [];
  }

  async mayShow(): Promise<boolean> {
    return true;
  }

  async readBlob(key: BlobKey): Promise<Uint8Array> {
    const bytes = this.blobs.get(key);
    if (bytes === undefined) throw new Error(`The test has no blob ${key}.`);
    return bytes;
  }

  async keepReplyTo(_job: JobId, replyTo: unknown): Promise<void> {
    // Kept as the store keeps it: as JSON.
    this.replyTo = JSON.parse(JSON.stringify(replyTo));
  }

  giveUp(error: Error): void {
    this.gaveUp.push(error);
  }

  async addPicture(index: number, alt: string): Promise<ReplyPicture> {
    const background = { r: 40 * index, g: 90, b: 160 };
    const bytes = await sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .png()
      .toBuffer();
    const blob = blobKeySchema.parse(createHash('sha256').update(bytes).digest('hex'));
    this.blobs.set(blob, bytes);
    const id = pictureId(JOB, index);
    return { id, blob, name: `cat-${index}.png`, alt, width: 64, height: 48, spoiler: false };
  }

  /** The delivery that answers the last request; `partial` is what earlier tries saved. */
  delivery(message: MessageReply, nonce: string): OutgoingDelivery & { partial: unknown } {
    const delivery = {
      job: JOB,
      acceptedAt: this.acceptedAt,
      replyTo: this.replyTo,
      message,
      nonce,
      readBlob: (key: BlobKey) => this.readBlob(key),
      partial: null as unknown,
      savePartial: async (partial: unknown) => {
        // Kept as the outbox keeps it: as JSON.
        delivery.partial = JSON.parse(JSON.stringify(partial));
      },
    };
    return delivery;
  }
}

export function plainMessage(text: string): MessageReply {
  return { kind: 'message', visibility: 'public', text };
}

export function accepted(text: string, place: number): AcceptedReply {
  return {
    kind: 'accepted',
    job: JOB,
    visibility: 'public',
    text,
    place,
    expectedSeconds: 12,
    buttons: [[{ command: 'cancel', target: JOB, label: 'Cancel', style: 'danger' }]],
    repeated: false,
  };
}
