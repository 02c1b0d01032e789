import { readFileSync, writeFileSync } from 'node:fs';
import { licencePage, productionPackages } from './licences.ts';

/** `npm run licences`: writes docs/licences.md from package-lock.json. */
writeFileSync(
  'docs/licences.md',
  licencePage(productionPackages(JSON.parse(readFileSync('package-lock.json', 'utf8')))),
);
