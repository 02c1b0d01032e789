import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { button, CAT_IN_SNOW, pictures, say, textbox } from './page-parts.ts';
import { pageScene } from './page-scene.ts';

const scene = pageScene({ stepMs: 20, steps: 20 });

describe('writing', () => {
  it('completes commands, options and values by keyboard', async () => {
    const { page } = await scene.visit();
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
    expect(scene.host.requests).toEqual([]);
  });

  it('breaks a line by Shift and Enter, sends by Enter, remembers by arrow up', async () => {
    const { page } = await scene.visit();
    await textbox(page).pressSequentially('a cat');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('in the snow');
    await page.keyboard.press('Enter');
    await pictures(page).waitFor();
    expect(scene.host.requests[0]?.options.prompt).toBe('a cat\nin the snow');
    await page.keyboard.press('ArrowUp');
    expect(await textbox(page).inputValue()).toBe('a cat\nin the snow');
  });

  it('sets options by dialog', async () => {
    const { page } = await scene.visit();
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
    const { page } = await scene.visit();
    await page.getByLabel('Attach a picture to start from').setInputFiles(CAT_IN_SNOW);
    await button(page, 'Remove cat_snow.png').click();
    expect(await page.locator('#attachments').isVisible()).toBe(false);
    await page.getByLabel('Attach a picture to start from').setInputFiles(CAT_IN_SNOW);
    await say(page, 'a cat on the moon --strength 0.6');
    await pictures(page).waitFor();
    const sent = scene.host.requests[0]?.options.picture as { name: string; fetch(): Promise<Uint8Array> };
    expect(sent.name).toBe('cat_snow.png');
    expect(Buffer.from(await sent.fetch())).toEqual(await readFile(CAT_IN_SNOW));
    expect(await page.getByText('with cat_snow.png').isVisible()).toBe(true);
    await page.getByLabel('Attach a picture to start from').setInputFiles({
      name: 'notes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('x'),
    });
    expect(await page.getByRole('alert').textContent()).toBe('notes.txt is no PNG, JPEG, WebP or GIF picture.');
  });

  it('answers what cannot be read with one clear line', async () => {
    const { page } = await scene.visit();
    await say(page, '/imagne a cat');
    await page.locator('.message', { hasText: 'did you mean /imagine' }).waitFor();
    await say(page, '/imagine a cat --stepps 7');
    await page.locator('.message', { hasText: 'There is no option --stepps here' }).waitFor();
    expect(await page.locator('.message.failure').count()).toBe(2);
  });

  it('never lets a prompt become markup', async () => {
    const { page, complaints } = await scene.visit();
    await say(page, '<img src=x onerror=alert(1)><script>alert(2)</script> </textarea>');
    await pictures(page).waitFor();
    expect(await page.locator('.asked .text').textContent()).toBe(
      '<img src=x onerror=alert(1)><script>alert(2)</script> </textarea>',
    );
    expect(complaints).toEqual([]);
  });
});
