import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Program, startProgram } from '../browser/program.ts';
import { type FakeDiscord, startFakeDiscord } from '../fakes/discord/index.ts';
import type { Message as DiscordMessage } from '../fakes/discord/state.ts';
import { isPicture } from '../fakes/discord/transcript.ts';
import { type FakeSlack, startFakeSlack } from '../fakes/slack/index.ts';
import type { Message as SlackMessage } from '../fakes/slack/state.ts';

const fileSchema = z.object({ id: z.string() });
/** Drawing takes seconds, on a machine that may be busy. */
const SLOWLY = 240;
const PROMPT = 'a cat in the snow';
const SIDE = 128;

/** A chat in which somebody draws, presses buttons of the newest picture drawn and marks where to draw anew. */
interface Chat {
  /** Each resolves with the picture that comes of it. */
  draw(): Promise<Uint8Array>;
  press(label: string): Promise<Uint8Array>;
  inpaint(mask: Uint8Array, prompt: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

async function onDiscord(fake: FakeDiscord): Promise<Omit<Chat, 'close'>> {
  const ann = fake.person('ann', fake.channel(fake.guild('Painters'), 'gallery'));
  const pictures = (message: DiscordMessage) =>
    message.attachments.filter((file) => isPicture(file) && file.filename !== 'preview.jpg');
  const finished = () => ann.seesOfBot().filter((message) => pictures(message).length > 0);
  const next = async (act: () => Promise<unknown>) => {
    const count = finished().length;
    await act();
    const message = await fake.until(() => finished()[count], `a picture in\n${ann.reads()}`, SLOWLY);
    return pictures(message)[0]!.bytes;
  };
  const original = () => finished()[0]!;
  return {
    draw: () => next(() => ann.slash('imagine', { prompt: PROMPT, seed: 7, steps: 4, size: '128x128', refine: 'off' })),
    press: (label) => next(() => ann.press(original(), label)),
    async inpaint(bytes, prompt) {
      await ann.press(original(), 'Inpaint');
      return next(() => ann.submit({ prompt, mask: { name: 'mask.png', contentType: 'image/png', bytes } }));
    },
  };
}

async function onSlack(fake: FakeSlack): Promise<Omit<Chat, 'close'>> {
  const channel = fake.channel('gallery');
  const ann = fake.person('ann');
  const finished = () => fake.posts(channel).filter((post) => /\[picture (?!preview)/.test(fake.text(post)));
  const bytesOf = (message: SlackMessage): Uint8Array => {
    const [file] = message.blocks.flatMap((block) =>
      block.type === 'image' ? [fileSchema.parse(block.slack_file)] : [],
    );
    return fake.workspace.files.get(file?.id ?? '')?.bytes ?? new Uint8Array();
  };
  const next = async (act: () => Promise<unknown>) => {
    const count = finished().length;
    await act();
    return bytesOf(await fake.until(() => finished()[count], 'a picture', SLOWLY));
  };
  const original = () => finished()[0]!;
  return {
    draw: () => next(() => ann.slash(channel, '/imagine', `${PROMPT} --seed 7 --steps 4 --size 128x128 --refine off`)),
    press: (label) => next(() => ann.press(original(), label)),
    async inpaint(bytes, prompt) {
      await ann.press(original(), 'Inpaint');
      await fake.until(() => ann.view, 'the form');
      return next(() => ann.submit({ Prompt: prompt, 'Which part': [ann.file('mask.png', bytes).id] }));
    },
  };
}

const platforms = {
  Discord: async (): Promise<Chat> => {
    const fake = await startFakeDiscord();
    const settings = {
      DISCORD_TOKEN: fake.token,
      DISCORD_APPLICATION_ID: fake.applicationId,
      DISCORD_API_URL: fake.apiUrl,
    };
    return opened(settings, await onDiscord(fake), () => fake.close());
  },
  Slack: async (): Promise<Chat> => {
    const fake = await startFakeSlack();
    const { bot, app } = fake.tokens;
    const settings = { SLACK_BOT_TOKEN: bot, SLACK_APP_TOKEN: app, SLACK_API_URL: fake.apiUrl };
    return opened(settings, await onSlack(fake), () => fake.close());
  },
};

async function opened(
  settings: Record<string, string>,
  chat: Omit<Chat, 'close'>,
  end: () => Promise<void>,
): Promise<Chat> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-'));
  const program: Program = await startProgram(folder, 0, settings);
  return {
    ...chat,
    async close() {
      await program.stop();
      await end();
      await rm(folder, { recursive: true });
    },
  };
}

/** The pixels of a part of a picture, red, green and blue. */
const pixels = (picture: Uint8Array, part?: { left: number; top: number; width: number; height: number }) => {
  const read = sharp(picture).removeAlpha();
  return (part === undefined ? read : read.extract(part)).raw().toBuffer({ resolveWithObject: true });
};

/** The mean difference of two pictures' pixels, 0 to 255. */
async function distance(one: Uint8Array, other: Uint8Array, part?: Parameters<typeof pixels>[1]): Promise<number> {
  const [a, b] = [(await pixels(one, part)).data, (await pixels(other, part)).data];
  return a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? 0)), 0) / a.length;
}

