import { createHash, randomUUID } from 'node:crypto';
import type { PageEvent, PageProgress } from '../../../bot/web/listener.ts';
import type { PageForm, PageTurn } from '../../../bot/web/turn.ts';
import type { Person, SeenForm, SeenMessage } from '../platform-harness.ts';

type Act = Readonly<Record<string, unknown>>;

/** Someone at the page, without the page: speaks its HTTP and reads its stream as the page's script does. */
export class BrowserPerson implements Person {
  readonly turns = new Map<string, PageTurn>();
  readonly events: PageEvent[] = [];
  readonly progress = new Map<string, PageProgress>();
  lastEventId: string | null = null;
  private form: PageForm | null = null;
  private readonly address: string;
  readonly cookie: string;
  private connection = new AbortController();
  private lastAct: Act = {};
  readonly id: string;

  private constructor(address: string, cookie: string) {
    this.address = address;
    this.cookie = cookie;
    const token = cookie.slice(cookie.indexOf('=') + 1);
    this.id = `web-${createHash('sha256').update(token).digest('hex').slice(0, 32)}`;
  }

  /** A new browser, or with a cookie the same one again. */
  static async open(address: string, cookie?: string): Promise<BrowserPerson> {
    const headers = { 'x-easel': '1', ...(cookie !== undefined && { cookie }) };
    const session = await fetch(`${address}/api/session`, { method: 'POST', headers });
    const person = new BrowserPerson(address, cookie ?? session.headers.get('set-cookie')!.split(';')[0]!);
    await person.listen();
    return person;
  }

  /** What its requests carry. */
  get headers() {
    return { cookie: this.cookie, 'x-easel': '1' };
  }

  async runs(command: string, options: Readonly<Record<string, string>>): Promise<void> {
    const { prompt = '', ...rest } = options;
    const flags = Object.entries(rest).map(([name, value]) => `--${name} "${value}"`);
    await this.act({ kind: 'text', text: [`/${command}`, prompt, ...flags].join(' ') });
  }

  async presses(message: SeenMessage, label: string): Promise<void> {
    const button = this.turns
      .get(message.id)!
      .answer!.buttons.flat()
      .find((candidate) => candidate.label === label)!;
    await this.act({ kind: 'press', message: message.id, command: button.command, target: button.target });
  }

  async pressesUnknownButton(): Promise<void> {
    await this.act({ kind: 'press', message: randomUUID(), command: 'of-another-year', target: '1' });
  }

  async submits(values: Readonly<Record<string, string>>): Promise<void> {
    const { command, fields, hidden } = this.form!;
    const given = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    await this.act({ kind: 'form', command, values: { ...hidden, ...given, ...values } });
  }

  async lastActIsRepeated(): Promise<void> {
    await this.send(this.lastAct);
  }

  async messages(): Promise<readonly SeenMessage[]> {
    const answered = [...this.turns.values()].filter((turn) => turn.answer !== null);
    return Promise.all(answered.map((turn) => this.seen(turn)));
  }

  async openForm(): Promise<SeenForm | null> {
    return this.form;
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(this.address + path, { headers: { cookie: this.cookie, ...headers } });
  }

  leave(): void {
    this.connection.abort();
  }

  async act(act: Act, files: Readonly<Record<string, File>> = {}): Promise<void> {
    this.lastAct = { ...act, turn: randomUUID() };
    await this.send(this.lastAct, files);
  }

  private async send(act: Act, files: Readonly<Record<string, File>> = {}): Promise<void> {
    const form = new FormData();
    form.set('act', JSON.stringify(act));
    for (const [name, file] of Object.entries(files)) form.set(name, file);
    const withFiles = Object.keys(files).length > 0;
    const response = await fetch(`${this.address}/api/command`, {
      method: 'POST',
      headers: { ...this.headers, ...(!withFiles && { 'content-type': 'application/json' }) },
      body: withFiles ? form : JSON.stringify(act),
    });
    if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
  }

  async listen(headers: Readonly<Record<string, string>> = {}): Promise<void> {
    this.connection = new AbortController();
    const response = await fetch(`${this.address}/events`, {
      headers: { cookie: this.cookie, ...headers },
      signal: this.connection.signal,
    });
    void this.read(response).catch(() => {});
  }

  private async read(response: Response): Promise<void> {
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) this.take(block);
    }
  }

  private take(block: string): void {
    const line = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const data = line('data');
    if (data === undefined) return;
    const event = { type: line('event'), ...JSON.parse(data) } as PageEvent;
    this.lastEventId = line('id') ?? this.lastEventId;
    this.events.push(event);
    if (event.type === 'turns') for (const turn of event.turns) this.turns.set(turn.id, turn);
    if (event.type === 'turn') this.turns.set(event.turn.id, event.turn);
    if (event.type === 'removed') this.turns.delete(event.id);
    if (event.type === 'progress') this.progress.set(event.id, event.progress);
    if (event.type === 'form') this.form = event.form;
  }

  private async seen({ id, answer }: PageTurn): Promise<SeenMessage> {
    if (answer === null) throw new Error('Only answers are seen.');
    const buttons = answer.buttons.flat().map(({ label }) => label);
    if (answer.kind === 'accepted') {
      const now = this.progress.get(id);
      const shown = now?.state === 'running' ? `step ${now.step} of ${now.steps}` : `place ${JSON.stringify(now)}`;
      return { id, text: `${answer.text}\n${shown}`, pictures: [], buttons, pings: [] };
    }
    const fields = answer.fields.map(({ name, value }) => `${name}: ${value}`);
    const pictures = await Promise.all(
      answer.pictures.map(async ({ alt, spoiler, blob }) => ({
        alt,
        spoiler,
        bytes: new Uint8Array(await (await this.get(`/blobs/${blob}`)).arrayBuffer()),
      })),
    );
    return { id, text: [answer.title ?? '', answer.text, ...fields].join('\n'), pictures, buttons, pings: [] };
  }
}
