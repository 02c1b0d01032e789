import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { launchChromium, PHONE } from '../../test/browser/chromium.ts';
import { startProgram } from '../../test/browser/program.ts';

/**
 * Makes the README's pictures of the page: the whole program draws, Chromium looks.
 * `node --import ./tools/from-source.js tools/screenshots/main.ts [FOLDER]`
 */
const OUT = process.argv[2] ?? fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const SLOWLY = { timeout: 120_000 };
const ICONS_MS = 2_000;

const textbox = (page: Page) => page.getByRole('textbox', { name: /Describe a picture/ });
const pictures = (page: Page) => page.locator('.message .open img');

async function say(page: Page, line: string): Promise<void> {
  await textbox(page).fill(line);
  await textbox(page).press('Enter');
}

async function take(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0));
  // The icons are drawn from a file of their own, of which the page says nothing.
  await page.waitForTimeout(ICONS_MS);
  const png = await page.screenshot({ animations: 'disabled' });
  await sharp(png)
    .png({ palette: true, quality: 90, effort: 10 })
    .toFile(join(OUT, `${name}.png`));
}

async function open(browser: Browser, address: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  await page.goto(address);
  await textbox(page).waitFor();
  return page;
}

async function oneByLight(page: Page): Promise<void> {
  await say(page, '/imagine a penguin in the snow --seed 3 --steps 60');
  await page.locator('.preview').first().waitFor(SLOWLY);
  await take(page, 'page-drawing');
  await pictures(page).first().waitFor(SLOWLY);
  await page.getByRole('button', { name: 'Refine', exact: true }).click();
  await pictures(page).nth(1).waitFor(SLOWLY);
  await take(page, 'page');
}

async function fourByNight(page: Page): Promise<void> {
  await say(page, 'a butterfly on a meadow --count 4 --aspect 3:2 --seed 1');
  await pictures(page).nth(3).waitFor(SLOWLY);
  await take(page, 'page-four');
}

async function onThePhone(page: Page): Promise<void> {
  await say(page, 'a castle at night --seed 2');
  await pictures(page).first().waitFor(SLOWLY);
  await take(page, 'page-phone');
}

const folder = await mkdtemp(join(tmpdir(), 'easel-'));
await mkdir(OUT, { recursive: true });
const program = await startProgram(folder);
const browser = await launchChromium();
try {
  const viewport = { width: 1280, height: 900 };
  await oneByLight(await open(browser, program.address, { viewport, colorScheme: 'light' }));
  await fourByNight(await open(browser, program.address, { viewport, colorScheme: 'dark' }));
  await onThePhone(await open(browser, program.address, { ...PHONE, viewport: { width: 375, height: 800 } }));
} finally {
  await browser.close();
  await program.stop();
  await rm(folder, { recursive: true });
}
