import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWebPlatform, type WebPlatform } from '../../../bot/web/platform.ts';
import { UserError } from '../../../commands/request.ts';
import { watchedLog } from '../../canary.ts';
import { accepted, plainMessage, ScriptedHost } from '../platform-harness.ts';
import { BrowserPerson } from './browser-person.ts';
import { openTestStore, type TestStore } from './test-store.ts';

const log = watchedLog();

let host: ScriptedHost;
let test: TestStore;
let platform: WebPlatform;
let people: BrowserPerson[];

beforeAll(async () => {
  test = await openTestStore();
});

afterAll(() => test.store.close());

beforeEach(async () => {
  host = new ScriptedHost();
  people = [];
  platform = await started();
});

afterEach(async () => {
  for (const person of people) person.leave();
  await platform.stop();
});

async function started(): Promise<WebPlatform> {
  const made = createWebPlatform({
    config: { host: '127.0.0.1', port: 0, publicUrl: undefined, dataDir: '' },
    turns: test.store.turns,
    operations: test.store.operations,
    log,
  });
  await made.start(host);
  return made;
}

async function visitor(): Promise<BrowserPerson> {
  const person = await BrowserPerson.open(platform.address!);
  people.push(person);
  return person;
}

function post(path: string, headers: Record<string, string>, body?: BodyInit): Promise<Response> {
  return fetch(platform.address + path, { method: 'POST', headers, ...(body !== undefined && { body }) });
}

describe('who may ask', () => {
  it('gives a browser one cookie that scripts and other sites cannot use, and keeps it', async () => {
    const first = await post('/api/session', { 'x-easel': '1' });
    const cookie = first.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^easel=[\w-]{43};/);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    const again = await post('/api/session', { 'x-easel': '1', cookie: cookie.split(';')[0]! });
    expect(again.headers.get('set-cookie')).toBeNull();
    expect((await fetch(platform.address!)).headers.get('set-cookie')).toBeNull();
  });

  it('tells the commands in the browser’s language', async () => {
    const german = await post('/api/session', { 'x-easel': '1', 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' });
    expect(await german.text()).toContain('Ein Bild, von dem ausgegangen wird');
    const other = await post('/api/session', { 'x-easel': '1', 'accept-language': 'fr' });
    expect(await other.text()).toContain('A picture to start from');
  });

  it('refuses requests of other sites', async () => {
    const foreign: Record<string, string>[] = [
      {},
      { 'x-easel': '1', origin: 'https://evil.example' },
      { 'x-easel': '1', origin: 'null' },
      { 'x-easel': '1', 'sec-fetch-site': 'cross-site' },
      { 'x-easel': '1', 'sec-fetch-site': 'same-site' },
    ];
    const { cookie } = await visitor();
    for (const headers of foreign) {
      expect((await post('/api/session', headers)).status).toBe(403);
      expect((await post('/api/command', { ...headers, cookie }, '{}')).status).toBe(403);
    }
    const own = { 'x-easel': '1', origin: platform.address!, 'sec-fetch-site': 'same-origin' };
    expect((await post('/api/session', own)).status).toBe(200);
  });

  it('answers only to its own name, so that no site can point its name here', async () => {
    const status = (name: string) =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(platform.address!);
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
      expect((await fetch(platform.address + path)).status).toBe(401);
      expect((await fetch(platform.address + path, { headers: { cookie: 'easel=short' } })).status).toBe(401);
    }
  });

  it('lets the page run nothing but its own files', async () => {
    const response = await fetch(platform.address!);
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).not.toMatch(/https?:\/\/|<script(?![^>]*src=)|style=| on\w+=/);
  });

  it('serves the page and nothing beside it', async () => {
    expect((await fetch(`${platform.address}/main.js`)).headers.get('content-type')).toContain('text/javascript');
    for (const path of [
      '/../platform.ts',
      '/%2e%2e/platform.ts',
      '/..%2fplatform.ts',
      '/page/main.js',
      '/nothing.js',
    ]) {
      expect((await fetch(platform.address + path)).status).toBe(404);
    }
  });
});

