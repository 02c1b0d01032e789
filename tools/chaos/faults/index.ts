import { channelFaults } from './channels.ts';
import { clockFaults } from './clocks.ts';
import { deletionFaults } from './deletions.ts';
import { discordFaults } from './discord.ts';
import { engineFaults } from './engine.ts';
import type { Fault } from './fault.ts';
import { networkFaults } from './network.ts';
import { postgresFaults } from './postgres.ts';
import { processFaults } from './processes.ts';
import { redisFaults } from './redis.ts';
import { refusalFaults } from './refusals.ts';
import { slackFaults } from './slack.ts';
import { storageFaults } from './storage.ts';

/** Every fault that can be made. */
export const faults: readonly Fault[] = [
  ...processFaults,
  ...engineFaults,
  ...redisFaults,
  ...postgresFaults,
  ...networkFaults,
  ...discordFaults,
  ...slackFaults,
  ...refusalFaults,
  ...deletionFaults,
  ...channelFaults,
  ...clockFaults,
  ...storageFaults,
];
