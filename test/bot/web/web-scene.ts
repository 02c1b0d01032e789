import { vi } from 'vitest';
import type { WebPlatform } from '../../../bot/web/platform.ts';
import { ScriptedHost } from '../platform-harness.ts';
import { BrowserPerson } from './browser-person.ts';
import { startWeb } from './start-web.ts';
import type { TestStore } from './test-store.ts';

/** The page as this machine reaches it, and the people who are at it. */
export class WebScene {
  readonly host: ScriptedHost;
  platform: WebPlatform;
  private readonly test: TestStore;
  private readonly people: BrowserPerson[] = [];

  private constructor(host: ScriptedHost, test: TestStore, platform: WebPlatform) {
    this.host = host;
    this.test = test;
    this.platform = platform;
  }

  static async open(test: TestStore): Promise<WebScene> {
    const host = new ScriptedHost();
    return new WebScene(host, test, await startWeb(host, test));
  }

  async close(): Promise<void> {
    for (const person of this.people) person.leave();
    await this.platform.stop();
  }

  /** A page that comes after one that was cut off: the one before is left as it is. */
  async startAnew(): Promise<void> {
    this.platform = await startWeb(this.host, this.test);
  }

  get address(): string {
    return this.platform.address!;
  }

  /** Somebody new at the page, or with a cookie the same one again. */
  async visitor(cookie?: string): Promise<BrowserPerson> {
    const person = await BrowserPerson.open(this.address, cookie);
    this.people.push(person);
    return person;
  }

  post(path: string, headers: Record<string, string>, body?: BodyInit): Promise<Response> {
    return fetch(this.address + path, { method: 'POST', headers, ...(body !== undefined && { body }) });
  }
}

export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}
