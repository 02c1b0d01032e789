import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Store } from '../../bot/store/store.ts';
import type { WebPlatform, WebPlatformParts } from '../../bot/web/platform.ts';
import { startWeb } from '../bot/web/start-web.ts';
import { openTestStore, type TestStore } from '../bot/web/test-store.ts';
import { launchChromium } from './chromium.ts';
import { DrawingHost, type Pace } from './drawing-host.ts';
import { type Visit, visit } from './visit.ts';

/** The page, with a host that pretends to draw, and Chromium to look at it. */
export interface PageScene {
  readonly browser: Browser;
  readonly store: Store;
  readonly host: DrawingHost;
  /** Where the page is, as its operator reads it. */
  readonly address: string;
  /** Opens the page as a new visitor. */
  visit(options?: BrowserContextOptions): Promise<Visit>;
  stop(): Promise<void>;
  /** Serves the page again, once it was stopped. */
  serve(config?: Partial<WebPlatformParts['config']>): Promise<void>;
}

/** For the top of a test file: its tests share a browser and a store, and each has a host and a page of its own. */
export function pageScene(pace: Pace): PageScene {
  let browser: Browser;
  let test: TestStore;
  let host: DrawingHost;
  let platform: WebPlatform;

  const scene: PageScene = {
    get browser() {
      return browser;
    },
    get store() {
      return test.store;
    },
    get host() {
      return host;
    },
    get address() {
      return platform.address!;
    },
    visit: (options) => visit(browser, platform.address!, options),
    stop: () => platform.stop(),
    async serve(config) {
      platform = await startWeb(host, test, config);
      host.platform = platform;
    },
  };

  beforeAll(async () => {
    browser = await launchChromium();
    test = await openTestStore();
  });

  afterAll(async () => {
    await browser.close();
    await test.store.close();
  });

  beforeEach(() => {
    host = new DrawingHost(pace);
    return scene.serve();
  });

  afterEach(() => scene.stop());

  return scene;
}
