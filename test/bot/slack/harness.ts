import { z } from 'zod';
import type { PlatformHost } from '../../../bot/platform.ts';
import {
  createSlackPlatform,
  type SlackConfig,
  type SlackPlatform,
  type SlackPlatformOptions,
} from '../../../bot/slack/platform.ts';
import { watchedLog } from '../../canary.ts';
import type { Acknowledgement } from '../../fakes/slack/delivery.ts';
import { type FakeSlack, startFakeSlack } from '../../fakes/slack/index.ts';
import type { Person as FakePerson } from '../../fakes/slack/person.ts';
import type { Channel, Json, Message } from '../../fakes/slack/state.ts';
import { blockLines, decodeEntities, labelOf } from '../../fakes/slack/transcript.ts';
import type { Person, PlatformHarness, SeenForm, SeenMessage } from '../platform-harness.ts';

/** How Slack's events reach the adapter. */
export const TRANSPORTS = ['Socket Mode', 'signed HTTP'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** A started adapter and the fake workspace that it is installed in. */
export interface SlackSetup {
  readonly fake: FakeSlack;
  readonly platform: SlackPlatform;
  readonly general: Channel;
  close(): Promise<void>;
}

export function slackConfig(fake: FakeSlack, transport: Transport): SlackConfig {
  return {
    botToken: fake.tokens.bot,
    apiUrl: fake.apiUrl,
    port: 0,
    ...(transport === 'Socket Mode' ? { appToken: fake.tokens.app } : { signingSecret: fake.signingSecret }),
  };
}

export async function startSlack(
  host: PlatformHost,
  transport: Transport = 'Socket Mode',
  times: SlackPlatformOptions['times'] = {},
): Promise<SlackSetup> {
  const fake = await startFakeSlack();
  const log = watchedLog();
  const platform = createSlackPlatform({ config: slackConfig(fake, transport), log, now: fake.clock.now, times });
  await platform.start(host);
  if (platform.port !== null) fake.requestUrl = `http://127.0.0.1:${platform.port}/slack/events`;
  return {
    fake,
    platform,
    general: fake.channel('general'),
    async close() {
      await platform.stop();
      await fake.close();
    },
  };
}

/** The same, as the conformance suite of all platforms wants it. */
export async function slackHarness(host: PlatformHost, transport: Transport): Promise<PlatformHarness> {
  const { fake, platform, general, close } = await startSlack(host, transport);
  return {
    platform,
    asker: new Member(fake, fake.person('ann'), general),
    onlooker: new Member(fake, fake.person('bob'), general),
    async outage() {
      fake.faults.outage = true;
      return async () => {
        fake.faults.outage = false;
      };
    },
    close,
  };
}

/** A member of the channel, as the suite sees people. */
class Member implements Person {
  private readonly fake: FakeSlack;
  private readonly person: FakePerson;
  private readonly channel: Channel;

  constructor(fake: FakeSlack, person: FakePerson, channel: Channel) {
    this.fake = fake;
    this.person = person;
    this.channel = channel;
    channel.members.add(person.id);
  }

  get id(): string {
    return this.person.id;
  }

  async runs(command: string, options: Readonly<Record<string, string>>): Promise<void> {
    const [first = '', ...others] = Object.entries(options).map(([name, value], index) =>
      index === 0 ? value : `--${name} ${value}`,
    );
    inTime(await this.person.slash(this.channel, `/${command}`, [first, ...others].join(' ')));
  }

  async presses(message: SeenMessage, label: string): Promise<void> {
    const [channel = '', ts = ''] = message.id.split(':');
    const found = this.fake.workspace.find(channel, ts);
    if (!found) throw new Error(`the message ${message.id} is gone`);
    inTime(await this.person.press(found, label));
  }

  async pressesUnknownButton(): Promise<void> {
    const text = { type: 'plain_text', text: 'Old' };
    const button = { type: 'button', action_id: 'easel:run:nonsense:0.0', text, value: 'x' };
    const old: Message = {
      channel: this.channel.id,
      ts: this.fake.workspace.ts(),
      user: this.fake.workspace.bot.id,
      text: '',
      blocks: [{ type: 'actions', elements: [button] }],
      threadTs: null,
      ephemeralTo: null,
      files: [],
      edits: 0,
      deleted: false,
      reactions: new Map(),
      linkNames: false,
    };
    inTime(await this.person.press(old, 'Old'));
  }

  async submits(values: Readonly<Record<string, string>>): Promise<void> {
    const fields = (await this.openForm())?.fields ?? [];
    const byLabel = Object.entries(values).map(([name, value]) => [
      fields.find((field) => field.name === name)?.label ?? name,
      value,
    ]);
    inTime(await this.person.submit(Object.fromEntries(byLabel)));
  }

  async lastActIsRepeated(): Promise<void> {
    inTime(await this.fake.delivery.again());
  }

  async messages(): Promise<readonly SeenMessage[]> {
    const mine = new Set([this.channel.id, this.person.im.id]);
    return this.fake.workspace.messages
      .filter((message) => mine.has(message.channel) && message.user === this.fake.workspace.bot.id && !message.deleted)
      .filter((message) => message.ephemeralTo === null || message.ephemeralTo === this.id)
      .map((message) => seen(message, this.fake));
  }

  async openForm(): Promise<SeenForm | null> {
    const body = this.person.view?.body;
    if (!body) return null;
    const view = z
      .object({
        title: z.object({ text: z.string() }),
        blocks: z.array(
          z.object({
            block_id: z.string(),
            label: z.object({ text: z.string() }),
            element: z.object({ initial_value: z.string().default('') }),
          }),
        ),
      })
      .parse(body);
    return {
      title: decodeEntities(view.title.text),
      fields: view.blocks.map((block) => ({
        name: block.block_id,
        label: decodeEntities(block.label.text),
        value: block.element.initial_value,
      })),
    };
  }
}

function inTime(acknowledgement: Acknowledgement): void {
  if (!acknowledgement.acknowledged) throw new Error('not acknowledged within three seconds');
}

const pictureSchema = z.object({
  type: z.literal('image'),
  alt_text: z.string(),
  slack_file: z.object({ id: z.string() }),
});
const hiddenSchema = z.object({
  accessory: z.object({ action_id: z.string().startsWith('easel:reveal:'), value: z.string() }),
});

function seen(message: Message, fake: FakeSlack): SeenMessage {
  const bytesOf = (id: string) => fake.workspace.files.get(id)?.bytes ?? new Uint8Array();
  const pictures = message.blocks.flatMap((block) => {
    const shown = pictureSchema.safeParse(block);
    if (shown.success) return [{ alt: shown.data.alt_text, spoiler: false, bytes: bytesOf(shown.data.slack_file.id) }];
    const hidden = hiddenSchema.safeParse(block);
    if (!hidden.success) return [];
    const { file, alt } = z
      .object({ file: z.string(), alt: z.string() })
      .parse(JSON.parse(hidden.data.accessory.value));
    return [{ alt, spoiler: true, bytes: bytesOf(file) }];
  });
  const words = message.blocks.filter((block) => block.type !== 'image' && block.type !== 'actions');
  const text = words.flatMap((block) => blockLines(block, fake.workspace)).join('\n');
  return {
    id: `${message.channel}:${message.ts}`,
    text: message.blocks.length === 0 ? decodeEntities(message.text) : text,
    pictures,
    buttons: labelsOf(message),
    pings: fake.pings(message),
  };
}

/** The labels of a message's buttons. */
export function labelsOf({ blocks }: Message): string[] {
  return blocks
    .flatMap((block) =>
      block.type === 'actions' ? z.array(z.record(z.string(), z.unknown())).parse(block.elements) : [],
    )
    .map((element: Json) => labelOf(element));
}
