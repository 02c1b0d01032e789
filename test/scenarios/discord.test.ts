import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PermissionFlagsBits } from 'discord.js';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hostileTexts } from '../bot/hostile-texts.ts';
import { type Program, startProgram } from '../browser/program.ts';
import { type FakeDiscord, startFakeDiscord } from '../fakes/discord/index.ts';
import type { Person } from '../fakes/discord/person.ts';
import type { Channel, Message } from '../fakes/discord/state.ts';
import { isPicture } from '../fakes/discord/transcript.ts';

/** Drawing takes seconds, on a machine that may be busy. */
const SLOWLY = 120;
const QUARTER_HOUR = 15 * 60_000;
/** As few pixels and steps as the miniature can do, where it is not about the picture. */
const QUICK = { steps: 2, size: '128x128', refine: 'off' };

/** The whole program with the real engine and the miniature, and people on a fake Discord. */
let fake: FakeDiscord;
let folder: string;
let program: Program | undefined;
let gallery: Channel;
let ann: Person;

async function begin(): Promise<void> {
  fake = await startFakeDiscord();
  folder = await mkdtemp(join(tmpdir(), 'easel-'));
  await start();
}

async function start(): Promise<void> {
  program = await startProgram(folder, 0, fake.environment);
}

async function end(): Promise<void> {
  await program?.stop();
  program = undefined;
  await fake.close();
  await rm(folder, { recursive: true });
}

/** A guild with a channel, and Ann in it. */
function enterGuild(): void {
  gallery = fake.channel(fake.guild('Painters'), 'gallery');
  ann = fake.person('ann', gallery);
}

const shownPictures = (message: Message) =>
  message.attachments.filter((file) => isPicture(file) && file.filename !== 'preview.jpg');
/** The bot's messages that show finished pictures, as this person sees them. */
const finished = (person = ann) => person.seesOfBot().filter((message) => shownPictures(message).length > 0);
const nth = (count: number, person = ann) =>
  fake.until(() => finished(person)[count - 1], `picture ${count} in\n${person.reads()}`, SLOWLY);
const size = async (message: Message) => sharp(shownPictures(message)[0]!.bytes).metadata();
const reads = (text: string | RegExp, person = ann) =>
  fake.until(() => person.reads().match(text), `${text} in\n${person.reads()}`, SLOWLY);

