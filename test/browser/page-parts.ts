import type { Locator, Page } from 'playwright-core';

/** A picture on this machine, which is also the first that a `DrawingHost` draws. */
export const CAT_IN_SNOW = new URL('../fixtures/golden/mini/cat_snow.png', import.meta.url).pathname;

/** Where a person types what to draw, on the page in English. */
export const textbox = (page: Page): Locator => page.getByRole('textbox', { name: /Describe a picture/ });

/** The finished pictures of the conversation, oldest first. */
export const pictures = (page: Page): Locator => page.locator('.message .open img');

export const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });

/** Types a line and sends it. */
export async function say(page: Page, line: string): Promise<void> {
  await textbox(page).fill(line);
  await textbox(page).press('Enter');
}
