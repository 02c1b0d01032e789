import { setTimeout as sleep } from 'node:timers/promises';
import { type NetworkPath, networkPaths } from '../installation.ts';
import type { Fault, Part } from './fault.ts';

const PARTS: Readonly<Record<NetworkPath, Part>> = {
  'bot-redis': 'redis',
  'bot-postgres': 'postgres',
  'worker-redis': 'redis',
  'worker-postgres': 'postgres',
  'bot-discord': 'discord',
  'bot-slack': 'slack',
};

/** Each way cut, and each way hanging. */
export const networkFaults: readonly Fault[] = networkPaths.flatMap((path): Fault[] => {
  const part = PARTS[path];
  const silences = part === 'discord' || part === 'slack' ? ([part] as const) : [];
  return [
    {
      kind: `network ${path}: cut`,
      ...{ part, silences, weight: 0.5 },
      async inject({ network }, random) {
        network[path].cut();
        await sleep(random.between(200, 8000));
        network[path].mend();
      },
    },
    {
      kind: `network ${path}: hangs`,
      ...{ part, silences, weight: 0.5 },
      async inject({ network }, random) {
        network[path].hang();
        await sleep(random.between(1000, 8000));
        network[path].mend();
      },
    },
  ];
});