// Starting the program is the slowest part: people of one guild do not meet those of another, so these share it.
describe('Easel on Discord', { timeout: 400_000 }, () => {
  beforeAll(begin);
  afterAll(end);
  beforeEach(enterGuild);

  it('imagines, refines by a reaction, upscales by a button, edits by a form, and deletes', async () => {
    await ann.slash('imagine', { prompt: 'a cat in the snow', seed: 7, refine: 'off' });
    expect(ann.reads()).toMatch(/about \d+ s\n.*a cat in the snow/);
    await reads(/step \d+ of \d+/);
    const drawn = await nth(1);
    expect(ann.seesOfBot()).toHaveLength(1);
    expect(shownPictures(drawn)[0]!.description).toBe('a cat in the snow');
    expect(ann.reads()).toContain('seed 7');

    ann.react(drawn, '✨');
    const refined = await nth(2);
    expect(refined.reference).toBe(drawn.id);
    await ann.press(refined, 'Upscale');
    const enlarged = await nth(3);
    expect((await size(enlarged)).width).toBe(((await size(refined)).width ?? 0) * 2);

    await ann.press(drawn, 'Edit');
    expect(ann.form?.inputs.find(({ id }) => id === 'prompt')?.value).toBe('a cat in the snow');
    await ann.submit({ prompt: 'a dog in the snow', steps: '2', size: '128x128' });
    const edited = await nth(4);
    expect(shownPictures(edited)[0]!.description).toBe('a dog in the snow');

    ann.react(drawn, '✉️');
    const room = ann.channel;
    ann.entersDirectConversation();
    await reads('a cat in the snow');
    ann.enters(room);
    ann.react(edited, '❌');
    await fake.until(() => finished().length === 3, 'the deletion');
    expect(finished().every((message) => message.notified.size === 0)).toBe(true);
  });

  it('draws several pictures: all on one message, each with its own buttons', async () => {
    await ann.slash('imagine', { ...QUICK, prompt: 'a fox', count: 3, private: true });
    const drawn = await nth(1);
    expect(shownPictures(drawn)).toHaveLength(3);
    expect(new Set(shownPictures(drawn).map(({ bytes }) => Buffer.from(bytes).toString('base64'))).size).toBe(3);
    const bob = fake.person('bob', gallery);
    expect(bob.reads()).toBe('');
    await ann.press(drawn, 'Upscale 3');
    const enlarged = await nth(2);
    expect((await size(enlarged)).width).toBe(256);
  });

  it('refuses what is over the quota until an admin grants more, and members what only admins may', async () => {
    const boss = fake.person('boss', gallery, { permissions: PermissionFlagsBits.ManageGuild });
    await ann.slash('easel-admin pause');
    await reads(/only you can see this\): .*admin/i);
    await boss.slash('easel-admin quota set', { amount: 1, unit: 'pictures', window: 'day' });
    await ann.slash('imagine', { ...QUICK, prompt: 'one apple' });
    await nth(1);
    await ann.slash('imagine', { ...QUICK, prompt: 'two apples' });
    await reads('1 of 1');
    expect(finished()).toHaveLength(1);
    await boss.slash('easel-admin quota grant', { user: ann.id, unit: 'pictures', amount: 1 });
    await reads(/grant|bonus/i, boss);
    await ann.slash('imagine', { ...QUICK, prompt: 'three apples' });
    await nth(2);
  });

  it('serves 30 requests of three guilds fairly, though one person asks for most', async () => {
    const boss = fake.person('boss', gallery, { permissions: PermissionFlagsBits.ManageGuild });
    await boss.slash('easel-admin limit concurrent', { count: 20 });
    await reads(/20/, boss);
    const others = ['second', 'third'].map((name) => {
      const room = fake.channel(fake.guild(name), 'general');
      return Array.from({ length: 5 }, (_, index) => fake.person(`${name} ${index}`, room));
    });
    const few = { steps: 4, size: '128x128', refine: 'off' };
    for (let index = 0; index < 20; index++) await ann.slash('imagine', { ...few, prompt: `pear ${index}` });
    for (const people of others) {
      for (const person of people) await person.slash('imagine', { ...few, prompt: 'a plum' });
    }
    const before = finished(ann).length;
    await Promise.all(others.map(([viewer]) => nth(5, viewer)));
    // A guild's turn comes as often as another's; two jobs are in hand, and what is done may not be delivered yet.
    expect(finished(ann).length).toBeLessThanOrEqual(before + 5 + 3);
    await nth(20, ann);
    expect(ann.seesOfBot().filter((message) => shownPictures(message).length > 0)).toHaveLength(20);
  });

  it('lets no prompt ping, format or break a message', async () => {
    for (const [index, { text }] of hostileTexts.entries()) {
      await ann.slash('imagine', { ...QUICK, prompt: text.slice(0, 4000) });
      const message = await nth(index + 1);
      expect([...message.pings]).toEqual([]);
    }
    expect(ann.seesOfBot()).toHaveLength(hostileTexts.length);
  });
});

describe('Easel on Discord, started anew', { timeout: 400_000 }, () => {
  beforeAll(begin);
  afterAll(end);
  beforeEach(enterGuild);

  it('goes on after a restart, and mentions who asked where the token has expired meanwhile', async () => {
    await ann.slash('imagine', { prompt: 'a lighthouse', seed: 11, steps: 25 });
    await reads(/step [1-9]/);
    await program?.stop();
    fake.clock.advance(QUARTER_HOUR);
    await start();
    const drawn = await nth(1);
    expect([...drawn.notified]).toEqual([ann.id]);
    await fake.until(() => ann.seesOfBot().length === 1, 'the placeholder to go');
    await ann.press(drawn, 'Again');
    await nth(2);
  });
});
