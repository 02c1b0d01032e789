import type { Config, Logger } from '../config/index.ts';
import { patientPlatform } from './patient-platform.ts';
import type { Platform } from './platform.ts';
import type { Store } from './store/store.ts';

export interface PlatformParts {
  readonly config: Config;
  readonly store: Store;
  readonly log: Logger;
}

/** Makes a platform's adapter where it is configured; loads its library only then. */
type PlatformFactory = (parts: PlatformParts) => Promise<Platform | null>;

/** Everywhere that people can reach Easel. A new platform is its folder and a line here. */
export const platformFactories: readonly PlatformFactory[] = [
  async ({ config, store, log }) => {
    const { createWebPlatform } = await import('./web/platform.ts');
    const { turns, members, operations } = store;
    return createWebPlatform({ config, turns, members, operations, log: log.child({ platform: 'web' }) });
  },
  async ({ config: { discord }, log }) => {
    if (discord === null) return null;
    const { createDiscordPlatform } = await import('./discord/platform.ts');
    const own = log.child({ platform: 'discord' });
    return patientPlatform({ create: () => createDiscordPlatform({ config: discord, log: own }), log: own });
  },
  async ({ config: { slack, host }, log }) => {
    if (slack === null) return null;
    const { createSlackPlatform } = await import('./slack/platform.ts');
    const own = log.child({ platform: 'slack' });
    return patientPlatform({ create: () => createSlackPlatform({ config: { ...slack, host }, log: own }), log: own });
  },
];
