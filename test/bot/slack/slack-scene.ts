import type { CommandRequest } from '../../../commands/request.ts';
import type { FakeSlack } from '../../fakes/slack/index.ts';
import type { Person } from '../../fakes/slack/person.ts';
import type { Channel, Message } from '../../fakes/slack/state.ts';
import { plainMessage } from '../platform-harness.ts';
import { type SlackSetup, startSlack, type Transport } from './harness.ts';
import { SlackHost } from './slack-host.ts';

/** A channel in Slack, and ann, who speaks German. */
export class SlackScene {
  readonly host: SlackHost;
  readonly fake: FakeSlack;
  readonly general: Channel;
  readonly ann: Person;
  private readonly setup: SlackSetup;

  private constructor(host: SlackHost, setup: SlackSetup) {
    this.host = host;
    this.setup = setup;
    this.fake = setup.fake;
    this.general = setup.general;
    this.ann = setup.fake.person('ann', { locale: 'de-DE' });
  }

  static async open(transport: Transport): Promise<SlackScene> {
    const host = new SlackHost();
    return new SlackScene(host, await startSlack(host, transport));
  }

  /** Stops the adapter once all that it has in hand is done. */
  stop(): Promise<void> {
    return this.setup.platform.stop();
  }

  close(): Promise<void> {
    return this.setup.close();
  }

  /** The channel as this person's client shows it. */
  reads(person = this.ann): string {
    return this.fake.transcript(this.general, person);
  }

  /** The request with this number, from 1 on, once it has come. */
  async asked(number = 1): Promise<CommandRequest> {
    const { requests } = this.host;
    await this.fake.until(() => requests.length >= number, `${number} requests`);
    return requests[number - 1]!;
  }

  /** A finished picture of ours, in the channel or in a thread. */
  async picture(thread?: Message): Promise<Message> {
    const { ann, fake, general, host } = this;
    const shown = await host.addPicture(0, 'a cat');
    host.answer = async () => ({
      ...plainMessage('Seed 7'),
      pictures: [shown],
      buttons: [[{ command: 'refine', target: shown.id!, label: 'Refine', style: 'primary' }]],
    });
    if (thread) ann.say(general, `<@${fake.workspace.bot.id}> imagine a cat`, [], thread);
    else await ann.slash(general, '/imagine', 'a cat');
    const message = await fake.until(
      () => fake.posts(general).find((post) => fake.text(post).includes('Seed 7')),
      'the picture',
    );
    host.requests.length = 0;
    host.answer = async () => ({ ...plainMessage('Refining'), visibility: 'public' });
    return message;
  }
}
