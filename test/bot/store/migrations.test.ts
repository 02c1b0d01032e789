import { readdir, readFile } from 'node:fs/promises';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import { expect, it } from 'vitest';
import * as schema from '../../../bot/store/schema.ts';

const META = new URL('../../../bot/store/migrations/meta/', import.meta.url);

it('the committed migrations lead to the schema: otherwise run `npx drizzle-kit generate`', async () => {
  const last = (await readdir(META))
    .filter((name) => name.endsWith('_snapshot.json'))
    .sort()
    .at(-1);
  const snapshot = JSON.parse(await readFile(new URL(last ?? '', META), 'utf8'));
  expect(await generateMigration(snapshot, generateDrizzleJson(schema))).toEqual([]);
});
