import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ApiError, tooLarge, unauthorized } from './api-error.ts';
import type { Faults } from './faults.ts';
import { MAX_REQUEST_BYTES } from './limits.ts';
import type { UploadedFile } from './messages.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Json } from './state.ts';

/** One request of the REST API, read and ready to handle. */
export interface ApiRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly files: readonly UploadedFile[];
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Behind `/api/v10`; `:name` stands for one segment. */
  readonly path: string;
  /** `token`: the path holds an interaction's token, and no other authorisation is needed. */
  readonly auth: 'bot' | 'token';
  /** What it returns is the JSON of a 200; undefined: 204. */
  handle(request: ApiRequest): unknown;
}

export interface RecordedCall {
  readonly method: string;
  readonly path: string;
  body: unknown;
  status: number;
}

interface ApiOptions {
  readonly routes: readonly Route[];
  readonly token: () => string;
  readonly faults: Faults;
  readonly rates: RateLimits;
  readonly calls: RecordedCall[];
  /** Bytes of an attachment by the path behind the host, or null. */
  readonly attachment: (path: string) => { readonly bytes: Uint8Array; readonly contentType: string } | null;
}

const PREFIX = /^\/api(?:\/v10)?(?=\/)/;

/** Discord's REST API and its CDN on one port. */
export function createApiServer(options: ApiOptions): Server {
  const routes = options.routes.map((route) => ({ ...route, pattern: compile(route.path) }));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://discord.invalid');
    if (!PREFIX.test(url.pathname)) return serveAttachment(url.pathname, response);
    const method = request.method ?? 'GET';
    const path = url.pathname.replace(PREFIX, '');
    const raw = await readBody(request);
    const call: RecordedCall = { method, path, body: null, status: 0 };
    options.calls.push(call);
    const fault = options.faults.take(method, path, isMultipart(request));
    if (fault?.kind === 'cut') return void request.socket.destroy();
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
    const verdict = options.rates.take(method, path);
    let status = 204;
    let json: unknown;
    let headers: Readonly<Record<string, string>> = verdict.headers;
    if (fault?.kind === 'refused') {
      [status, json] = [fault.status, { message: 'made to be refused', code: fault.code }];
    } else if (fault?.kind === 'status') {
      [status, json] = [fault.status, { message: `${fault.status}: made to fail`, code: 0 }];
    } else if (fault?.kind === 'rate' || !verdict.allowed) {
      const seconds = fault?.kind === 'rate' ? fault.seconds : verdict.retryAfterSeconds;
      const global = fault?.kind === 'rate' ? fault.global === true : verdict.global;
      status = 429;
      json = { message: 'You are being rate limited.', ...(seconds !== null && { retry_after: seconds }), global };
      headers =
        seconds === null || (fault?.kind === 'rate' && fault.bodyOnly === true)
          ? {}
          : {
              ...headers,
              'retry-after': String(Math.max(1, Math.ceil(seconds))),
              ...(global ? { 'x-ratelimit-global': 'true' } : {}),
            };
    } else {
      try {
        if (raw === null) throw tooLarge();
        const route = routes.find((candidate) => candidate.method === method && candidate.pattern.test(path));
        if (route === undefined) throw new ApiError(404, 0, '404: Not Found');
        if (route.auth === 'bot' && request.headers.authorization !== `Bot ${options.token()}`) throw unauthorized();
        const { body, files } = await parseBody(request, raw);
        call.body = body;
        const params = Object.fromEntries(
          Object.entries(route.pattern.exec(path)?.groups ?? {}).map(([name, value]) => [
            name,
            decodeURIComponent(value),
          ]),
        );
        json = route.handle({ params, query: url.searchParams, body, files });
        status = json === undefined ? 204 : 200;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        status = error.status;
        json = {
          message: error.message,
          code: error.code,
          ...(error.errors === undefined ? {} : { errors: error.errors }),
        };
      }
    }
    call.status = status;
    options.rates.noteAnswer(status);
    if (fault?.kind === 'lost') return void request.socket.destroy();
    if (fault?.kind === 'mute') return;
    response.writeHead(status, { ...headers, ...(json === undefined ? {} : { 'content-type': 'application/json' }) });
    response.end(json === undefined ? undefined : JSON.stringify(json));
  }

  function serveAttachment(path: string, response: ServerResponse): void {
    const found = options.attachment(path);
    response.writeHead(found === null ? 404 : 200, found === null ? {} : { 'content-type': found.contentType });
    response.end(found?.bytes);
  }

  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // A fault of the fake itself must not look like one of Discord's.
      response.writeHead(500);
      response.end(`the fake Discord failed: ${error instanceof Error ? error.stack : String(error)}`);
    });
  });
}

function compile(path: string): RegExp {
  return new RegExp(`^${path.replace(/:([a-z]+)/g, '(?<$1>[^/]+)')}$`);
}

function isMultipart({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.startsWith('multipart/form-data') === true;
}

/** null: larger than Discord takes. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length <= MAX_REQUEST_BYTES) chunks.push(chunk as Buffer);
  }
  return length <= MAX_REQUEST_BYTES ? Buffer.concat(chunks) : null;
}

async function parseBody(request: IncomingMessage, raw: Buffer): Promise<{ body: unknown; files: UploadedFile[] }> {
  const type = request.headers['content-type'] ?? '';
  if (raw.length === 0) return { body: undefined, files: [] };
  if (type.startsWith('application/json')) return { body: JSON.parse(raw.toString('utf8')) as Json, files: [] };
  const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': type } }).formData();
  const files: UploadedFile[] = [];
  for (const [key, value] of form) {
    const index = /^files\[(\d+)\]$/.exec(key)?.[1];
    if (index === undefined || typeof value === 'string') continue;
    const bytes = new Uint8Array(await value.arrayBuffer());
    files.push({ index: Number(index), name: value.name, contentType: value.type, bytes });
  }
  const payload = form.get('payload_json');
  return { body: typeof payload === 'string' ? (JSON.parse(payload) as Json) : {}, files };
}
