import { z } from 'zod';
import { type Attachment, UserError } from '../../../commands/request.ts';
import { fetchAttachment } from '../../fetch-attachment.ts';
import type { SlackApi } from '../transport/api.ts';
import { SlackError } from '../transport/slack-error.ts';

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

const SCOPE = 'files:read';

interface FetchOptions {
  readonly api: SlackApi;
  readonly botToken: string;
  /** Where `SLACK_API_URL` points: its host serves files too. */
  readonly apiUrl: string | undefined;
}

/** Names a file without fetching it. `fetch` sends the bot's token to Slack's own hosts only, and follows no redirect. */
export function toAttachment(file: SlackFile, { api, botToken, apiUrl }: FetchOptions): Attachment {
  const name = file.name ?? file.id;
  return {
    name,
    contentType: file.mimetype ?? null,
    byteLength: file.size ?? null,
    fetch: async () => {
      const whole = addressOf(file) === null ? await lookUp(file.id, name, api) : file;
      return fetchAttachment({
        name,
        byteLength: whole.size ?? null,
        address: addressOf(whole),
        platform: 'Slack',
        hosts: FILE_HOSTS,
        apiUrl,
        headers: { authorization: `Bearer ${botToken}` },
        // Slack sends whoever may not read a file to its sign-in page.
        lacksScope: { scope: SCOPE, answers: (status) => status < 400 },
      });
    },
  };
}

function addressOf(file: SlackFile): string | null {
  return file.url_private_download ?? file.url_private ?? null;
}

/** Of a file in a channel that is shared with another workspace Slack tells the id alone (`check_file_info`). */
async function lookUp(id: string, name: string, api: SlackApi): Promise<SlackFile> {
  try {
    return (await api.call('files.info', { file: id }, z.object({ file: fileSchema }))).file;
  } catch (error) {
    const lacksScope = error instanceof SlackError && error.code === 'missing_scope';
    throw new UserError('attachment', ({ files }) =>
      lacksScope ? files.lacksScope(name, SCOPE) : files.unreached(name, 'Slack'),
    );
  }
}
