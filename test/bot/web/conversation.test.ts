import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accepted, plainMessage } from '../platform-harness.ts';
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

describe('what it takes', () => {
  it('refuses what it cannot read in one line', async () => {
    const { headers } = await web.visitor();
    const turn = randomUUID();
    const bodies = ['', '{', '[]', '{}', `{"kind":"text","turn":"${turn}"}`, `{"kind":"text","turn":"x","text":"a"}`];
    for (const body of bodies) {
      const response = await web.post('/api/command', { ...headers, 'content-type': 'application/json' }, body);
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ error: 'Easel could not read this request.' });
    }
    expect(web.host.requests).toEqual([]);
  });

  it('refuses in the language of the browser', async () => {
    const { headers } = await web.visitor();
    const response = await web.post('/api/command', { ...headers, 'accept-language': 'de-AT,de;q=0.9' }, '{');
    expect(await response.json()).toEqual({ error: 'Easel konnte diese Anfrage nicht lesen.' });
  });

  it('tells a page that opens late all that one which listens from the beginning hears', async () => {
    const person = await web.visitor();
    await person.act({ kind: 'text', text: '/imagin a cat' });
    await eventually(async () => expect((await person.messages())[0]?.text).toContain('did you mean /imagine'));
    const response = await fetch(`${web.address}/api/conversation`, { headers: person.headers });
    expect(await response.json()).toMatchObject([
      { type: 'turns', sequence: Number(person.lastEventId), turns: [{ answer: { kind: 'message' } }], more: false },
    ]);
  });

  it('refuses more bytes than a picture needs', async () => {
    const { headers } = await web.visitor();
    const response = await web.post('/api/command', headers, new Uint8Array(26 * 1024 * 1024));
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ error: 'A request may have 25 MB at most: send a smaller picture.' });
  });

  it('answers a line that no command reads in the conversation', async () => {
    const person = await web.visitor();
    await person.act({ kind: 'text', text: '/imagin a cat' });
    await eventually(async () => expect((await person.messages())[0]?.text).toContain('did you mean /imagine'));
  });

  it('draws what is typed without a command', async () => {
    const person = await web.visitor();
    await person.act({ kind: 'text', text: 'a cat in the snow --seed 7' });
    await eventually(() => expect(web.host.requests).toHaveLength(1));
    expect(web.host.requests[0]).toMatchObject({
      command: 'imagine',
      options: { prompt: 'a cat in the snow', seed: '7' },
    });
  });

  it('hands attached pictures over under their option', async () => {
    const person = await web.visitor();
    const bytes = Uint8Array.of(1, 2, 3);
    const act = { kind: 'text', text: '/imagine a cat' };
    await person.act(act, { 'file:': new File([bytes], 'start.png', { type: 'image/png' }) });
    await eventually(() => expect(web.host.requests).toHaveLength(1));
    const start = web.host.requests[0]!.options.picture as { name: string; fetch(): Promise<Uint8Array> };
    expect(start.name).toBe('start.png');
    expect(await start.fetch()).toEqual(bytes);
    await eventually(() => expect([...person.turns.values()][0]?.request.files).toEqual(['start.png']));
  });

  it('says so where a command takes no picture', async () => {
    const person = await web.visitor();
    await person.act({ kind: 'text', text: '/refine x' }, { 'file:': new File(['x'], 'start.png') });
    await eventually(async () => expect((await person.messages())[0]?.text).toContain('takes no file'));
  });

  it('asks for patience where too much is in hand', async () => {
    const person = await web.visitor();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    web.host.answer = () => gate.then(() => plainMessage('At last.'));
    for (let i = 0; i < 20; i++) await person.runs('imagine', { prompt: String(i) });
    await expect(person.runs('imagine', { prompt: 'one more' })).rejects.toThrow('429');
    web.host.answer = async () => plainMessage('ok');
    const other = await web.visitor();
    await other.runs('imagine', { prompt: 'mine' });
    await eventually(async () => expect(await other.messages()).toHaveLength(1));
    open();
    await eventually(async () => expect(await person.messages()).toHaveLength(20));
  });
});

describe('a conversation', () => {
  it('is told again from where the page was cut off', async () => {
    const person = await web.visitor();
    await person.runs('imagine', { prompt: 'one' });
    await eventually(async () => expect(await person.messages()).toHaveLength(1));
    const since = person.lastEventId!;
    person.leave();
    await person.runs('imagine', { prompt: 'two' });
    await eventually(() => expect(web.host.requests).toHaveLength(2));
    await person.listen({ 'last-event-id': since });
    await eventually(() => {
      expect(person.events.filter(({ type }) => type === 'turns')).toHaveLength(1);
      expect([...person.turns.values()].map((turn) => turn.request.text)).toEqual(['/imagine one', '/imagine two']);
    });
  });

  it('survives a restart, and what was in hand is not left hanging', async () => {
    const person = await web.visitor();
    await person.runs('imagine', { prompt: 'before' });
    await eventually(async () => expect(await person.messages()).toHaveLength(1));
    web.host.answer = () => new Promise(() => {});
    await person.runs('imagine', { prompt: 'cut off' });

    await web.startAnew();
    const again = await web.visitor(person.cookie);
    await eventually(async () => {
      const texts = (await again.messages()).map(({ text }) => text);
      expect(texts).toEqual([expect.stringContaining('Nothing'), expect.stringContaining('restarted')]);
    });
  });

  it('shows a page that opens in the middle how far the pictures are, each of them', async () => {
    const person = await web.visitor();
    web.host.answer = async () => accepted('Drawing', 0);
    await person.runs('imagine', { prompt: 'two' });
    await eventually(() => expect(web.host.requests).toHaveLength(1));
    const running = { job: accepted('', 0).job, state: 'running', stage: 'drawing', steps: 20, count: 2 } as const;
    const preview = Uint8Array.of(255, 216);
    await web.platform.progress(web.host.replyTo, { ...running, index: 0, step: 4 });
    await web.platform.progress(web.host.replyTo, { ...running, index: 1, step: 5, preview });
    const second = await web.visitor(person.cookie);
    await eventually(() =>
      expect(second.events.flatMap((event) => (event.type === 'progress' ? [event.progress] : []))).toEqual([
        { ...running, index: 0, step: 4, preview: null },
        { ...running, index: 1, step: 5, preview: 'data:image/jpeg;base64,/9g=' },
      ]),
    );
  });

  it('pages back through what is older', async () => {
    const person = await web.visitor();
    for (let i = 0; i < 53; i++) await person.runs('imagine', { prompt: String(i) });
    await eventually(async () => expect(await person.messages()).toHaveLength(53));
    const again = await web.visitor(person.cookie);
    await eventually(() => expect(again.turns.size).toBe(50));
    const oldest = [...again.turns.keys()][0]!;
    const page = await (await again.get(`/api/turns?before=${oldest}`)).json();
    expect(page).toMatchObject({ more: false, turns: [{}, {}, {}] });
  });
});
