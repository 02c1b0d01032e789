import type { PlatformHost } from '../../../bot/platform.ts';
import { createWebPlatform, type WebPlatform, type WebPlatformParts } from '../../../bot/web/platform.ts';
import { watchedLog } from '../../canary.ts';
import type { TestStore } from './test-store.ts';

/** Serves the page: to this machine alone and on any free port, where `config` says nothing else. */
export async function startWeb(
  host: PlatformHost,
  { store }: TestStore,
  config: Partial<WebPlatformParts['config']> = {},
  now: () => number = Date.now,
): Promise<WebPlatform> {
  const platform = createWebPlatform({
    config: { host: '127.0.0.1', port: 0, publicUrl: undefined, dataDir: '', ...config },
    turns: store.turns,
    members: store.members,
    operations: store.operations,
    log: watchedLog(),
    now,
  });
  await platform.start(host);
  return platform;
}
