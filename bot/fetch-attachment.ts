import { UserError } from '../commands/request.ts';

/** As large as a picture may be that somebody gives as a start. */
export const MAX_ATTACHMENT_BYTES = 20 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

export interface AttachmentSource {
  readonly name: string;
  /** As the platform tells; null where it does not. */
  readonly byteLength: number | null;
  readonly address: string | null | undefined;
  /** What errors call the platform. */
  readonly platform: string;
  /** Where the platform serves uploaded files from: nothing else is fetched. */
  readonly hosts: ReadonlySet<string>;
  /** Another server that speaks the platform's API, which then serves files too. */
  readonly apiUrl: string | undefined;
  /** Sent to those hosts only. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the platform answers to whoever lacks this scope; undefined: it says so by its status. */
  readonly lacksScope?: { readonly scope: string; readonly answers: (status: number) => boolean };
}

/** Fetches a file that somebody uploaded, from the platform's own hosts, without following redirects. Rejects with a UserError. */
export async function fetchAttachment(source: AttachmentSource): Promise<Uint8Array> {
  const { name, byteLength, platform, headers = {}, lacksScope } = source;
  const url = permitted(source);
  if (url === null) {
    throw new UserError('attachment', ({ files }) => files.notOfPlatform(name, platform));
  }
  if ((byteLength ?? 0) > MAX_ATTACHMENT_BYTES) throw tooLarge(name);
  let response: Response;
  try {
    response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new UserError('attachment', ({ files }) => files.unreached(name, platform));
  }
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    const { status } = response;
    throw new UserError('attachment', ({ files }) =>
      lacksScope?.answers(status) === true
        ? files.lacksScope(name, lacksScope.scope)
        : files.refused(name, platform, status),
    );
  }
  return readCapped(response.body, name);
}

function permitted({ address, hosts, apiUrl }: AttachmentSource): URL | null {
  if (address === null || address === undefined || !URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol === 'https:' && hosts.has(url.hostname) && url.port === '') return url;
  return apiUrl !== undefined && url.origin === new URL(apiUrl).origin ? url : null;
}

async function readCapped(body: ReadableStream<Uint8Array>, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > MAX_ATTACHMENT_BYTES) throw tooLarge(name);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(name: string): UserError {
  return new UserError('attachment', ({ files }) => files.tooLarge(name, MAX_ATTACHMENT_BYTES / 1024 / 1024));
}
