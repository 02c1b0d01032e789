import { afterEach, beforeEach, expect, it } from 'vitest';
import { DiscordApi } from '../../../bot/discord/transport/api.ts';
import { type FakeDiscord, startFakeDiscord } from '../../fakes/discord/index.ts';

let fake: FakeDiscord;
let api: DiscordApi;

beforeEach(async () => {
  fake = await startFakeDiscord();
  api = new DiscordApi({ token: fake.token, apiUrl: fake.apiUrl });
});
afterEach(() => fake.close());

it.each([
  ['in a header', false],
  ['in the body alone', true],
])('a limit that says %s how long it lasts is not tried against', async (_where, bodyOnly) => {
  fake.faults.add({ path: /applications/ }, { kind: 'rate', seconds: 60, bodyOnly });
  await expect(api.application()).rejects.toMatchObject({ kind: 'limited', status: 429 });
  expect(fake.calls).toHaveLength(1);
});

it('a limit of all calls is known to be one by the body, too', async () => {
  fake.faults.add({ path: /applications/ }, { kind: 'rate', seconds: 60, global: true, bodyOnly: true });
  await expect(api.application()).rejects.toMatchObject({ kind: 'limited' });
  await expect(api.guilds()).rejects.toMatchObject({ kind: 'limited' });
  expect(fake.calls).toHaveLength(1);
});
