import { platformConformance } from '../platform-conformance.ts';
import { slackHarness, type Transport } from './harness.ts';

for (const transport of ['Socket Mode', 'signed HTTP'] satisfies Transport[]) {
  platformConformance(`Slack over ${transport}`, (host) => slackHarness(host, transport));
}