describe('what it takes', () => {
  it('refuses what it cannot read in one line', async () => {
    const { headers } = await visitor();
    const turn = randomUUID();
    const bodies = ['', '{', '[]', '{}', `{"kind":"text","turn":"${turn}"}`, `{"kind":"text","turn":"x","text":"a"}`];
    for (const body of bodies) {
      const response = await post('/api/command', { ...headers, 'content-type': 'application/json' }, body);
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ error: 'Easel could not read this request.' });
    }
    expect(host.requests).toEqual([]);
  });

  it('refuses more bytes than a picture needs', async () => {
    const { headers } = await visitor();
    const response = await post('/api/command', headers, new Uint8Array(26 * 1024 * 1024));
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ error: 'A request may have 25 MB at most: send a smaller picture.' });
  });

  it('answers a line that no command reads in the conversation', async () => {
    const person = await visitor();
    await person.act({ kind: 'text', text: '/imagin a cat' });
    await eventually(async () => expect((await person.messages())[0]?.text).toContain('did you mean /imagine'));
  });

  it('draws what is typed without a command', async () => {
    const person = await visitor();
    await person.act({ kind: 'text', text: 'a cat in the snow --seed 7' });
    await eventually(() => expect(host.requests).toHaveLength(1));
    expect(host.requests[0]).toMatchObject({ command: 'imagine', options: { prompt: 'a cat in the snow', seed: '7' } });
  });

  it('hands attached pictures over under their option', async () => {
    const person = await visitor();
    const bytes = Uint8Array.of(1, 2, 3);
    const act = { kind: 'text', text: '/imagine a cat' };
    await person.act(act, { 'file:': new File([bytes], 'start.png', { type: 'image/png' }) });
    await eventually(() => expect(host.requests).toHaveLength(1));
    const start = host.requests[0]!.options.picture as { name: string; fetch(): Promise<Uint8Array> };
    expect(start.name).toBe('start.png');
    expect(await start.fetch()).toEqual(bytes);
    await eventually(() => expect([...person.turns.values()][0]?.request.files).toEqual(['start.png']));
  });

  it('says so where a command takes no picture', async () => {
    const person = await visitor();
    await person.act({ kind: 'text', text: '/refine x' }, { 'file:': new File(['x'], 'start.png') });
    await eventually(async () => expect((await person.messages())[0]?.text).toContain('takes no file'));
  });

  it('asks for patience where too much is in hand', async () => {
    const person = await visitor();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    host.answer = () => gate.then(() => plainMessage('At last.'));
    for (let i = 0; i < 20; i++) await person.runs('imagine', { prompt: String(i) });
    await expect(person.runs('imagine', { prompt: 'one more' })).rejects.toThrow('429');
    host.answer = async () => plainMessage('ok');
    const other = await visitor();
    await other.runs('imagine', { prompt: 'mine' });
    await eventually(async () => expect(await other.messages()).toHaveLength(1));
    open();
    await eventually(async () => expect(await person.messages()).toHaveLength(20));
  });
});

