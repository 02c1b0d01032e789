import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Faults } from './faults.ts';
import { ApiError, type Method, type MethodContext } from './method.ts';
import { chatMethods } from './methods/chat.ts';
import { filesMethods } from './methods/files.ts';
import { peopleMethods } from './methods/people.ts';
import { viewsMethods } from './methods/views.ts';
import type { RateLimits } from './rate-limits.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { Json } from './state.ts';

const METHODS: Readonly<Record<string, Method>> = {
  ...chatMethods,
  ...filesMethods,
  ...peopleMethods,
  ...viewsMethods,
};

export interface Tokens {
  readonly bot: string;
  readonly app: string;
}

/** One call as the server saw it, refused ones included. */
export interface RecordedCall {
  readonly method: string;
  readonly args: Json;
  readonly at: number;
  /** `ok`, an error code, or the HTTP status of a fault. */
  readonly result: string;
}

interface WebApiOptions {
  readonly context: MethodContext;
  readonly tokens: Tokens;
  readonly botScopes: Set<string>;
  readonly faults: Faults;
  readonly rates: RateLimits;
  readonly responseUrls: ResponseUrls;
  readonly calls: RecordedCall[];
}

/** The HTTP face of the workspace: /api/METHOD, the upload host, private files and response URLs. */
export function createWebApi(options: WebApiOptions): Server {
  return createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      response.writeHead(500).end(error instanceof Error ? error.stack : String(error));
    });
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: WebApiOptions): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://fake').pathname;
  const body = await readBody(request);
  const [, room, ...rest] = path.split('/');
  if (room === 'api') return callMethod(rest.join('/'), request, body, response, options);
  if (room === 'upload') return takeUpload(rest.at(-1) ?? '', body, request, response, options);
  if (room === 'files-pri') return servePrivateFile(rest[0] ?? '', request, response, options);
  if (room === 'response') {
    const result = options.responseUrls.use(rest[0] ?? '', body.toString());
    response.writeHead(result.status, { 'content-type': 'text/plain' }).end(result.text);
    return;
  }
  response.writeHead(404).end();
}

type Outcome = { readonly status: number; readonly json: Json; readonly retryAfter?: number } | 'cut' | 'mute';

function callMethod(
  name: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  options: WebApiOptions,
): void {
  const args = readArgs(request, body);
  const outcome = perform(name, request, args, options, (result) => {
    options.calls.push({ method: name, args, at: options.context.clock.now(), result });
  });
  if (outcome === 'cut') {
    request.socket.destroy();
    return;
  }
  if (outcome === 'mute') return;
  const headers = {
    'content-type': 'application/json',
    'x-oauth-scopes': [...options.botScopes].join(','),
    ...(outcome.retryAfter === undefined ? {} : { 'retry-after': String(outcome.retryAfter) }),
  };
  response.writeHead(outcome.status, headers).end(JSON.stringify(outcome.json));
}

function perform(
  name: string,
  request: IncomingMessage,
  args: Json,
  { context, tokens, botScopes, faults, rates }: WebApiOptions,
  record: (result: string) => void,
): Outcome {
  const limited = (seconds: number): Outcome => {
    record('429');
    return { status: 429, json: { ok: false, error: 'ratelimited' }, retryAfter: seconds };
  };
  const fault = faults.take(name, args);
  if (fault?.kind === 'rate') return limited(fault.seconds);
  if (fault?.kind === 'cut') {
    record('cut');
    return 'cut';
  }
  if (fault?.kind === 'status') {
    record(String(fault.status));
    return { status: fault.status, json: { ok: false } };
  }
  try {
    if (fault?.kind === 'error') throw new ApiError(fault.error);
    const method = METHODS[name];
    if (!method) throw new ApiError('unknown_method');
    authorise(method, request, args, tokens, botScopes);
    const wait = rates.take(name, method.tier, typeof args.channel === 'string' ? args.channel : null);
    if (wait !== null) return limited(wait);
    const result = method.run(args, context);
    record(fault?.kind === 'lost' ? 'lost' : 'ok');
    if (fault?.kind === 'lost') return 'cut';
    return fault?.kind === 'mute' ? 'mute' : { status: 200, json: { ok: true, ...result } };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Nothing was done, so nothing was lost: the fault waits for the call that does it.
    if (fault?.kind === 'lost' || fault?.kind === 'mute') faults.add(name, fault);
    record(error.code);
    return { status: 200, json: { ok: false, error: error.code, ...error.extra } };
  }
}

function authorise(method: Method, request: IncomingMessage, args: Json, tokens: Tokens, botScopes: Set<string>): void {
  const given = request.headers.authorization?.replace(/^Bearer /, '') ?? args.token;
  if (given === undefined || given === '') throw new ApiError('not_authed');
  if (given !== tokens.bot && given !== tokens.app) throw new ApiError('invalid_auth');
  if (given !== tokens[method.token]) throw new ApiError('not_allowed_token_type');
  if (method.token === 'bot' && method.scope !== null && !botScopes.has(method.scope)) {
    throw new ApiError('missing_scope', { needed: method.scope, provided: [...botScopes].join(',') });
  }
}

/** The upload host takes bytes without a token, once, of the promised length. */
async function takeUpload(
  id: string,
  body: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
  { context, faults, calls }: WebApiOptions,
): Promise<void> {
  const fault = faults.take('upload');
  const record = (result: string) =>
    calls.push({ method: 'upload', args: { id, length: body.byteLength }, at: context.clock.now(), result });
  if (fault?.kind === 'cut') {
    record('cut');
    request.socket.destroy();
    return;
  }
  if (fault?.kind === 'status') {
    record(String(fault.status));
    response.writeHead(fault.status).end();
    return;
  }
  const file = context.workspace.files.get(id);
  const bytes = await uploadedBytes(request, body);
  if (file?.state !== 'reserved' || bytes.byteLength !== file.length) {
    record('refused');
    response.writeHead(400).end('bad upload');
    return;
  }
  file.bytes = bytes;
  file.state = 'uploaded';
  record('ok');
  if (fault?.kind === 'lost') {
    request.socket.destroy();
    return;
  }
  if (fault?.kind === 'mute') return;
  response.writeHead(200).end(`OK - ${bytes.byteLength}`);
}

async function uploadedBytes(request: IncomingMessage, body: Buffer): Promise<Uint8Array> {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return new Uint8Array(body);
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  for (const value of form.values()) if (typeof value !== 'string') return new Uint8Array(await value.arrayBuffer());
  return new Uint8Array();
}

/** A private file's bytes, only against the bot's token: without it Slack answers with its sign-in page. */
function servePrivateFile(
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
  { context, tokens, botScopes }: WebApiOptions,
): void {
  const file = context.workspace.files.get(id);
  if (request.headers.authorization !== `Bearer ${tokens.bot}` || !botScopes.has('files:read')) {
    response.writeHead(302, { location: `https://${context.workspace.team.domain}.slack.com/?redir=1` }).end();
    return;
  }
  if (!file?.bytes) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': file.bytes.byteLength });
  response.end(file.bytes);
}

function readArgs(request: IncomingMessage, body: Buffer): Json {
  const url = new URL(request.url ?? '/', 'http://fake');
  const fromQuery = Object.fromEntries(url.searchParams);
  if ((request.headers['content-type'] ?? '').startsWith('application/json')) {
    return { ...fromQuery, ...(JSON.parse(body.toString() || '{}') as Json) };
  }
  return { ...fromQuery, ...Object.fromEntries(new URLSearchParams(body.toString())) };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
