import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { button, CAT_IN_SNOW, pictures, say, textbox } from './page-parts.ts';
import { pageScene } from './page-scene.ts';
import { watchStatus } from './visit.ts';

const scene = pageScene({ stepMs: 20, steps: 20 });

describe('drawing', () => {
  it('shows the place in line, the steps, the preview, then the picture with its buttons and recipe', async () => {
    const { page, complaints } = await scene.visit();
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
    const { page } = await scene.visit();
    await say(page, 'four cats --count 4');
    await button(page, 'Upscale 4').waitFor();
    expect(await pictures(page).count()).toBe(4);
    const third = page.getByRole('group', { name: 'Actions for picture 3' });
    expect(await third.getByRole('button').allInnerTexts()).toEqual(['Refine 3', 'Upscale 3', 'Vary 3']);
    expect(await button(page, 'Again').count()).toBe(1);
    await third.getByRole('button', { name: 'Vary 3' }).click();
    await pictures(page).nth(4).waitFor();
    expect(scene.host.requests.at(-1)).toMatchObject({
      command: 'vary',
      options: { target: expect.stringMatching(/\.2$/) },
    });
  });

  it('goes on with each button', async () => {
    const { page, complaints } = await scene.visit();
    await say(page, 'a cat in the snow');
    let count = 1;
    for (const name of ['Refine', 'Upscale', 'Vary', 'Again']) {
      await button(page, name).last().click();
      await pictures(page).nth(count++).waitFor();
    }
    expect(scene.host.requests.map(({ command }) => command)).toEqual([
      'imagine',
      'refine',
      'upscale',
      'vary',
      'again',
    ]);
    await button(page, 'Delete').last().click();
    await pictures(page).nth(4).waitFor({ state: 'detached' });
    expect(await pictures(page).count()).toBe(4);
    expect(complaints).toEqual([]);
  });

  it('opens the recipe in a form and draws what it says', async () => {
    const { page } = await scene.visit();
    await say(page, 'a cat in the snow');
    await button(page, 'Edit').click();
    const form = page.getByRole('dialog', { name: 'Edit and draw again' });
    await form.getByLabel('Prompt').fill('a dog in the rain');
    await form.getByRole('button', { name: 'Draw' }).click();
    await pictures(page).nth(1).waitFor();
    expect(scene.host.requests.at(-1)).toMatchObject({
      command: 'imagine',
      options: { prompt: 'a dog in the rain', steps: '20', seed: '7', private: 'false' },
    });
    await button(page, 'Edit').last().click();
    await form.waitFor();
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
    expect(scene.host.requests.at(-1)?.command).toBe('edit');
  });

  it('shows the picture large and hands it over with its name', async () => {
    const { page } = await scene.visit();
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
    expect(await readFile(await download.path())).toEqual(await readFile(CAT_IN_SNOW));
  });
});

describe('coming back', () => {
  it('keeps the conversation over a reload', async () => {
    const { page } = await scene.visit();
    await say(page, 'a cat in the snow');
    await pictures(page).waitFor();
    await page.reload();
    await pictures(page).waitFor();
    expect(await page.locator('.asked').allInnerTexts()).toEqual(['a cat in the snow']);
    await button(page, 'Refine').click();
    await pictures(page).nth(1).waitFor();
  });

  it('says that it is reconnecting, keeps what was written, and goes on', async () => {
    const { page } = await scene.visit();
    await say(page, 'a cat in the snow');
    await pictures(page).waitFor();
    const port = Number(new URL(scene.address).port);
    await scene.stop();
    await page.getByText('Reconnecting…').waitFor();
    await say(page, 'written while away');
    await page.getByText('Easel cannot be reached').waitFor();
    expect(await textbox(page).inputValue()).toBe('written while away');
    await scene.serve({ port });
    await page.getByText('Reconnecting…').waitFor({ state: 'detached' });
    await textbox(page).press('Enter');
    await pictures(page).nth(1).waitFor();
    expect(scene.host.requests.map(({ options }) => options.prompt)).toEqual([
      'a cat in the snow',
      'written while away',
    ]);
  });

  it('keeps two visitors apart, and two tabs of one together', async () => {
    const one = await scene.visit();
    const other = await scene.visit();
    await say(one.page, 'a cat in the snow');
    await pictures(one.page).waitFor();
    expect(await other.page.locator('.turn').count()).toBe(0);
    const tab = await one.page.context().newPage();
    await tab.goto(scene.address);
    await pictures(tab).waitFor();
    await say(tab, 'a second cat');
    await pictures(one.page).nth(1).waitFor();
  });
});

describe('a page that others can reach', () => {
  it('takes its admin in by the printed address, and those whom the admin invites', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'easel-'));
    await scene.stop();
    await scene.serve({ host: '0.0.0.0', dataDir });
    try {
      const stranger = await (await scene.browser.newContext()).newPage();
      await stranger.goto(new URL(scene.address).origin);
      await stranger.getByRole('alert').filter({ hasText: 'This Easel is for invited people' }).waitFor();
      const { page } = await scene.visit();
      expect(page.url()).not.toContain('invitation');
      await button(page, 'Invite').click();
      const link = await page.getByLabel('Invitation link').inputValue();
      await button(page, 'Done').click();
      // Opened in a tab that shows the page: only the fragment changes.
      await stranger.goto(link);
      await stranger.waitForURL(({ hash }) => hash === '');
      await stranger.waitForLoadState();
      await say(stranger, 'a cat in the snow');
      await pictures(stranger).waitFor();
      expect(await button(stranger, 'Invite').count()).toBe(0);
      expect(scene.host.requests[0]?.actor.admin).toBe(false);
      await stranger.context().close();
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });
});
