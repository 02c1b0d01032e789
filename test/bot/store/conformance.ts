import { deliverySuite } from './conformance/deliveries.ts';
import { fairShareSuite } from './conformance/fair-share.ts';
import { guildSuite } from './conformance/guilds.ts';
import { jobSuite } from './conformance/jobs.ts';
import { leaseSuite } from './conformance/leases.ts';
import { lifeSuite } from './conformance/life/suite.ts';
import { operationsSuite } from './conformance/operations.ts';
import { peopleSuite } from './conformance/people.ts';
import { pictureSuite } from './conformance/pictures.ts';
import { quotaSuite } from './conformance/quotas.ts';
import { retentionSuite } from './conformance/retention.ts';
import { workerSuite } from './conformance/workers.ts';
import type { StoreUnderTest } from './stores.ts';

/** Everything that a store owes the bot; the same for every database. */
export function storeConformance(context: StoreUnderTest): void {
  jobSuite(context);
  leaseSuite(context);
  deliverySuite(context);
  fairShareSuite(context);
  quotaSuite(context);
  pictureSuite(context);
  guildSuite(context);
  peopleSuite(context);
  workerSuite(context);
  operationsSuite(context);
  retentionSuite(context);
  lifeSuite(context);
}
