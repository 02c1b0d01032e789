import { afterAll, beforeAll, describe, it } from 'vitest';
import { turnStoreConformance } from '../web/turn-store-conformance.ts';
import { fairShareConformance } from './fair-share-conformance.ts';
import { openTestStore, type TestStore } from './harness.ts';
import { jobConformance } from './jobs-conformance.ts';

const url = process.env.TEST_DATABASE_URL;

describe('The embedded store', () => suites());

if (url === undefined) it.skip('The store on Postgres: left out, for TEST_DATABASE_URL names no server', () => {});
else describe('The store on Postgres', () => suites(url));

function suites(databaseUrl?: string): void {
  let opened: TestStore;
  beforeAll(async () => {
    opened = await openTestStore(databaseUrl);
  });
  afterAll(() => opened.close());
  const store = () => opened.store;

  jobConformance(store);
  fairShareConformance(store);
  turnStoreConformance('It', () => store().turns);
}
