import { readFileSync, writeFileSync } from 'node:fs';
import { commands } from '../../commands/index.ts';
import { commandsPage } from './commands.ts';
import { licencePage, productionPackages } from './licences.ts';

/** `npm run pages`: writes the pages of docs/ that are made from what they tell of. */
writeFileSync('docs/commands.md', commandsPage(commands));
writeFileSync(
  'docs/licences.md',
  licencePage(productionPackages(JSON.parse(readFileSync('package-lock.json', 'utf8')))),
);
