import { z } from 'zod';
import { type Attachment, UserError } from '../../../commands/request.ts';

/** As large as a picture may be that somebody gives as a start. */
export const MAX_ATTACHMENT_BYTES = 20 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

/** Slack serves uploaded files from here, and only here does it want the token. */
const FILE_HOSTS: ReadonlySet<string> = new Set(['files.slack.com', 'slack-files.com']);

/** A file as payloads describe it. */
export const fileSchema = z.object({
  id: z.string(),
  name: z.string().nullish(),
  mimetype: z.string().nullish(),
  size: z.number().nullish(),
  url_private_download: z.string().nullish(),
  url_private: z.string().nullish(),
});
export type SlackFile = z.infer<typeof fileSchema>;

interface FetchOptions {
  readonly botToken: string;
  /** Where `SLACK_API_URL` points: its host serves files too. */
  readonly apiUrl: string | undefined;
}

/** Names a file without fetching it. `fetch` sends the bot's token to Slack's own hosts only, and follows no redirect. */
export function toAttachment(file: SlackFile, options: FetchOptions): Attachment {
  return {
    name: file.name ?? file.id,
    contentType: file.mimetype ?? null,
    byteLength: file.size ?? null,
    fetch: () => fetchFile(file, options),
  };
}

async function fetchFile(file: SlackFile, { botToken, apiUrl }: FetchOptions): Promise<Uint8Array> {
  const name = file.name ?? file.id;
  const url = permitted(file.url_private_download ?? file.url_private, apiUrl);
  if (url === null) throw new UserError('attachment', `${name} is not a file that Slack keeps; upload it to Slack.`);
  if ((file.size ?? 0) > MAX_ATTACHMENT_BYTES) throw tooLarge(name);
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { authorization: `Bearer ${botToken}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new UserError('attachment', `${name} could not be fetched from Slack; please try again.`);
  }
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    const reason = response.status < 400 ? 'the app lacks the scope files:read' : `Slack answered ${response.status}`;
    throw new UserError('attachment', `${name} could not be fetched from Slack: ${reason}.`);
  }
  return readCapped(response.body, name);
}

function permitted(address: string | null | undefined, apiUrl: string | undefined): URL | null {
  if (address === null || address === undefined || !URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol === 'https:' && FILE_HOSTS.has(url.hostname)) return url;
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
