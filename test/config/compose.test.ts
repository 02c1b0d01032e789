import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { environmentName, keyNames } from '../../config/keys.ts';

/** The image's own (see Dockerfile), and what stands in for Discord and Slack in tests. */
const NOT_FOR_OPERATORS = ['DATA_DIR', 'HOST', 'PORT', 'MONITOR_PORT', 'PROVIDER', 'DISCORD_API_URL', 'SLACK_API_URL'];

test('an operator with containers has every setting', async () => {
  const compose = await readFile('docker-compose.yml', 'utf8');
  const passedOn = new Set([...compose.matchAll(/^ +([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name));
  const names = keyNames.map(environmentName).filter((name) => !NOT_FOR_OPERATORS.includes(name));
  expect(names.filter((name) => !passedOn.has(name))).toEqual([]);
});
