import { readFileSync, writeFileSync } from 'node:fs';
import { commands } from '../../commands/index.ts';
import { commandsPage } from './commands.ts';
import { withoutInstallScripts } from './install-scripts.ts';
import { licencePage, productionPackages } from './licences.ts';

/** `npm run pages`: writes the pages of docs/ that are made from what they tell of, after a change of packages or commands. */
writeFileSync('docs/commands.md', commandsPage(commands));
const lock = readFileSync('package-lock.json', 'utf8');
writeFileSync('package-lock.json', withoutInstallScripts(lock));
writeFileSync('docs/licences.md', licencePage(productionPackages(JSON.parse(lock))));
