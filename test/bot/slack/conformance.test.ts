import { platformConformance } from '../platform-conformance.ts';
import { slackHarness, TRANSPORTS } from './harness.ts';

for (const transport of TRANSPORTS) {
  platformConformance(`Slack over ${transport}`, (host) => slackHarness(host, transport));
}
