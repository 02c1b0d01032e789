import type { Attachment } from '../../../commands/request.ts';
import { fetchAttachment } from '../../fetch-attachment.ts';

const FILE_HOSTS: ReadonlySet<string> = new Set(['cdn.discordapp.com', 'media.discordapp.net']);

/** A file as Discord describes it. */
export interface DiscordFile {
  readonly name: string;
  readonly contentType: string | null;
  readonly size: number;
  readonly url: string;
}

/** Names a file without fetching it. `fetch` goes to Discord's own hosts only, and follows no redirect. */
export function toAttachment({ name, contentType, size, url }: DiscordFile, apiUrl: string | undefined): Attachment {
  return {
    name,
    contentType,
    byteLength: size,
    fetch: () =>
      fetchAttachment({
        name,
        byteLength: size,
        address: url,
        platform: 'Discord',
        hosts: FILE_HOSTS,
        apiUrl,
      }),
  };
}
