import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { axeFaults } from './axe.ts';
import { PHONE } from './chromium.ts';
import { pictures, say } from './page-parts.ts';
import { pageScene } from './page-scene.ts';

const scene = pageScene({ stepMs: 5, steps: 3 });

/** Draws a picture and opens the editor over it. */
async function editor(page: Page): Promise<{ dialog: Locator; canvas: Locator }> {
  await say(page, 'a cat in the snow');
  await page.getByRole('button', { name: 'Inpaint' }).click();
  const dialog = page.getByRole('dialog', { name: 'Draw a part anew' });
  const canvas = dialog.getByRole('application', { name: 'Which part' });
  await canvas.waitFor();
  return { dialog, canvas };
}

/** Drags from one place of the picture to another, both as shares of its sides. */
async function drag(page: Page, canvas: Locator, from: readonly [number, number], to: readonly [number, number]) {
  const box = await canvas.boundingBox();
  if (box === null) throw new Error('The picture is not there.');
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 5 });
  await page.mouse.up();
}

/** The mask that was sent: whether it is white at these places, given as shares of its sides. */
async function sent(...places: readonly (readonly [number, number])[]): Promise<readonly boolean[]> {
  const { command, options } = scene.host.requests.at(-1)!;
  expect(command).toBe('inpaint');
  const bytes = await (options.mask as { fetch(): Promise<Uint8Array> }).fetch();
  const { data, info } = await sharp(bytes).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([256, 256]);
  return places.map(([x, y]) => data[Math.floor(y * 256) * 256 + Math.floor(x * 256)] === 255);
}

async function draw(page: Page, dialog: Locator): Promise<void> {
  await dialog.getByRole('button', { name: 'Draw' }).click();
  await dialog.waitFor({ state: 'detached' });
  await pictures(page).nth(1).waitFor();
}

describe('the mask editor', () => {
  it('paints, erases, takes back and sends what is left as a mask', async () => {
    const { page, complaints } = await scene.visit();
    const { dialog, canvas } = await editor(page);
    await dialog.getByRole('button', { name: 'Draw' }).click();
    await dialog.getByText('Paint over a part of the picture first.').waitFor();
    await drag(page, canvas, [0.2, 0.5], [0.8, 0.5]);
    await dialog.getByRole('button', { name: 'Erase' }).click();
    await drag(page, canvas, [0.5, 0.4], [0.5, 0.6]);
    await drag(page, canvas, [0.2, 0.5], [0.3, 0.5]);
    await dialog.getByRole('button', { name: 'Undo' }).click();
    await dialog.getByRole('button', { name: 'Clear' }).click();
    await dialog.getByRole('button', { name: 'Undo' }).click();
    await dialog.getByLabel('Prompt').fill('a hat');
    await draw(page, dialog);
    expect(await sent([0.25, 0.5], [0.75, 0.5], [0.5, 0.5], [0.25, 0.2])).toEqual([true, true, false, false]);
    expect(scene.host.requests.at(-1)?.options).toMatchObject({ prompt: 'a hat', target: 'picture' });
    expect(complaints).toEqual([]);
  });

  it('is painted with the keys', async () => {
    const { page } = await scene.visit();
    const { dialog, canvas } = await editor(page);
    await dialog.getByLabel('Size').fill('16');
    await canvas.focus();
    await page.keyboard.down(' ');
    for (let count = 0; count < 3; count++) await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.up(' ');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press(' ');
    await page.keyboard.press('Control+z');
    await draw(page, dialog);
    expect(await sent([0.5, 0.5], [0.8, 0.5], [0.5, 0.7], [0.87, 0.62])).toEqual([true, true, false, false]);
  });

  it('is painted with a finger on a phone, and fits there', async () => {
    const { page, complaints } = await scene.visit(PHONE);
    const { dialog, canvas } = await editor(page);
    const box = (await canvas.boundingBox())!;
    await canvas.tap({ position: { x: 0.3 * box.width, y: 0.3 * box.height } });
    expect(await dialog.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)).toBe(true);
    expect(box.width).toBeGreaterThan(200);
    expect(complaints).toEqual([]);
    await draw(page, dialog);
    expect(await sent([0.3, 0.3], [0.7, 0.7])).toEqual([true, false]);
  });

  it('has no accessibility fault that axe finds', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await scene.visit({ colorScheme });
      const { canvas } = await editor(page);
      await drag(page, canvas, [0.2, 0.5], [0.8, 0.5]);
      expect(await axeFaults(page)).toEqual([]);
    }
  });
});
