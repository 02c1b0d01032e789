import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isMarkedAsAi } from '../ai-mark.ts';
import { type Program, startProgram } from '../browser/program.ts';
import { type FakeDiscord, startFakeDiscord } from '../fakes/discord/index.ts';
import type { Channel as DiscordChannel } from '../fakes/discord/state.ts';
import { type FakeSlack, startFakeSlack } from '../fakes/slack/index.ts';
import type { Person } from '../fakes/slack/person.ts';
import type { Channel, Message } from '../fakes/slack/state.ts';

/** Drawing takes seconds, on a machine that may be busy. */
const SLOWLY = 240;

/** The whole program with the real engine and the miniature, between a fake Slack and a fake Discord. */
let slack: FakeSlack;
let discord: FakeDiscord;
let gallery: DiscordChannel;
let folder: string;
let program: Program;

async function begin(): Promise<void> {
  slack = await startFakeSlack();
  discord = await startFakeDiscord();
  gallery = discord.channel(discord.guild('Painters'), 'gallery');
  folder = await mkdtemp(join(tmpdir(), 'easel-'));
}

async function start(): Promise<void> {
  program = await startProgram(folder, 0, { ...slack.environment, ...discord.environment });
}

async function end(): Promise<void> {
  await program.stop();
  await slack.close();
  await discord.close();
  await rm(folder, { recursive: true });
}

