import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Program, startProgram } from '../browser/program.ts';
import { type FakeDiscord, startFakeDiscord } from '../fakes/discord/index.ts';
import type { Message as DiscordMessage } from '../fakes/discord/state.ts';
import { isPicture, messageLines } from '../fakes/discord/transcript.ts';
import { type FakeSlack, startFakeSlack } from '../fakes/slack/index.ts';
import type { Message as SlackMessage } from '../fakes/slack/state.ts';

/** Drawing takes seconds, on a machine that may be busy. */
const SLOWLY = 240;
const SIDE = 128;
const fileSchema = z.object({ id: z.string() });

interface Shown {
  readonly text: string;
  readonly png: Uint8Array;
}

/** Somebody who edits a picture in a chat; each act resolves with the next picture that is shown. */
interface Chat {
  imagine(): Promise<Shown>;
  /** Under the first picture. */
  press(label: string): Promise<Shown>;
  inpaint(prompt: string, mask: Uint8Array): Promise<Shown>;
  /** What is answered to a mask that cannot be used. */
  refusedMask(mask: Uint8Array): Promise<string>;
}

let discord: FakeDiscord;
let slack: FakeSlack;
let folder: string;
let program: Program;

/** The whole program with the real engine and the miniature, between a fake Discord and a fake Slack. */
beforeAll(async () => {
  discord = await startFakeDiscord();
  slack = await startFakeSlack();
  folder = await mkdtemp(join(tmpdir(), 'easel-'));
  program = await startProgram(folder, 0, {
    ...discord.environment,
    ...slack.environment,
  });
});

afterAll(async () => {
  await program.stop();
  await discord.close();
  await slack.close();
  await rm(folder, { recursive: true });
});

function onDiscord(): Chat {
  const ann = discord.person('ann', discord.channel(discord.guild('Painters'), 'gallery'));
  const picture = (message: DiscordMessage) =>
    message.attachments.find((file) => isPicture(file) && file.filename !== 'preview.jpg');
  const finished = () => ann.seesOfBot().filter((message) => picture(message) !== undefined);
  const next = async (act: () => Promise<unknown>): Promise<Shown> => {
    const count = finished().length;
    await act();
    const message = await discord.until(() => finished()[count], `picture ${count} in\n${ann.reads()}`, SLOWLY);
    return { text: messageLines(message).join('\n'), png: picture(message)?.bytes ?? new Uint8Array() };
  };
  const openMaskForm = async () => {
    const [first] = finished();
    if (first !== undefined) await ann.press(first, 'Inpaint');
  };
  const file = (bytes: Uint8Array) => ({ name: 'mask.png', contentType: 'image/png', bytes });
  return {
    imagine: () =>
      next(() => ann.slash('imagine', { prompt: 'a fox', seed: 3, steps: 4, size: `${SIDE}x${SIDE}`, refine: 'off' })),
    press: (label) => next(async () => ann.press(finished()[0]!, label)),
    async inpaint(prompt, mask) {
      await openMaskForm();
      return next(() => ann.submit({ prompt, mask: file(mask) }));
    },
    async refusedMask(mask) {
      await openMaskForm();
      await ann.submit({ mask: file(mask) });
      const found = () => ann.seesOfBot().findLast(({ ephemeralFor }) => ephemeralFor === ann.id);
      return messageLines(await discord.until(found, 'the refusal')).join('\n');
    },
  };
}

function onSlack(): Chat {
  const channel = slack.channel('gallery');
  const ann = slack.person('ann');
  const finished = () => slack.posts(channel).filter((post) => /\[picture (?!preview)/.test(slack.text(post)));
  const next = async (act: () => Promise<unknown>): Promise<Shown> => {
    const count = finished().length;
    await act();
    const message = await slack.until(() => finished()[count], `picture ${count}`, SLOWLY);
    return { text: slack.text(message), png: pictureOf(message) };
  };
  const openMaskForm = async () => {
    await ann.press(finished()[0]!, 'Inpaint');
    await slack.until(() => ann.view, 'the form');
  };
  return {
    imagine: () =>
      next(() => ann.slash(channel, '/imagine', `a fox --seed 3 --steps 4 --size ${SIDE}x${SIDE} --refine off`)),
    press: (label) => next(async () => ann.press(finished()[0]!, label)),
    async inpaint(prompt, mask) {
      await openMaskForm();
      return next(() => ann.submit({ Prompt: prompt, 'Which part': [ann.file('mask.png', mask).id] }));
    },
    async refusedMask(mask) {
      await openMaskForm();
      await ann.submit({ 'Which part': [ann.file('mask.png', mask).id] });
      const found = () => slack.posts(channel).find(({ ephemeralTo }) => ephemeralTo === ann.id);
      return slack.text(await slack.until(found, 'the refusal'));
    },
  };
}

function pictureOf(message: SlackMessage): Uint8Array {
  const [file] = message.blocks.flatMap((block) =>
    block.type === 'image' ? [fileSchema.parse(block.slack_file)] : [],
  );
  return slack.workspace.files.get(file?.id ?? '')?.bytes ?? new Uint8Array();
}

interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const whole: Rectangle = { left: 0, top: 0, width: SIDE, height: SIDE };

/** The colours of a part of a picture, at the given size. */
async function colours({ png }: Shown, part: Rectangle, side = part.width): Promise<Uint8Array> {
  const cut = await sharp(png).removeAlpha().extract(part).png().toBuffer();
  return sharp(cut)
    .resize(side, Math.round((side * part.height) / part.width))
    .raw()
    .toBuffer();
}

/** The mean difference of two lists of colours, in 255ths. */
function difference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? 0)), 0) / a.length;
}

