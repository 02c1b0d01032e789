import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../../config/index.ts';

const load = (environment: Record<string, string>) => loadConfig(environment, tmpdir());
const whole = {
  DISCORD_CLIENT_SECRET: 'client-secret',
  DISCORD_APPLICATION_ID: '42',
  PUBLIC_URL: 'https://easel.example',
  PAGE_ADMINS: '11, 12',
};

test('people may sign in with Discord where all of it is set', () => {
  expect(load({}).pageSignIn).toBeNull();
  expect(load(whole).pageSignIn).toEqual({
    clientId: '42',
    clientSecret: 'client-secret',
    admins: ['11', '12'],
    guilds: [],
    authorizeUrl: 'https://discord.com/oauth2/authorize',
    apiUrl: 'https://discord.com/api/v10',
  });
});

test.each([
  ['no address to come back to', { ...whole, PUBLIC_URL: '' }, /needs DISCORD_APPLICATION_ID, and PUBLIC_URL/],
  ['nobody who may', { ...whole, PAGE_ADMINS: '' }, /lets nobody in/],
  ['no secret', { PAGE_GUILDS: '500' }, /need DISCORD_CLIENT_SECRET/],
  ['names instead of ids', { ...whole, PAGE_ADMINS: 'ann' }, /PAGE_ADMINS must be Discord's ids/],
])('%s is said in one line', (_, environment, line) => {
  expect(() => load(environment)).toThrow(ConfigError);
  expect(() => load(environment)).toThrow(line);
});