/** The posts of a channel that show a finished picture. */
const finished = (channel: Channel) =>
  slack.posts(channel).filter((post) => /\[picture (?!preview)/.test(slack.text(post)));

const nth = (count: number, channel: Channel) =>
  slack.until(() => finished(channel)[count - 1], `picture ${count}`, SLOWLY);

/** The picture that a message shows, as Slack was given it. */
function pictureOf(message: Message): Uint8Array {
  const ids = message.blocks.flatMap((block) =>
    block.type === 'image' ? [(block.slack_file as { id: string }).id] : [],
  );
  return slack.workspace.files.get(ids[0] ?? '')?.bytes ?? new Uint8Array();
}

/** The pixels of the picture that a message shows, for comparing. */
async function pixels(message: Message) {
  return sharp(pictureOf(message)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
}

describe('Easel in Slack, over Socket Mode', { timeout: 600_000 }, () => {
  let general: Channel;
  let ann: Person;
  let boss: Person;
  let rooms = 0;

  beforeAll(async () => {
    await begin();
    await start();
  });

  afterAll(end);

  beforeEach(() => {
    rooms += 1;
    general = slack.channel(`room-${rooms}`);
    ann = slack.person(`ann-${rooms}`);
    boss = slack.person(`boss-${rooms}`, { admin: true });
  });

  it('imagines, refines by a reaction, upscales by a button, and reproduces on Discord', async () => {
    const bob = discord.person('bob', gallery);

    await ann.slash(general, '/imagine', 'a cat in the snow --seed 7 --steps 8');
    const placeholder = await slack.until(() => slack.posts(general)[0], 'the placeholder');
    expect(slack.text(placeholder)).toMatch(/a cat in the snow[\s\S]*about \d+ s[\s\S]*\{Cancel\}/);
    const drawn = await nth(1, general);
    expect(drawn.ts).toBe(placeholder.ts);
    expect(slack.text(drawn)).toContain('[picture');
    expect(slack.text(drawn)).toContain('"a cat in the snow"]');

    await ann.react(drawn, 'sparkles');
    const refined = await nth(2, general);
    await ann.press(refined, 'Upscale');
    const enlarged = await nth(3, general);
    expect((await pixels(enlarged)).info.width).toBeGreaterThan((await pixels(refined)).info.width);

    await ann.react(drawn, 'envelope');
    const letter = await slack.until(() => slack.posts(ann.im)[0], 'the recipe by direct message');
    const id = /Recipe ([0-9a-z]{16})/.exec(slack.text(letter))?.[1] ?? '';
    expect(id).toHaveLength(16);
    await bob.slash('reproduce', { target: id });
    const reproduced = await discord.until(
      () =>
        discord.world.messages
          .filter((message) => message.channel === gallery.id)
          .flatMap(({ attachments }) => attachments)
          .find(({ filename }) => filename.endsWith('.png')),
      'the same picture on Discord',
      SLOWLY,
    );
    const [here, there] = [await pixels(drawn), await sharp(reproduced.bytes).removeAlpha().raw().toBuffer()];
    expect(there.equals(here.data)).toBe(true);
    for (const bytes of [pictureOf(drawn), pictureOf(enlarged), reproduced.bytes]) {
      expect(await isMarkedAsAi(bytes)).toBe(true);
    }
  });

  it('draws once and charges once, though Slack delivers three times', async () => {
    await boss.slash(general, '/easel-admin', 'quota set 5 --unit pictures --window day');
    await slack.until(() => slack.transcript(general, boss).includes('5'), 'the quota');
    slack.delivery.copies = 3;
    await ann.slash(general, '/imagine', 'a red apple --seed 3 --steps 4');
    const drawn = await nth(1, general);
    await ann.react(drawn, 'repeat');
    await nth(2, general);
    slack.delivery.copies = 1;
    await ann.slash(general, '/quota');
    await slack.until(() => slack.transcript(general, ann).includes('2 of 5 used'), 'what was charged');
    expect(finished(general)).toHaveLength(2);
  });

  it('refuses members what only admins may do, and what is over the quota', async () => {
    const whispered = (words: string) =>
      slack.until(
        () => slack.posts(general).find((post) => post.ephemeralTo === ann.id && slack.text(post).includes(words)),
        words,
      );
    await ann.slash(general, '/easel-admin', 'pause');
    await whispered('Only an admin');
    await boss.slash(general, '/easel-admin', 'quota set 1 --unit pictures --window day');
    await slack.until(() => slack.transcript(general, boss).includes('Quota set'), 'the quota');
    await ann.slash(general, '/imagine', 'a red apple --steps 4');
    await nth(1, general);
    await ann.slash(general, '/imagine', 'a green apple --steps 4');
    await whispered('more than is left');
    await boss.slashEscaped(general, '/easel-admin', `quota grant <@${ann.id}|ann> --unit pictures --amount 1`);
    await slack.until(() => slack.transcript(general, boss).includes('Granted'), 'the grant');
    await ann.slash(general, '/imagine', 'a green apple --steps 4');
    await nth(2, general);
  });

  it('delivers one picture through cut connections, limits and a completion that fails', async () => {
    const before = slack.calls.length;
    slack.faults.add('upload', { kind: 'cut' });
    slack.faults.add('files.completeUploadExternal', { kind: 'error', error: 'internal_error' });
    slack.faults.add('files.completeUploadExternal', { kind: 'rate', seconds: 1 });
    await ann.slash(general, '/imagine', 'a boat at dusk --seed 5 --steps 4');
    await nth(1, general);
    expect(slack.posts(general)).toHaveLength(1);
    const reserved = slack.calls
      .slice(before)
      .filter(({ method, args }) => method === 'files.getUploadURLExternal' && args.filename !== 'preview.jpg');
    // Once for the upload that was cut, once for the one that only had to be completed again.
    expect(reserved.length).toBeLessThanOrEqual(2);
  });

  it('goes on after being killed in the middle: one picture, where it was promised', async () => {
    await ann.slash(general, '/imagine', 'a lighthouse --seed 11 --steps 60');
    await slack.until(() => /step [1-9]/.test(slack.transcript(general, ann)), 'the first steps', SLOWLY);
    await program.kill();
    await start();
    await nth(1, general);
    expect(slack.posts(general)).toHaveLength(1);
  });
});

describe('Easel in Slack, over signed HTTP', { timeout: 600_000 }, () => {
  beforeAll(begin);
  afterAll(end);

  it('works, private answers in the direct conversation', async () => {
    const general = slack.channel('general');
    const ann = slack.person('ann');
    const port = await freePort();
    program = await startProgram(folder, 0, {
      SLACK_BOT_TOKEN: slack.tokens.bot,
      SLACK_SIGNING_SECRET: slack.signingSecret,
      SLACK_PORT: String(port),
      SLACK_API_URL: slack.apiUrl,
    });
    slack.requestUrl = `http://127.0.0.1:${port}/slack/events`;
    await ann.slash(general, '/imagine', 'a secret garden --private --seed 2 --steps 4');
    await nth(1, ann.im);
    expect(slack.transcript(general, slack.person('bob'))).toBe('');
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
