import { createWebPlatform, type WebPlatform } from '../../bot/web/platform.ts';
import type { TestStore } from '../bot/web/test-store.ts';
import { watchedLog } from '../canary.ts';
import type { DrawingHost } from './drawing-host.ts';

/** Serves the page to this machine alone, with what the host draws. Port 0: a free one. */
export async function startPage(host: DrawingHost, { store }: TestStore, port = 0): Promise<WebPlatform> {
  const platform = createWebPlatform({
    config: { host: '127.0.0.1', port, publicUrl: undefined, dataDir: '' },
    turns: store.turns,
    operations: store.operations,
    log: watchedLog(),
  });
  host.platform = platform;
  await platform.start(host);
  return platform;
}
