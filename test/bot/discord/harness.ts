import { createDiscordPlatform, type DiscordPlatform } from '../../../bot/discord/platform.ts';
import type { PlatformHost } from '../../../bot/platform.ts';
import { watchedLog } from '../../canary.ts';
import { type FakeDiscord, startFakeDiscord } from '../../fakes/discord/index.ts';
import type { Person as FakePerson } from '../../fakes/discord/person.ts';
import type { Channel, Guild, Message } from '../../fakes/discord/state.ts';
import { buttonsOf, isPicture, isSpoiler, messageLines } from '../../fakes/discord/transcript.ts';
import type { Person, PlatformHarness, SeenForm, SeenMessage } from '../platform-harness.ts';

/** A started adapter and the fake Discord that it is connected to, with one guild and one channel. */
export interface DiscordSetup {
  readonly fake: FakeDiscord;
  readonly platform: DiscordPlatform;
  readonly guild: Guild;
  readonly general: Channel;
  /** The adapter's log lines, as pino writes them. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export const silentLog = watchedLog();

export interface SetupOptions {
  /** Before the adapter connects. */
  readonly prepare?: (fake: FakeDiscord, guild: Guild) => void;
  /** How long Discord may take to answer a call. */
  readonly timeoutMs?: number;
}

export async function startDiscord(
  host: PlatformHost,
  { prepare, timeoutMs }: SetupOptions = {},
): Promise<DiscordSetup> {
  const fake = await startFakeDiscord();
  const guild = fake.guild('Painters');
  const general = fake.channel(guild, 'general');
  prepare?.(fake, guild);
  const log: string[] = [];
  const platform = createDiscordPlatform({
    config: { token: fake.token, applicationId: fake.applicationId, apiUrl: fake.apiUrl },
    log: watchedLog((line) => void log.push(line)),
    now: fake.clock.now,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  try {
    await platform.start(host);
  } catch (error) {
    await fake.close();
    throw error;
  }
  return {
    fake,
    platform,
    guild,
    general,
    log,
    async close() {
      await platform.stop();
      await fake.close();
    },
  };
}

/** The same, as the conformance suite of all platforms wants it. */
export async function discordHarness(host: PlatformHost): Promise<PlatformHarness> {
  const { fake, platform, general, close } = await startDiscord(host);
  return {
    platform,
    asker: new Member(fake, fake.person('ann', general)),
    onlooker: new Member(fake, fake.person('bob', general)),
    async outage() {
      const end = fake.faults.outage();
      return async () => end();
    },
    close,
  };
}

/** A message as its reader sees it, with markdown's escapes undone. */
export function seen(message: Message): SeenMessage {
  return {
    id: message.id,
    text: messageLines(message).join('\n'),
    pictures: message.attachments.filter(isPicture).map((attachment) => ({
      alt: attachment.description ?? '',
      spoiler: isSpoiler(attachment),
      bytes: attachment.bytes,
    })),
    buttons: buttonsOf(message).map(({ label }) => label),
    pings: [...message.pings],
  };
}

/** A member of the channel, as the suite sees people. */
class Member implements Person {
  private readonly fake: FakeDiscord;
  private readonly person: FakePerson;

  constructor(fake: FakeDiscord, person: FakePerson) {
    this.fake = fake;
    this.person = person;
  }

  get id(): string {
    return this.person.id;
  }

  async runs(command: string, options: Readonly<Record<string, string>>): Promise<void> {
    await this.person.slash(command, options);
  }

  async presses(message: SeenMessage, label: string): Promise<void> {
    const found = this.person.sees().find(({ id }) => id === message.id);
    if (found === undefined) throw new Error(`The message ${message.id} is gone.`);
    await this.person.press(found, label);
  }

  async pressesUnknownButton(): Promise<void> {
    // On a message that has been deleted meanwhile, so that nobody else sees it.
    const old = this.person.post('once upon a time');
    old.deleted = true;
    await this.person.pressCustomId(old, 'easel:nonsense:1');
  }

  async submits(values: Readonly<Record<string, string>>): Promise<void> {
    await this.person.submit(values);
  }

  async lastActIsRepeated(): Promise<void> {
    const calls = this.fake.calls.length;
    this.person.repeatLast();
    await this.fake.until(() => this.fake.calls.length > calls, 'an answer to the repeated act');
  }

  async messages(): Promise<readonly SeenMessage[]> {
    return this.person.seesOfBot().map(seen);
  }

  async openForm(): Promise<SeenForm | null> {
    const { form } = this.person;
    if (form === null) return null;
    return {
      title: form.title,
      fields: form.inputs.map(({ id, label, value }) => ({ name: id, label, value })),
    };
  }
}
