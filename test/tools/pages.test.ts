import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { commandsPage } from '../../tools/pages/commands.ts';
import { withoutInstallScripts } from '../../tools/pages/install-scripts.ts';
import { licencePage, productionPackages } from '../../tools/pages/licences.ts';

const packages = productionPackages(JSON.parse(readFileSync('package-lock.json', 'utf8')));

/** What may be used and passed on as Easel is: all but the last without conditions beyond naming it. */
const KNOWN = new Set([
  'MIT',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'CC0-1.0',
  'LGPL-3.0-or-later',
]);

test('the page lists every production package as it is locked', () => {
  expect(readFileSync('docs/licences.md', 'utf8'), 'npm run pages').toBe(licencePage(packages));
  expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['sharp', 'discord.js', 'onnxruntime-node']));
  expect(packages.map(({ name }) => name)).not.toContain('vitest');
});

test('no package runs a script of its own when it is installed', () => {
  const lock = readFileSync('package-lock.json', 'utf8');
  expect(lock, 'npm run pages').toBe(withoutInstallScripts(lock));
  expect(readFileSync('.npmrc', 'utf8')).not.toContain('onnxruntime');
});

test('every licence is one that was looked at', () => {
  const unknown = packages.filter(({ licence }) =>
    licence.split(/ AND | OR |[()]/).some((part) => part !== '' && !KNOWN.has(part)),
  );
  expect(unknown).toEqual([]);
});

test('the page of the commands is made from them as they are', () => {
  expect(readFileSync('docs/commands.md', 'utf8'), 'npm run pages').toBe(commandsPage(commands));
});
