import { type Attachment, UserError } from '../../../commands/request.ts';

/** As large as a picture may be that somebody gives as a start. */
export const MAX_ATTACHMENT_BYTES = 20 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

/** Discord serves uploaded files from here, and nothing else is fetched. */
const FILE_HOSTS: ReadonlySet<string> = new Set(['cdn.discordapp.com', 'media.discordapp.net']);

/** A file as Discord describes it. */
export interface DiscordFile {
  readonly name: string;
  readonly contentType: string | null;
  readonly size: number;
  readonly url: string;
}

/** Names a file without fetching it. `fetch` goes to Discord's own hosts only, and follows no redirect. */
export function toAttachment(file: DiscordFile, apiUrl: string | undefined): Attachment {
  return {
    name: file.name,
    contentType: file.contentType,
    byteLength: file.size,
    fetch: () => fetchFile(file, apiUrl),
  };
}

async function fetchFile({ name, size, url: address }: DiscordFile, apiUrl: string | undefined): Promise<Uint8Array> {
  const url = permitted(address, apiUrl);
  if (url === null)
    throw new UserError('attachment', `${name} is not a file that Discord keeps; upload it to Discord.`);
  if (size > MAX_ATTACHMENT_BYTES) throw tooLarge(name);
  let response: Response;
  try {
    response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new UserError('attachment', `${name} could not be fetched from Discord; please try again.`);
  }
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new UserError(
      'attachment',
      `${name} could not be fetched from Discord (it answered ${response.status}); please upload it again.`,
    );
  }
  return readCapped(response.body, name);
}

function permitted(address: string, apiUrl: string | undefined): URL | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol === 'https:' && FILE_HOSTS.has(url.hostname) && url.port === '') return url;
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
  return new UserError(
    'attachment',
    `${name} is larger than ${MAX_ATTACHMENT_BYTES / 1024 / 1024} MiB; send a smaller one.`,
  );
}
