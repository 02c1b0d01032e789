import { expect, it, vi } from 'vitest';
import { requestIdOf } from '../../commands/request.ts';
import { draw, failure, finish, request, take, WORKER } from '../bot/store/requests.ts';
import { mini } from '../commands/memory-services.ts';
import { axeFaults } from './axe.ts';
import { PHONE } from './chromium.ts';
import { pageScene } from './page-scene.ts';

const scene = pageScene({ stepMs: 20, steps: 20 });

it('shows an operator the line, the workers, the use and the failures, and obeys', async () => {
  const { store } = scene;
  await store.models.register(WORKER.worker, [{ name: 'mini', description: mini }]);
  await store.jobs.accept(request());
  await finish(store, await take(store));
  const { job: failed } = await store.jobs.accept(request({ guild: 'studio', user: 'ada' }));
  await take(store);
  const cause = 'The engine process was ended by SIGKILL.';
  await store.jobs.fail(failed.id, WORKER.worker, 'failed', { ...failure, cause });
  await store.jobs.accept(request({ guild: 'studio', user: 'grace', work: draw(3) }));
  await take(store);
  await store.jobs.accept(request({ guild: 'studio', user: 'edsger', platform: 'slack' }));

  const { page, complaints } = await scene.visit();
  await page.getByRole('link', { name: 'Operations' }).click();
  await page
    .getByRole('row', { name: 'draw ×3, 256x256, mini discord · studio · grace' })
    .getByText('is drawn')
    .waitFor();
  await page.getByRole('row', { name: 'slack · studio · edsger' }).getByText('in about').waitFor();
  await page.getByRole('row', { name: /^worker-1 mini 1 of 1/ }).waitFor();
  expect(await page.locator('#numbers').textContent()).toContain('Waiting1');
  const asked = requestIdOf(failed.origin);
  await page.getByRole('row', { name: asked }).getByText(cause).waitFor();
  expect(await page.locator('#chart rect').count()).toBe(30);
  expect(await axeFaults(page)).toEqual([]);

  await page.getByLabel('Paused').check();
  await page.getByText('Requests are taken and wait').waitFor();
  await page.getByRole('row', { name: 'slack · studio · edsger' }).getByText('waits: paused').waitFor();
  await vi.waitFor(async () => expect(await store.operations.mode()).toBe('paused'));
  expect(await store.jobs.takeNext(WORKER)).toBeNull();
  await page.getByLabel('Open').check();
  await vi.waitFor(async () => expect(await store.operations.mode()).toBe('open'));

  const retry = page.getByRole('button', { name: `Retry request ${asked}` });
  await retry.click();
  const again = requestIdOf({ platform: 'discord', event: `retry:${failed.id}` });
  await page
    .getByRole('status')
    .filter({ hasText: `${asked} is drawn again as ${again}.` })
    .waitFor();
  await page.getByRole('row', { name: 'discord · studio · ada' }).getByText('in about').waitFor();
  await page.getByRole('row', { name: `Retried as ${again}: in line` }).waitFor();
  expect(await retry.count()).toBe(0);
  // Another operator's page may still show the button.
  const response = await page.request.post(`${scene.address}/api/operations`, {
    headers: { 'x-easel': '1', origin: new URL(scene.address).origin },
    data: { kind: 'retry', job: failed.id },
  });
  expect([response.status(), await response.text()]).toEqual([
    409,
    expect.stringContaining('There is nothing to retry'),
  ]);
  expect(complaints).toEqual([]);
});

it('is whole on a phone', async () => {
  const { page } = await scene.visit({ ...PHONE, colorScheme: 'dark' });
  await page.goto(`${scene.address}/operations.html`);
  await page.locator('#failures table').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  expect(await axeFaults(page)).toEqual([]);
});
