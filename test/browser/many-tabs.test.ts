import { expect, it } from 'vitest';
import { button, pictures, say, textbox } from './page-parts.ts';
import { pageScene } from './page-scene.ts';

const scene = pageScene({ stepMs: 20, steps: 20 });

it('works in more tabs than a browser has connections, and tells each what the others did', async () => {
  const { page, complaints } = await scene.visit();
  await say(page, 'a cat in the snow');
  await pictures(page).waitFor();
  const tabs = [page];
  for (let count = 1; count < 8; count++) {
    const tab = await page.context().newPage();
    tab.on('pageerror', (error) => complaints.push(error.message));
    await tab.goto(scene.address);
    await pictures(tab).waitFor();
    tabs.push(tab);
  }
  await say(tabs.at(-1)!, 'a dog in the rain');
  for (const tab of tabs) await pictures(tab).nth(1).waitFor();
  // Whoever closes the first tab leaves the others connected.
  await tabs.shift()!.close();
  await say(tabs[0]!, 'a third one');
  for (const tab of tabs) await pictures(tab).nth(2).waitFor();
  expect(complaints).toEqual([]);
}, 60_000);

it('reconnects all tabs after a restart, and says so in each', async () => {
  const { page } = await scene.visit();
  const tab = await page.context().newPage();
  await tab.goto(scene.address);
  await textbox(tab).waitFor();
  const port = Number(new URL(scene.address).port);
  await scene.stop();
  for (const each of [page, tab]) await each.getByText('Reconnecting…').waitFor();
  await scene.serve({ port });
  for (const each of [page, tab]) await each.getByText('Reconnecting…').waitFor({ state: 'detached' });
  await say(tab, 'a cat in the snow');
  await pictures(page).waitFor();
}, 60_000);

it('without shared workers each tab has a stream of its own', async () => {
  const { page } = await scene.visit();
  await page.context().addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
  const tab = await page.context().newPage();
  await tab.goto(scene.address);
  await textbox(tab).waitFor();
  await say(page, 'a cat in the snow');
  await pictures(tab).waitFor();
});

const REFUSED = [
  { status: 403, body: '{"error":"Requests are taken from elsewhere."}', words: 'Requests are taken from elsewhere.' },
  { status: 413, body: '<html>', words: 'Das ist dem Server zu groß' },
  { status: 429, body: '', words: 'Der Server nimmt gerade nichts mehr an' },
  { status: 502, body: '<html>', words: 'Easel ist gerade nicht zu erreichen (Status 502)' },
  { status: null, body: '', words: 'Easel ist nicht zu erreichen' },
];

it.each(REFUSED)(
  'says in the reader’s language that a command was not taken, and keeps it: $status',
  async (refused) => {
    const { page } = await scene.visit({ locale: 'de-DE' });
    const line = page.getByRole('textbox', { name: 'Beschreibe ein Bild' });
    const { status, body, words } = refused;
    await page.route('**/api/command', (route) => (status === null ? route.abort() : route.fulfill({ status, body })));
    await line.fill('eine Katze');
    await line.press('Enter');
    await page.getByRole('alert').filter({ hasText: words }).waitFor();
    expect(await line.inputValue()).toBe('eine Katze');
    await page.unroute('**/api/command');
    await line.press('Enter');
    await pictures(page).waitFor();
    expect(scene.host.requests).toHaveLength(1);
  },
);

it('keeps a form open that was not taken, with all that was written', async () => {
  const { page } = await scene.visit();
  await say(page, 'a cat in the snow');
  await button(page, 'Edit').click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Prompt').fill('a dog in the rain');
  await page.route('**/api/command', (route) => route.fulfill({ status: 503, body: '{"error":"Not now."}' }));
  await form.getByRole('button', { name: 'Draw' }).click();
  await form.getByText('Not now.').waitFor();
  expect(await form.getByLabel('Prompt').inputValue()).toBe('a dog in the rain');
  await page.unroute('**/api/command');
  await form.getByRole('button', { name: 'Draw' }).click();
  await pictures(page).nth(1).waitFor();
  expect(scene.host.requests.at(-1)?.options.prompt).toBe('a dog in the rain');
});

it('shows why the stream is refused', async () => {
  const { page } = await scene.visit();
  await page.context().addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
  await page
    .context()
    .route('**/events*', (route) => route.fulfill({ status: 429, body: '{"error":"Too many tabs."}' }));
  await page.reload();
  await page.getByText('Too many tabs.').waitFor();
});
