import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterEach } from 'vitest';

const opened: Page[] = [];

/** Opens the page as a new visitor; whatever its console complains about fails the test. */
export async function visit(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-US', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(address);
  await page.getByRole('textbox').waitFor();
  opened.push(page);
  return { page, complaints };
}

export interface Visit {
  readonly page: Page;
  /** Errors that the page's console showed. */
  readonly complaints: string[];
}

afterEach(async () => {
  for (const page of opened.splice(0)) await page.context().close();
});

/** What the status line of a request said, in order, until its picture came. */
export async function watchStatus(page: Page): Promise<() => Promise<string[]>> {
  const seen = await page.evaluateHandle(() => {
    const lines: string[] = [];
    new MutationObserver(() => {
      const line = document.querySelector('.stage')?.textContent ?? '';
      if (line !== '' && line !== lines.at(-1)) lines.push(line);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    return lines;
  });
  return () => seen.jsonValue();
}
