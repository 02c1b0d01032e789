import type { Acknowledgement } from '../../../test/fakes/slack/delivery.ts';
import type { FakeSlack } from '../../../test/fakes/slack/index.ts';
import type { Message } from '../../../test/fakes/slack/state.ts';
import type { Random } from '../random.ts';
import { type Crowd, QUICK } from './crowd.ts';

const CHANNELS = 6;
const PEOPLE = 6;
const BUTTONS = ['Refine', 'Upscale', 'Vary', 'Again'];
const NEWEST = 12;

/** People in a workspace of Slack. */
export function slackPeople(fake: FakeSlack): Crowd {
  const channels = Array.from({ length: CHANNELS }, (_, index) => fake.channel(`pictures-${index}`));
  const people = Array.from({ length: PEOPLE }, (_, index) => fake.person(`slack-person-${index}`));
  let asked = 0;
  return {
    platform: 'slack',
    async act(random) {
      const person = random.pick(people);
      const channel = random.pick(channels);
      const shown = fake.posts(channel).filter((message) => labelsOf(message).length > 0);
      if (shown.length === 0 || random.chance(0.6)) {
        asked += 1;
        answered(await person.slash(channel, '/imagine', quickLine(`Slack's picture ${asked}`, whims(random))));
        return;
      }
      const message = random.pick(shown.slice(-NEWEST));
      const labels = labelsOf(message);
      const offered = labels.filter((label) => BUTTONS.some((button) => label.startsWith(button)));
      if (labels.includes('Cancel')) {
        if (random.chance(0.3)) answered(await person.press(message, 'Cancel'));
      } else if (offered.length > 0) {
        answered(await person.press(message, random.pick(offered)));
      }
    },
    async askPlainly() {
      asked += 1;
      const prompt = `Slack's plain picture ${asked}`;
      const [person] = people;
      const [channel] = channels;
      if (person !== undefined && channel !== undefined)
        answered(await person.slash(channel, '/imagine', quickLine(prompt)));
      return prompt;
    },
  };
}

/** What a person types after /imagine. */
export function quickLine(prompt: string, whims: Readonly<Record<string, string | number>> = {}): string {
  return [prompt, ...Object.entries({ ...QUICK, ...whims }).map(([name, value]) => `--${name} ${value}`)].join(' ');
}

function whims(random: Random): Record<string, string | number> {
  return {
    ...(random.chance(0.15) && { count: random.whole(2, 4) }),
    ...(random.chance(0.05) && { steps: 60 }),
    ...(random.chance(0.03) && { size: '256x256', steps: 100 }),
    ...(random.chance(0.05) && { size: random.pick(['128x128', '192x128']) }),
  };
}

/** As Slack's client says it. */
function answered({ acknowledged }: Acknowledgement): void {
  if (!acknowledged) throw new Error('operation_timeout');
}

/** The labels of a message's buttons. */
export function labelsOf(message: Message): string[] {
  return message.blocks.flatMap((block) =>
    Array.isArray(block.elements)
      ? block.elements.flatMap((element) =>
          typeof element?.text?.text === 'string' && element.type === 'button' ? [String(element.text.text)] : [],
        )
      : [],
  );
}
