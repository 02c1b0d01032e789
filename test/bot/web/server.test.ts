import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { onlyOwnPages } from '../../../bot/web/guards.ts';
import { UserError } from '../../../commands/request.ts';
import { plainMessage } from '../platform-harness.ts';
import { startWeb } from './start-web.ts';
import { openTestStore, type TestStore } from './test-store.ts';
import { eventually, WebScene } from './web-scene.ts';

let test: TestStore;
let web: WebScene;

beforeAll(async () => {
  test = await openTestStore();
});

afterAll(() => test.store.close());

beforeEach(async () => {
  web = await WebScene.open(test);
});

afterEach(() => web.close());

describe('who may ask', () => {
  it('gives a browser one cookie that scripts and other sites cannot use, and keeps it', async () => {
    const first = await web.post('/api/session', { 'x-easel': '1' });
    const cookie = first.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^easel=[\w-]{43};/);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    const again = await web.post('/api/session', { 'x-easel': '1', cookie: cookie.split(';')[0]! });
    expect(again.headers.get('set-cookie')).toBeNull();
    expect((await fetch(web.address)).headers.get('set-cookie')).toBeNull();
  });

  it('tells the commands in the browser’s language', async () => {
    const german = await web.post('/api/session', { 'x-easel': '1', 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' });
    expect(await german.text()).toContain('Ein Bild, von dem ausgegangen wird');
    const other = await web.post('/api/session', { 'x-easel': '1', 'accept-language': 'fr' });
    expect(await other.text()).toContain('A picture to start from');
  });

  it('reads little of those who have not signed in, and no body of countless parts', async () => {
    const { cookie } = await web.visitor();
    const own = { 'x-easel': '1', cookie };
    const long = JSON.stringify({ invitation: 'x'.repeat(5_000) });
    expect((await web.post('/api/session', own, long)).status).toBe(413);
    expect((await web.post('/api/invitations', own, long)).status).toBe(413);
    expect((await web.post('/api/operations', own, long)).status).toBe(413);
    const boundary = '-boundary-of-a-browser';
    const parts = Array.from(
      { length: 10 },
      (_, i) => `--${boundary}\r\nContent-Disposition: form-data; name="f${i}"\r\n\r\nx\r\n`,
    );
    const headers = { ...own, 'content-type': `multipart/form-data; boundary=${boundary}` };
    expect((await web.post('/api/command', headers, `${parts.join('')}--${boundary}--\r\n`)).status).toBe(400);
    const keys = `{"kind":"press","options":{${Array.from({ length: 30_000 }, (_, i) => `"k${i}":""`).join()}}}`;
    expect((await web.post('/api/command', own, keys)).status).toBe(400);
  });

  it('takes the address that people open for its own, whatever name a proxy puts into Host', async () => {
    const app = new Hono();
    const refused: object[] = [];
    app.post(
      '/',
      onlyOwnPages('https://easel.example', (why) => refused.push(why)),
      (context) => context.text('in'),
    );
    const post = (origin: string) =>
      app.request('http://127.0.0.1:3000/', { method: 'POST', headers: { 'x-easel': '1', origin } });
    expect((await post('https://easel.example')).status).toBe(200);
    expect((await post('https://evil.example')).status).toBe(403);
    expect(refused).toEqual([
      { origin: 'https://evil.example', host: '127.0.0.1:3000', publicUrl: 'https://easel.example' },
    ]);
  });

  it('refuses requests of other sites', async () => {
    const foreign: Record<string, string>[] = [
      {},
      { 'x-easel': '1', origin: 'https://evil.example' },
      { 'x-easel': '1', origin: 'null' },
      { 'x-easel': '1', 'sec-fetch-site': 'cross-site' },
      { 'x-easel': '1', 'sec-fetch-site': 'same-site' },
    ];
    const { cookie } = await web.visitor();
    for (const headers of foreign) {
      expect((await web.post('/api/session', headers)).status).toBe(403);
      expect((await web.post('/api/command', { ...headers, cookie }, '{}')).status).toBe(403);
    }
    const own = { 'x-easel': '1', origin: web.address, 'sec-fetch-site': 'same-origin' };
    expect((await web.post('/api/session', own)).status).toBe(200);
  });

  it('answers only to its own name, so that no site can point its name here', async () => {
    const status = (name: string) =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(web.address);
        request({ hostname, port, path: '/', headers: { host: name } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await status('localhost:3000')).toBe(200);
    expect(await status('127.0.0.1:3000')).toBe(200);
    expect(await status('evil.example')).toBe(421);
  });

  it('tells nothing without a cookie', async () => {
    for (const path of [
      '/events',
      '/api/turns',
      '/api/suggest',
      `/blobs/${'0'.repeat(64)}`,
      `/files/${randomUUID()}`,
    ]) {
      expect((await fetch(web.address + path)).status).toBe(401);
      expect((await fetch(web.address + path, { headers: { cookie: 'easel=short' } })).status).toBe(401);
    }
  });

  it('lets the page run nothing but its own files', async () => {
    const response = await fetch(web.address);
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).not.toMatch(/https?:\/\/|<script(?![^>]*src=)|style=| on\w+=/);
  });

  it('serves the page and nothing beside it', async () => {
    expect((await fetch(`${web.address}/main.js`)).headers.get('content-type')).toContain('text/javascript');
    for (const path of [
      '/../web.platform.ts',
      '/%2e%2e/web.platform.ts',
      '/..%2fplatform.ts',
      '/page/main.js',
      '/nothing.js',
    ]) {
      expect((await fetch(web.address + path)).status).toBe(404);
    }
  });
});

describe('pictures and files', () => {
  it('gives a picture out as what it is, for ever', async () => {
    const person = await web.visitor();
    const { blob } = await web.host.addPicture(0, 'a cat');
    const response = await person.get(`/blobs/${blob}`);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array(web.host.blobs.get(blob)!));
  });

  it('gives nothing out that is no picture, gone, or no key', async () => {
    const person = await web.visitor();
    const { blob } = await web.host.addPicture(0, 'a cat');
    web.host.blobs.set(blob, new TextEncoder().encode('<script>alert(1)</script>'));
    expect((await person.get(`/blobs/${blob}`)).status).toBe(404);
    expect((await person.get('/blobs/..%2f..%2fsecret')).status).toBe(404);
    vi.spyOn(web.host, 'readBlob').mockRejectedValue(new UserError('gone', 'gone'));
    expect((await person.get(`/blobs/${blob}`)).status).toBe(404);
  });

  it('hands over a file that a reply brings', async () => {
    const person = await web.visitor();
    const file = { name: 'settings – “easel”.json', contentType: 'application/json', bytes: Buffer.from('{"a":1}') };
    web.host.answer = async () => ({ ...plainMessage('Here.'), file });
    await person.runs('imagine', { prompt: 'export' });
    const answer = await eventually(() => {
      const found = [...person.turns.values()][0]?.answer;
      expect(found?.kind).toBe('message');
      return found!;
    });
    if (answer.kind !== 'message') throw new Error('No message came.');
    const response = await person.get(answer.file!.href);
    expect(response.headers.get('content-disposition')).toContain('attachment');
    expect(await response.text()).toBe('{"a":1}');
    expect((await (await web.visitor()).get(answer.file!.href)).status).toBe(404);
  });
});

it('says which port is taken', async () => {
  const port = Number(new URL(web.address).port);
  await expect(startWeb(web.host, test, { port })).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is taken by another program`,
  );
});
