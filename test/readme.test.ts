import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { neededPermissions } from '../bot/discord/setup/permissions.ts';
import { appScopes, botScopes } from '../bot/slack/scopes.ts';
import { environmentName, keyNames } from '../config/keys.ts';

const readme = readFileSync('README.md', 'utf8');

test.each(neededPermissions)('the README says why Discord’s permission $name is needed', ({ name, reason }) => {
  expect(readme).toContain(`| ${name} | ${reason} |`);
});

test.each([...botScopes, ...appScopes])('the README says why Slack’s scope $scope is needed', (wanted) => {
  const { scope, reason, required } = wanted;
  expect(readme).toContain(`| \`${scope}\` | ${reason} | ${required ? 'cannot work' : 'works without this'} |`);
});

test.each(keyNames.map(environmentName))('the README tells of the setting %s', (name) => {
  expect(readme).toContain(`\`${name}\``);
});