async function sizeOf({ png }: Shown): Promise<string> {
  const { width, height } = await sharp(png).metadata();
  return `${width}x${height}`;
}

/** White in the middle, black around it. */
async function middleMask(width: number, height: number): Promise<Uint8Array> {
  const middle = { width: width / 2, height: height / 2, channels: 3, background: 'white' } as const;
  return sharp({ create: middle })
    .extend({
      ...{ left: width / 4, right: width / 4, top: height / 4, bottom: height / 4 },
      background: 'black',
    })
    .png()
    .toBuffer();
}

describe.each([
  ['Discord', onDiscord],
  ['Slack', onSlack],
] as const)('a picture on %s', { timeout: 600_000 }, (_name, enter) => {
  const inner = { left: 32, top: 32, width: SIDE - 64, height: SIDE - 64 };
  let chat: Chat;
  let drawn: Shown;

  beforeAll(async () => {
    chat = enter();
    drawn = await chat.imagine();
  }, 300_000);

  it.each(['Vary subtle', 'Vary strong'])('is varied: %s', async (label) => {
    const varied = await chat.press(label);
    expect(varied.text).toContain(`a fox · variation · ${SIDE}x${SIDE}`);
    expect(difference(await colours(varied, whole), await colours(drawn, whole))).toBeGreaterThan(0.5);
  });

  it('is enlarged with new detail, and still shows the same', async () => {
    const enlarged = await chat.press('Upscale creative');
    expect(enlarged.text).toContain(`enlarged 2 times with new detail · ${2 * SIDE}x${2 * SIDE}`);
    expect(await sizeOf(enlarged)).toBe(`${2 * SIDE}x${2 * SIDE}`);
    const all = { left: 0, top: 0, width: 2 * SIDE, height: 2 * SIDE };
    expect(difference(await colours(enlarged, all, SIDE), await colours(drawn, whole))).toBeLessThan(40);
  });

  it('is zoomed out of, and stands half as large in the middle', async () => {
    const wider = await chat.press('Zoom out 2x');
    expect(wider.text).toContain(`zoomed out · ${SIDE}x${SIDE}`);
    // Its edge fades into what is around it.
    const centre = { left: SIDE / 2 - 16, top: SIDE / 2 - 16, width: 32, height: 32 };
    const there = { left: SIDE / 4, top: SIDE / 4, width: SIDE / 2, height: SIDE / 2 };
    expect(difference(await colours(wider, centre), await colours(drawn, there, 32))).toBeLessThan(4);
  });

  it.each([
    ['Pan left', '192x128', { left: SIDE / 2, top: 0 }],
    ['Pan right', '192x128', { left: 0, top: 0 }],
    ['Pan up', '128x192', { left: 0, top: SIDE / 2 }],
    ['Pan down', '128x192', { left: 0, top: 0 }],
  ])('is extended, and kept to the pixel where it does not fade into what was added: %s', async (label, size, at) => {
    const panned = await chat.press(label);
    expect(await sizeOf(panned)).toBe(size);
    const kept = { ...inner, left: at.left + inner.left, top: at.top + inner.top };
    expect(difference(await colours(panned, kept), await colours(drawn, inner))).toBe(0);
  });

  it('is drawn anew where a mask is white, and only there', async () => {
    const inpainted = await chat.inpaint('a red balloon', await middleMask(SIDE, SIDE));
    expect(inpainted.text).toContain(`a red balloon · a part drawn anew · ${SIDE}x${SIDE}`);
    const corner = { left: 0, top: 0, width: 16, height: 16 };
    expect(difference(await colours(inpainted, corner), await colours(drawn, corner))).toBe(0);
    expect(difference(await colours(inpainted, inner), await colours(drawn, inner))).toBeGreaterThan(1);
  });

  it('takes no mask of another shape, and says why', async () => {
    expect(await chat.refusedMask(await middleMask(2 * SIDE, SIDE))).toContain(
      `mask: 256x128 does not lie on a picture of ${SIDE}x${SIDE}; give one of the same shape.`,
    );
  });
});
