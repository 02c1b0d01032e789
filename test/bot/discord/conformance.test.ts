import { platformConformance } from '../platform-conformance.ts';
import { discordHarness } from './harness.ts';

platformConformance('Discord', discordHarness);