describe('a conversation', () => {
  it('is told again from where the page was cut off', async () => {
    const person = await visitor();
    await person.runs('imagine', { prompt: 'one' });
    await eventually(async () => expect(await person.messages()).toHaveLength(1));
    const since = person.lastEventId!;
    person.leave();
    await person.runs('imagine', { prompt: 'two' });
    await eventually(() => expect(host.requests).toHaveLength(2));
    await person.listen({ 'last-event-id': since });
    await eventually(() => {
      expect(person.events.filter(({ type }) => type === 'turns')).toHaveLength(1);
      expect([...person.turns.values()].map((turn) => turn.request.text)).toEqual(['/imagine one', '/imagine two']);
    });
  });

  it('survives a restart, and what was in hand is not left hanging', async () => {
    const person = await visitor();
    await person.runs('imagine', { prompt: 'before' });
    await eventually(async () => expect(await person.messages()).toHaveLength(1));
    host.answer = () => new Promise(() => {});
    await person.runs('imagine', { prompt: 'cut off' });

    const next = await started();
    const again = await BrowserPerson.open(next.address!, person.cookie);
    people.push(again);
    await eventually(async () => {
      const texts = (await again.messages()).map(({ text }) => text);
      expect(texts).toEqual([expect.stringContaining('Nothing'), expect.stringContaining('restarted')]);
    });
    platform = next;
  });

  it('shows a page that opens in the middle how far the pictures are, each of them', async () => {
    const person = await visitor();
    host.answer = async () => accepted('Drawing', 0);
    await person.runs('imagine', { prompt: 'two' });
    await eventually(() => expect(host.requests).toHaveLength(1));
    const running = { job: accepted('', 0).job, state: 'running', stage: 'drawing', steps: 20, count: 2 } as const;
    const preview = Uint8Array.of(255, 216);
    await platform.progress(host.replyTo, { ...running, index: 0, step: 4 });
    await platform.progress(host.replyTo, { ...running, index: 1, step: 5, preview });
    const second = await BrowserPerson.open(platform.address!, person.cookie);
    people.push(second);
    await eventually(() =>
      expect(second.events.flatMap((event) => (event.type === 'progress' ? [event.progress] : []))).toEqual([
        { ...running, index: 0, step: 4, preview: null },
        { ...running, index: 1, step: 5, preview: 'data:image/jpeg;base64,/9g=' },
      ]),
    );
  });

  it('pages back through what is older', async () => {
    const person = await visitor();
    for (let i = 0; i < 53; i++) await person.runs('imagine', { prompt: String(i) });
    await eventually(async () => expect(await person.messages()).toHaveLength(53));
    const again = await BrowserPerson.open(platform.address!, person.cookie);
    people.push(again);
    await eventually(() => expect(again.turns.size).toBe(50));
    const oldest = [...again.turns.keys()][0]!;
    const page = await (await again.get(`/api/turns?before=${oldest}`)).json();
    expect(page).toMatchObject({ more: false, turns: [{}, {}, {}] });
  });
});

describe('pictures and files', () => {
  it('gives a picture out as what it is, for ever', async () => {
    const person = await visitor();
    const { blob } = await host.addPicture(0, 'a cat');
    const response = await person.get(`/blobs/${blob}`);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array(host.blobs.get(blob)!));
  });

  it('gives nothing out that is no picture, gone, or no key', async () => {
    const person = await visitor();
    const { blob } = await host.addPicture(0, 'a cat');
    host.blobs.set(blob, new TextEncoder().encode('<script>alert(1)</script>'));
    expect((await person.get(`/blobs/${blob}`)).status).toBe(404);
    expect((await person.get('/blobs/..%2f..%2fsecret')).status).toBe(404);
    vi.spyOn(host, 'readBlob').mockRejectedValue(new UserError('gone', 'gone'));
    expect((await person.get(`/blobs/${blob}`)).status).toBe(404);
  });

  it('hands over a file that a reply brings', async () => {
    const person = await visitor();
    const file = { name: 'settings – “easel”.json', contentType: 'application/json', bytes: Buffer.from('{"a":1}') };
    host.answer = async () => ({ ...plainMessage('Here.'), file });
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
    expect((await (await visitor()).get(answer.file!.href)).status).toBe(404);
  });
});

it('says which port is taken', async () => {
  const { port } = new URL(platform.address!);
  const second = createWebPlatform({
    config: { host: '127.0.0.1', port: Number(port), publicUrl: undefined, dataDir: '' },
    turns: test.store.turns,
    operations: test.store.operations,
    log,
  });
  await expect(second.start(host)).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken by another program`);
});

function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000, interval: 20 });
}
