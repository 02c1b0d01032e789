import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from './chromium.ts';
import { button, CAT_IN_SNOW, pictures, say } from './page-parts.ts';
import { type Program, startProgram } from './program.ts';
import { visit, watchStatus } from './visit.ts';

/** Drawing takes seconds, on a machine that may be busy. */
const SLOWLY = { timeout: 90_000 };

let browser: Browser;
let folder: string;
let program: Program;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-'));
  browser = await launchChromium();
  program = await startProgram(folder);
});

afterAll(async () => {
  await browser.close();
  await program.stop();
  await rm(folder, { recursive: true });
});

const press = (page: Page, name: string) => button(page, name).last().click();

/** Waits for the picture with this number, and gives its size in pixels. */
async function picture(page: Page, number: number): Promise<{ width: number; height: number }> {
  const image = pictures(page).nth(number - 1);
  await image.waitFor(SLOWLY);
  return image.evaluate(async (element) => {
    const { naturalWidth: width, naturalHeight: height } = element as HTMLImageElement;
    await (element as HTMLImageElement).decode();
    return { width, height };
  });
}

describe('the whole program', () => {
  it('draws what is asked, with its place, its steps and a preview on the way', async () => {
    const { page, complaints } = await visit(browser, program.address);
    const status = await watchStatus(page);
    await say(page, '/imagine a cat in the snow --seed 7');
    await page.locator('.preview').first().waitFor(SLOWLY);
    expect(await picture(page, 1)).toEqual({ width: 256, height: 256 });
    const lines = await status();
    expect(lines[0]).toMatch(/^Next in line · about \d+ seconds?$/);
    expect(lines.filter((line) => /^Drawing · step \d+ of \d+$/.test(line)).length).toBeGreaterThan(3);
    expect(await page.locator('.message .text').textContent()).toContain('seed 7');

    const waiting = page.waitForEvent('download');
    await page.getByRole('link', { name: /^Download / }).click();
    const bytes = await readFile(await (await waiting).path());
    expect(bytes.toString('latin1')).toContain('Seed: 7');
    expect((await sharp(bytes).metadata()).format).toBe('png');
    expect(complaints).toEqual([]);
  });

  it('refines, upscales, varies, draws again, edits and deletes', async () => {
    const { page, complaints } = await visit(browser, program.address);
    await say(page, 'a red apple on a table --seed 5');
    await picture(page, 1);
    await press(page, 'Refine');
    expect(await picture(page, 2)).toEqual({ width: 256, height: 256 });
    await press(page, 'Upscale');
    expect((await picture(page, 3)).width).toBeGreaterThan(256);
    await press(page, 'Vary strong');
    await picture(page, 4);
    await press(page, 'Again');
    await picture(page, 5);
    await press(page, 'Edit');
    const form = page.getByRole('dialog');
    expect(await form.getByLabel('Prompt').inputValue()).toBe('a red apple on a table');
    await form.getByLabel('Prompt').fill('a green apple on a table');
    await form.getByRole('button', { name: 'Draw' }).click();
    await picture(page, 6);
    expect(await pictures(page).last().getAttribute('alt')).toBe('a green apple on a table');
    await press(page, 'Delete');
    await pictures(page).nth(5).waitFor({ state: 'detached' });
    expect(await pictures(page).count()).toBe(5);
    expect(complaints).toEqual([]);
  });

  it('draws four at once, each apart', async () => {
    const { page } = await visit(browser, program.address);
    await say(page, 'a fox in the forest --count 4 --steps 4');
    await picture(page, 4);
    expect(
      new Set(await pictures(page).evaluateAll((images) => images.map((image) => image.getAttribute('src')))).size,
    ).toBe(4);
    await page.getByRole('button', { name: 'Upscale 3' }).click();
    await picture(page, 5);
  });

  it('draws from an attached picture', async () => {
    const { page } = await visit(browser, program.address);
    await page.getByLabel('Attach a picture to start from').setInputFiles(CAT_IN_SNOW);
    await say(page, 'a cat at night --strength 0.6 --seed 1');
    await picture(page, 1);
  });

  it('says in one line what it cannot do', async () => {
    const { page } = await visit(browser, program.address);
    const wrong = [
      ['/imagine a cat --size 999x999', 'size'],
      ['/imagine', 'prompt is missing'],
      [`/imagine ${'x'.repeat(5000)}`, '5,000 characters'],
      ['/imagine a cat --sampler nonsense', 'nonsense'],
      ['/paint a cat', 'no command'],
    ] as const;
    for (const [index, [line, part]] of wrong.entries()) {
      await say(page, line);
      const answer = page.locator('.turn').nth(index).locator('.message .text');
      await answer.waitFor(SLOWLY);
      const text = (await answer.textContent()) ?? '';
      expect(text).toContain(part);
      expect(text.split('\n')).toHaveLength(1);
    }
  });

  it('cancels', async () => {
    const { page } = await visit(browser, program.address);
    await say(page, 'a whale --steps 200');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('.turn').first().locator('.message').waitFor(SLOWLY);
    expect(await pictures(page).count()).toBe(0);
  });

  it('goes on when the engine is killed in the middle of a picture', async () => {
    const { page } = await visit(browser, program.address);
    await say(page, 'a rocket in space --steps 60');
    await page.locator('.preview').first().waitFor(SLOWLY);
    await program.killEngine();
    await picture(page, 1);
    expect(await pictures(page).count()).toBe(1);
  });

  it('keeps the conversation and its buttons over a reload and a restart', async () => {
    const { page } = await visit(browser, program.address);
    await say(page, 'an owl at night --seed 3');
    await picture(page, 1);
    await page.reload();
    await picture(page, 1);
    const port = Number(new URL(program.address).port);
    expect(await program.stop()).toBe(0);
    await page.getByText('Reconnecting…').waitFor(SLOWLY);
    program = await startProgram(folder, port);
    await page.getByText('Reconnecting…').waitFor({ state: 'detached', ...SLOWLY });
    await press(page, 'Refine');
    await picture(page, 2);
  });
});
