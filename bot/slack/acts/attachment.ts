import { z } from 'zod';
import type { Attachment } from '../../../commands/request.ts';
import { fetchAttachment } from '../../fetch-attachment.ts';

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
export function toAttachment(file: SlackFile, { botToken, apiUrl }: FetchOptions): Attachment {
  const name = file.name ?? file.id;
  const byteLength = file.size ?? null;
  return {
    name,
    contentType: file.mimetype ?? null,
    byteLength,
    fetch: () =>
      fetchAttachment({
        name,
        byteLength,
        address: file.url_private_download ?? file.url_private,
        platform: 'Slack',
        hosts: FILE_HOSTS,
        apiUrl,
        headers: { authorization: `Bearer ${botToken}` },
        // Slack sends whoever may not read a file to its sign-in page.
        lacksScope: { scope: 'files:read', answers: (status) => status < 400 },
      }),
  };
}
