import type { FakeDiscord } from '../../../test/fakes/discord/index.ts';
import type { Person } from '../../../test/fakes/discord/person.ts';
import type { Channel, Message } from '../../../test/fakes/discord/state.ts';
import { buttonsOf } from '../../../test/fakes/discord/transcript.ts';
import type { Random } from '../random.ts';
import { type Crowd, QUICK } from './crowd.ts';

const GUILDS = 3;
const PEOPLE_PER_GUILD = 4;
const BUTTONS = ['Refine', 'Upscale', 'Vary', 'Again'];
/** They press buttons of the newest messages only, as people do. */
const NEWEST = 12;

/** People in some guilds of Discord. */
export function discordPeople(fake: FakeDiscord): Crowd {
  const people = Array.from({ length: GUILDS }, (_, index) => {
    const channel = fake.channel(fake.guild(`guild ${index}`), 'pictures');
    return Array.from({ length: PEOPLE_PER_GUILD }, (_, number) => fake.person(`person ${index}.${number}`, channel));
  }).flat();
  let asked = 0;
  return {
    platform: 'discord',
    async act(random) {
      const person = random.pick(people);
      const message = random.chance(0.4) ? pressable(fake, person.channel, random) : null;
      if (message === null) {
        asked += 1;
        await person.slash('imagine', { prompt: `Discord's picture ${asked}`, ...QUICK, ...whims(random) });
      } else {
        await press(person, message, random);
      }
    },
    async askPlainly() {
      asked += 1;
      const prompt = `Discord's plain picture ${asked}`;
      const [person] = people;
      await person?.slash('imagine', { prompt, ...QUICK });
      return prompt;
    },
  };
}

function whims(random: Random): Record<string, string | number | boolean> {
  return {
    ...(random.chance(0.15) && { count: random.whole(2, 4) }),
    ...(random.chance(0.1) && { private: true }),
    ...(random.chance(0.1) && { refine: 'on' }),
    ...(random.chance(0.05) && { steps: 60 }),
    ...(random.chance(0.03) && { size: '256x256', steps: 100 }),
    ...(random.chance(0.05) && { size: random.pick(['128x128', '192x128']) }),
    ...(random.chance(0.03) && { model: 'broken' }),
  };
}

function pressable(fake: FakeDiscord, channel: Channel, random: Random): Message | null {
  const shown = fake.world.messages.filter(
    (message) => message.channel === channel.id && !message.deleted && message.components.length > 0,
  );
  return shown.length === 0 ? null : random.pick(shown.slice(-NEWEST));
}

async function press(person: Person, message: Message, random: Random): Promise<void> {
  const labels = buttonsOf(message).map(({ label }) => label);
  // Who waits may lose patience; most do not.
  if (labels.includes('Cancel')) {
    if (random.chance(0.3)) await person.press(message, 'Cancel');
    return;
  }
  const offered = labels.filter((label) => BUTTONS.some((button) => label.startsWith(button)));
  if (offered.length > 0) await person.press(message, random.pick(offered));
}
