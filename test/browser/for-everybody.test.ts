import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { axeFaults } from './axe.ts';
import { PHONE } from './chromium.ts';
import { button, pictures, say, textbox } from './page-parts.ts';
import { pageScene } from './page-scene.ts';

const scene = pageScene({ stepMs: 20, steps: 20 });

describe('for everybody', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no accessibility fault that axe finds, ${colorScheme}, empty, drawing, drawn and asking`, async () => {
      const { page } = await scene.visit({ colorScheme });
      const faults: unknown[] = [];
      const examine = async () => faults.push(...(await axeFaults(page)));
      await examine();
      await textbox(page).fill('/');
      await page.getByRole('option').first().waitFor();
      await examine();
      await say(page, `four cats ${'in the deep snow of the north '.repeat(60)} --count 4`);
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
    const { page, complaints } = await scene.visit({ locale: 'de-DE' });
    await page.getByRole('heading', { name: 'Was zeichnen wir?' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    expect(await page.getByRole('button').allInnerTexts()).not.toContain('Options');
    await page.getByRole('textbox', { name: 'Beschreibe ein Bild' }).fill('/malen');
    await page.keyboard.press('Enter');
    await page.locator('.message', { hasText: 'Den Befehl' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('is whole on a phone of 320 pixels', async () => {
    const { page } = await scene.visit(PHONE);
    await say(page, `two cats ${'with-a-very-long-word-that-nothing-breaks-'.repeat(4)} --count 2`);
    await button(page, 'Upscale 2').waitFor();
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(widths).toEqual([320, 320]);
    await button(page, 'Delete').tap();
    await pictures(page).first().waitFor({ state: 'detached' });
  });

  it('is used by keyboard alone', async () => {
    const { page } = await scene.visit();
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
    const { page } = await scene.visit({ reducedMotion: 'reduce' });
    await say(page, 'a cat in the snow');
    await page.locator('.stage').waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });
});

function outlineOf(page: Page): Promise<string> {
  return page.evaluate(() => (document.activeElement ? getComputedStyle(document.activeElement).outlineStyle : ''));
}
