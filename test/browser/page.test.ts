import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWebPlatform, type WebPlatform } from '../../bot/web/platform.ts';
import { openTestStore, type TestStore } from '../bot/web/test-store.ts';
import { watchedLog } from '../canary.ts';
import { axeFaults } from './axe.ts';
import { launchChromium, PHONE } from './chromium.ts';
import { DrawingHost } from './drawing-host.ts';
import { startPage } from './start-page.ts';
import { visit, watchStatus } from './visit.ts';

const START = new URL('../fixtures/golden/mini/cat_snow.png', import.meta.url).pathname;

let browser: Browser;
let host: DrawingHost;
let test: TestStore;
let platform: WebPlatform;

beforeAll(async () => {
  browser = await launchChromium();
  test = await openTestStore();
});

afterAll(async () => {
  await browser.close();
  await test.store.close();
});

beforeEach(async () => {
  host = new DrawingHost({ stepMs: 20, steps: 20 });
  platform = await startPage(host, test);
});

afterEach(() => platform.stop());

const textbox = (page: Page) => page.getByRole('textbox', { name: /Describe a picture/ });
const pictures = (page: Page) => page.locator('.message .open img');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function say(page: Page, line: string): Promise<void> {
  await textbox(page).fill(line);
  await textbox(page).press('Enter');
}

describe('drawing', () => {
  it('shows the place in line, the steps, the preview, then the picture with its buttons and recipe', async () => {
    const { page, complaints } = await visit(browser, platform.address!);
    const status = await watchStatus(page);
    await say(page, '/imagine a cat in the snow');
    await page.locator('.preview').first().waitFor();
    await pictures(page).waitFor();
    const lines = await status();
    expect(lines).toContain('1 before you in line · about 6 seconds');
    expect(lines.some((line) => /^Drawing · step \d+ of 20$/.test(line))).toBe(true);
    expect(await pictures(page).getAttribute('alt')).toBe('a cat in the snow');
    for (const name of ['Refine', 'Upscale', 'Vary', 'Again', 'Edit', 'Delete']) {
      expect(await button(page, name).count()).toBe(1);
    }
    expect(await page.locator('dl').textContent()).toContain('4k7m2x9qtz');
    expect(await textbox(page).inputValue()).toBe('');
    expect(await page.locator('#announcer').textContent()).toBe('The picture is here: a cat in the snow');
    expect(complaints).toEqual([]);
  });

  it('shows several pictures apart, each with its own buttons', async () => {
    const { page } = await visit(browser, platform.address!);
    await say(page, 'four cats --count 4');
    await button(page, 'Upscale 4').waitFor();
    expect(await pictures(page).count()).toBe(4);
    const third = page.getByRole('group', { name: 'Actions for picture 3' });
    expect(await third.getByRole('button').allInnerTexts()).toEqual(['Refine 3', 'Upscale 3', 'Vary 3']);
    expect(await button(page, 'Again').count()).toBe(1);
    await third.getByRole('button', { name: 'Vary 3' }).click();
    await pictures(page).nth(4).waitFor();
    expect(host.requests.at(-1)).toMatchObject({ command: 'vary', options: { target: expect.stringMatching(/\.2$/) } });
  });

  it('goes on with each button', async () => {
    const { page, complaints } = await visit(browser, platform.address!);
    await say(page, 'a cat in the snow');
    let count = 1;
    for (const name of ['Refine', 'Upscale', 'Vary', 'Again']) {
      await button(page, name).last().click();
      await pictures(page).nth(count++).waitFor();
    }
    expect(host.requests.map(({ command }) => command)).toEqual(['imagine', 'refine', 'upscale', 'vary', 'again']);
    await button(page, 'Delete').last().click();
    await pictures(page).nth(4).waitFor({ state: 'detached' });
    expect(await pictures(page).count()).toBe(4);
    expect(complaints).toEqual([]);
  });

  it('opens the recipe in a form and draws what it says', async () => {
    const { page } = await visit(browser, platform.address!);
    await say(page, 'a cat in the snow');
    await button(page, 'Edit').click();
    const form = page.getByRole('dialog', { name: 'Edit and draw again' });
    await form.getByLabel('Prompt').fill('a dog in the rain');
    await form.getByRole('button', { name: 'Draw' }).click();
    await pictures(page).nth(1).waitFor();
    expect(host.requests.at(-1)).toMatchObject({
      command: 'imagine',
      options: { prompt: 'a dog in the rain', steps: '20', seed: '7', private: 'false' },
    });
    await button(page, 'Edit').last().click();
    await form.waitFor();
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
    expect(host.requests.at(-1)?.command).toBe('edit');
  });

  it('shows the picture large and hands it over with its name', async () => {
    const { page } = await visit(browser, platform.address!);
    await say(page, 'a cat in the snow');
    await page.getByRole('button', { name: 'View larger: a cat in the snow' }).click();
    const viewer = page.getByRole('dialog', { name: 'a cat in the snow' });
    await viewer.getByText('256 × 256').waitFor();
    await page.keyboard.press('Escape');
    await viewer.waitFor({ state: 'detached' });
    const waiting = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download 1.png' }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe('1.png');
    expect(await readFile(await download.path())).toEqual(await readFile(START));
  });
});