const RIGHT = { left: SIDE * 0.75, top: 0, width: SIDE / 4, height: SIDE };
const LEFT = { left: 0, top: 0, width: SIDE / 4, height: SIDE };

describe.each(Object.entries(platforms))('A picture on %s', { timeout: 600_000 }, (_name, open) => {
  let chat: Chat;
  let drawn: Uint8Array;

  beforeAll(async () => {
    chat = await open();
    drawn = await chat.draw();
  }, 300_000);
  afterAll(() => chat.close());

  it('is varied a little, or a lot', async () => {
    const subtle = await distance(drawn, await chat.press('Vary subtle'));
    const strong = await distance(drawn, await chat.press('Vary strong'));
    expect(subtle).toBeGreaterThan(0.3);
    expect(strong).toBeGreaterThan(subtle);
  });

  it('is extended to one side, and stays as it is at the other', async () => {
    const panned = await chat.press('Pan right');
    expect((await pixels(panned)).info).toMatchObject({ width: SIDE * 1.5, height: SIDE });
    expect(await distance(drawn, panned, LEFT)).toBeLessThan(4);
  });

  it('is zoomed out of, and stands smaller in the middle', async () => {
    const zoomed = await chat.press('Zoom out 2x');
    expect((await pixels(zoomed)).info).toMatchObject({ width: SIDE, height: SIDE });
    const middle = await sharp(zoomed).extract({ left: 32, top: 32, width: 64, height: 64 }).toBuffer();
    const smaller = await sharp(drawn).resize(64, 64).toBuffer();
    const inner = { left: 16, top: 16, width: 32, height: 32 };
    expect(await distance(smaller, middle, inner)).toBeLessThan(12);
  });

  it('is drawn anew where a mask is white, and only there', async () => {
    const half = { create: { width: SIDE / 2, height: SIDE, channels: 3, background: 'white' } } as const;
    const mask = await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: 'black' } })
      .composite([{ input: await sharp(half).png().toBuffer(), left: SIDE / 2, top: 0 }])
      .png()
      .toBuffer();
    const inpainted = await chat.inpaint(mask, 'a red barn at night');
    expect(await distance(drawn, inpainted, LEFT)).toBeLessThan(2);
    expect(await distance(drawn, inpainted, RIGHT)).toBeGreaterThan(4);
  });

  it('is enlarged with new detail', async () => {
    const enlarged = await chat.press('Upscale creative');
    expect((await pixels(enlarged)).info).toMatchObject({ width: SIDE * 2, height: SIDE * 2 });
    const smaller = await sharp(enlarged).resize(SIDE, SIDE).toBuffer();
    expect(await distance(drawn, smaller)).toBeLessThan(40);
  });
});
