import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with the next request for a file's bytes. */
export type HubFault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  /** The connection ends after so many bytes. */
  | { readonly kind: 'cut'; readonly after: number }
  /** The bytes are others, and as many. */
  | { readonly kind: 'damaged' }
  /** The whole file is sent, whatever range was asked for. */
  | { readonly kind: 'no-range' }
  /** Nothing more comes after so many bytes. */
  | { readonly kind: 'stall'; readonly after: number };

interface Repository {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly licence?: string;
  /** The token without which it is not shown. */
  readonly token?: string;
  readonly gated?: boolean;
}

/** A request for bytes, as the host that has them saw it. */
export interface BytesRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** As git and the hub's large file storage do it: files from this size on have a SHA-256. */
const LARGE = 1024;

/** A server that speaks the part of the Hugging Face hub's API that a pull needs; bytes come from a second host. */
export async function startFakeHub() {
  const repositories = new Map<string, Repository>();
  const faults = new Map<string, HubFault[]>();
  const requests: BytesRequest[] = [];
  const bytes = createServer((request, response) => sendBytes(request, response));
  const bytesUrl = await listen(bytes);
  const hub = createServer((request, response) => answer(request, response));
  const url = await listen(hub);

  function answer(request: IncomingMessage, response: ServerResponse): ServerResponse {
    const path = decodeURIComponent(new URL(request.url ?? '', url).pathname);
    const [, name = '', action, , rest = ''] =
      /^\/(?:api\/models\/)?([^/]+\/[^/]+)\/(revision|resolve)\/([^/]+)\/?(.*)$/.exec(path) ?? [];
    const repository = repositories.get(name);
    const refuse = (status: number, code: string): ServerResponse =>
      response.writeHead(status, { 'x-error-code': code }).end('{}');
    if (repository === undefined) return refuse(401, 'RepoNotFound');
    if (repository.token !== undefined && request.headers.authorization !== `Bearer ${repository.token}`) {
      return refuse(repository.gated ? 403 : 401, repository.gated ? 'GatedRepo' : 'RepoNotFound');
    }
    if (action === 'revision') {
      const revision = path.split('/').at(-1) ?? '';
      if (revision !== 'main' && revision !== commitOf(repository)) return refuse(404, 'RevisionNotFound');
      return response.setHeader('content-type', 'application/json').end(JSON.stringify(description(repository)));
    }
    if (!repository.files.has(rest)) return refuse(404, 'EntryNotFound');
    return response.writeHead(302, { location: `${bytesUrl}/${name}/${encodeURIComponent(rest)}` }).end();
  }

  function sendBytes(request: IncomingMessage, response: ServerResponse): void {
    const [, owner, repo, encoded = ''] = new URL(request.url ?? '', bytesUrl).pathname.split('/');
    const path = decodeURIComponent(encoded);
    const { range, authorization } = request.headers;
    requests.push({ path, range, authorization });
    const whole = repositories.get(`${owner}/${repo}`)?.files.get(path) ?? new Uint8Array();
    const fault = faults.get(path)?.shift();
    if (fault?.kind === 'status') {
      const { status, retryAfter } = fault;
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }).end();
      return;
    }
    const from = fault?.kind === 'no-range' ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const sent = fault?.kind === 'damaged' ? whole.map((byte) => byte ^ 1) : whole;
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': sent.byteLength - from });
    if (fault?.kind === 'cut' || fault?.kind === 'stall') {
      response.write(sent.subarray(from, from + fault.after), () => {
        if (fault.kind === 'cut') response.destroy();
      });
    } else response.end(sent.subarray(from));
  }

  return {
    url,
    requests,
    add: (name: string, files: Record<string, Uint8Array | string>, rules: Omit<Repository, 'files'> = {}) => {
      const all = Object.entries(files).map(([path, content]) => [path, Buffer.from(content)] as const);
      repositories.set(name, { files: new Map(all), ...rules });
    },
    /** The next requests for this file's bytes fail so, one after the other. */
    fail: (path: string, ...what: readonly HubFault[]) => faults.set(path, [...what]),
    async close() {
      for (const server of [hub, bytes]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

function description(repository: Repository) {
  const { files, licence, gated = false } = repository;
  return {
    sha: commitOf(repository),
    gated: gated ? 'auto' : false,
    ...(licence !== undefined && { cardData: { license: licence } }),
    siblings: [...files].map(([rfilename, content]) => ({
      rfilename,
      size: content.byteLength,
      blobId: digest('sha1', `blob ${content.byteLength}\0`, content),
      ...(content.byteLength >= LARGE && { lfs: { sha256: digest('sha256', '', content), size: content.byteLength } }),
    })),
  };
}

function commitOf({ files }: Repository): string {
  const hash = createHash('sha1');
  for (const [path, content] of files) hash.update(path).update(content);
  return hash.digest('hex');
}

function digest(algorithm: 'sha1' | 'sha256', start: string, content: Uint8Array): string {
  return createHash(algorithm).update(start).update(content).digest('hex');
}