describe('writing', () => {
  it('completes commands, options and values by keyboard', async () => {
    const { page } = await visit(browser, platform.address!);
    const options = page.getByRole('option');
    await textbox(page).pressSequentially('/im');
    await options.filter({ hasText: '/imagine' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('a cat --sam');
    await page.keyboard.press('ArrowDown');
    expect(await textbox(page).getAttribute('aria-activedescendant')).toBe('suggestion-0');
    await page.keyboard.press('Enter');
    await options.filter({ hasText: 'dpmpp_2m' }).waitFor();
    expect(await page.locator('#hint').textContent()).toContain('The method that removes the noise');
    await options.filter({ hasText: 'unipc' }).click();
    expect(await textbox(page).inputValue()).toBe('/imagine a cat --sampler unipc ');
    expect(host.requests).toEqual([]);
  });

  it('breaks a line by Shift and Enter, sends by Enter, remembers by arrow up', async () => {
    const { page } = await visit(browser, platform.address!);
    await textbox(page).pressSequentially('a cat');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('in the snow');
    await page.keyboard.press('Enter');
    await pictures(page).waitFor();
    expect(host.requests[0]?.options.prompt).toBe('a cat\nin the snow');
    await page.keyboard.press('ArrowUp');
    expect(await textbox(page).inputValue()).toBe('a cat\nin the snow');
  });

  it('sets options by dialog', async () => {
    const { page } = await visit(browser, platform.address!);
    await textbox(page).fill('a cat --seed 7');
    await button(page, 'Options').click();
    const dialog = page.getByRole('dialog', { name: 'Options of /imagine' });
    expect(await dialog.getByLabel('Seed').inputValue()).toBe('7');
    await dialog.getByLabel('Steps').fill('12');
    await dialog.getByRole('button', { name: 'Use these' }).click();
    await dialog.waitFor({ state: 'detached' });
    await vi.waitFor(async () => expect(await textbox(page).inputValue()).toBe('a cat --seed 7 --steps 12'));
  });

  it('attaches a picture, and takes it away again', async () => {
    const { page } = await visit(browser, platform.address!);
    await page.getByLabel('Attach a picture to start from').setInputFiles(START);
    await button(page, 'Remove cat_snow.png').click();
    expect(await page.locator('#attachments').isVisible()).toBe(false);
    await page.getByLabel('Attach a picture to start from').setInputFiles(START);
    await say(page, 'a cat on the moon --strength 0.6');
    await pictures(page).waitFor();
    const sent = host.requests[0]?.options.picture as { name: string; fetch(): Promise<Uint8Array> };
    expect(sent.name).toBe('cat_snow.png');
    expect(Buffer.from(await sent.fetch())).toEqual(await readFile(START));
    expect(await page.getByText('with cat_snow.png').isVisible()).toBe(true);
    await page.getByLabel('Attach a picture to start from').setInputFiles({
      name: 'notes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('x'),
    });
    expect(await page.getByRole('alert').textContent()).toBe('notes.txt is no PNG, JPEG, WebP or GIF picture.');
  });

  it('answers what cannot be read with one clear line', async () => {
    const { page } = await visit(browser, platform.address!);
    await say(page, '/imagne a cat');
    await page.locator('.message', { hasText: 'did you mean /imagine' }).waitFor();
    await say(page, '/imagine a cat --stepps 7');
    await page.locator('.message', { hasText: 'There is no option --stepps here' }).waitFor();
    expect(await page.locator('.message.failure').count()).toBe(2);
  });

  it('never lets a prompt become markup', async () => {
    const { page, complaints } = await visit(browser, platform.address!);
    await say(page, '<img src=x onerror=alert(1)><script>alert(2)</script> </textarea>');
    await pictures(page).waitFor();
    expect(await page.locator('.asked .text').textContent()).toBe(
      '<img src=x onerror=alert(1)><script>alert(2)</script> </textarea>',
    );
    expect(complaints).toEqual([]);
  });
});

describe('coming back', () => {
  it('keeps the conversation over a reload', async () => {
    const { page } = await visit(browser, platform.address!);
    await say(page, 'a cat in the snow');
    await pictures(page).waitFor();
    await page.reload();
    await pictures(page).waitFor();
    expect(await page.locator('.asked').allInnerTexts()).toEqual(['a cat in the snow']);
    await button(page, 'Refine').click();
    await pictures(page).nth(1).waitFor();
  });

  it('says that it is reconnecting, keeps what was written, and goes on', async () => {
    const { page } = await visit(browser, platform.address!);
    await say(page, 'a cat in the snow');
    await pictures(page).waitFor();
    const port = Number(new URL(platform.address!).port);
    await platform.stop();
    await page.getByText('Reconnecting…').waitFor();
    await say(page, 'written while away');
    await page.getByText('Easel cannot be reached').waitFor();
    expect(await textbox(page).inputValue()).toBe('written while away');
    platform = await startPage(host, test, port);
    await page.getByText('Reconnecting…').waitFor({ state: 'detached' });
    await textbox(page).press('Enter');
    await pictures(page).nth(1).waitFor();
    expect(host.requests.map(({ options }) => options.prompt)).toEqual(['a cat in the snow', 'written while away']);
  });

  it('keeps two visitors apart, and two tabs of one together', async () => {
    const one = await visit(browser, platform.address!);
    const other = await visit(browser, platform.address!);
    await say(one.page, 'a cat in the snow');
    await pictures(one.page).waitFor();
    expect(await other.page.locator('.turn').count()).toBe(0);
    const tab = await one.page.context().newPage();
    await tab.goto(platform.address!);
    await pictures(tab).waitFor();
    await say(tab, 'a second cat');
    await pictures(one.page).nth(1).waitFor();
  });
});

describe('for everybody', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no accessibility fault that axe finds, ${colorScheme}, empty, drawing, drawn and asking`, async () => {
      const { page } = await visit(browser, platform.address!, { colorScheme });
      const faults: unknown[] = [];
      const examine = async () => faults.push(...(await axeFaults(page)));
      await examine();
      await textbox(page).fill('/');
      await page.getByRole('option').first().waitFor();
      await examine();
      await say(page, 'four cats --count 4');
      await page.locator('.preview').first().waitFor();
      await examine();
      await button(page, 'Upscale 4').waitFor();
      await examine();
      await button(page, 'Edit').click();
      await page.getByRole('dialog').waitFor();
      await examine();
      expect(faults).toEqual([]);
    });
  }

  it('speaks the language of the browser, as the commands do', async () => {
    const { page, complaints } = await visit(browser, platform.address!, { locale: 'de-DE' });
    await page.getByRole('heading', { name: 'Was zeichnen wir?' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    expect(await page.getByRole('button').allInnerTexts()).not.toContain('Options');
    await page.getByRole('textbox', { name: 'Beschreibe ein Bild' }).fill('/malen');
    await page.keyboard.press('Enter');
    await page.locator('.message', { hasText: 'Den Befehl' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('is whole on a phone of 320 pixels', async () => {
    const { page } = await visit(browser, platform.address!, PHONE);
    await say(page, `two cats ${'with-a-very-long-word-that-nothing-breaks-'.repeat(4)} --count 2`);
    await button(page, 'Upscale 2').waitFor();
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(widths).toEqual([320, 320]);
    await button(page, 'Delete').tap();
    await pictures(page).first().waitFor({ state: 'detached' });
  });

  it('is used by keyboard alone', async () => {
    const { page } = await visit(browser, platform.address!);
    await textbox(page).focus();
    await page.keyboard.type('a cat in the snow');
    await page.keyboard.press('Enter');
    await pictures(page).waitFor();
    await page.locator('body').press('Shift+Tab');
    await button(page, 'Refine').focus();
    expect(await outlineOf(page)).not.toBe('none');
    await page.keyboard.press('Enter');
    await pictures(page).nth(1).waitFor();
  });

  it('stands still for those who ask for it', async () => {
    const { page } = await visit(browser, platform.address!, { reducedMotion: 'reduce' });
    await say(page, 'a cat in the snow');
    await page.locator('.stage').waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });
});

describe('a page that others can reach', () => {
  it('takes its admin in by the printed address, and those whom the admin invites', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'easel-'));
    const config = { host: '0.0.0.0', port: 0, publicUrl: undefined, dataDir };
    const open = createWebPlatform({
      config,
      turns: test.store.turns,
      operations: test.store.operations,
      log: watchedLog(),
    });
    host.platform = open;
    await open.start(host);
    try {
      const stranger = await (await browser.newContext()).newPage();
      await stranger.goto(new URL(open.address!).origin);
      await stranger.getByRole('alert').filter({ hasText: 'This Easel is for invited people' }).waitFor();
      const { page } = await visit(browser, open.address!);
      expect(page.url()).not.toContain('invitation');
      await button(page, 'Invite').click();
      const link = await page.getByLabel('Invitation link').inputValue();
      await button(page, 'Done').click();
      await stranger.goto(link);
      await stranger.reload();
      await say(stranger, 'a cat in the snow');
      await pictures(stranger).waitFor();
      expect(await button(stranger, 'Invite').count()).toBe(0);
      expect(host.requests[0]?.actor.admin).toBe(false);
      await stranger.context().close();
    } finally {
      await open.stop();
      await rm(dataDir, { recursive: true });
    }
  });
});

function outlineOf(page: Page): Promise<string> {
  return page.evaluate(() => (document.activeElement ? getComputedStyle(document.activeElement).outlineStyle : ''));
}
