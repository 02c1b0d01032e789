import { z } from 'zod';
import { cutText, displayText } from '../../display-text.ts';
import type { SlackApi } from '../transport/api.ts';
import { httpError, SlackError } from '../transport/slack-error.ts';

/** files.getUploadURLExternal answers alt_txt_too_large above this. */
const MAX_ALT = 1000;

const reservedSchema = z.object({ file_id: z.string(), upload_url: z.url() });

export interface FileToUpload {
  readonly name: string;
  /** What a screen reader says. */
  readonly alt: string;
  readonly bytes: Uint8Array;
}

/** Hands the bytes to Slack; returns the file's id, which `completeUploads` must make good. Rejects with a `SlackError`. */
export async function uploadBytes(api: SlackApi, file: FileToUpload): Promise<string> {
  const alt = cutText(displayText(file.alt), MAX_ALT);
  const reserved = await api.call(
    'files.getUploadURLExternal',
    { filename: file.name, length: file.bytes.byteLength, ...(alt.trim() === '' ? {} : { alt_txt: alt }) },
    reservedSchema,
  );
  // The address itself is the permission: the token is not sent along.
  const response = await fetch(reserved.upload_url, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(file.bytes),
    redirect: 'error',
    signal: AbortSignal.timeout(api.uploadTimeoutMs),
  }).catch((error: unknown) => {
    throw new SlackError('outage', 'file upload', error instanceof Error ? error.message : String(error));
  });
  await response.body?.cancel();
  if (!response.ok) throw httpError('file upload', response.status);
  return reserved.file_id;
}

/** Where completed files appear by themselves; without it only blocks show them. */
export interface ShareIn {
  readonly channel: string;
  readonly thread: string | null;
}

/**
 * Makes uploaded files good, which Slack allows once: where its answer was lost, a repetition is refused, and `areComplete`
 * tells whether it had happened. Rejects with a `SlackError`.
 */
export async function completeUploads(
  api: SlackApi,
  files: readonly { readonly id: string; readonly title: string }[],
  share?: ShareIn,
): Promise<void> {
  await api.call(
    'files.completeUploadExternal',
    {
      files,
      ...(share === undefined ? {} : { channel_id: share.channel }),
      ...(share?.thread === null || share === undefined ? {} : { thread_ts: share.thread }),
    },
    z.object({ ok: z.literal(true) }),
  );
}

/** Whether these files are there: completed, although the answer to that may have been lost. */
export async function areComplete(api: SlackApi, files: readonly { readonly id: string }[]): Promise<boolean> {
  for (const { id } of files) {
    const isThere = await api.call('files.info', { file: id }, z.object({ ok: z.literal(true) })).then(
      () => true,
      (error: unknown) => {
        if (error instanceof SlackError && error.kind === 'refused') return false;
        throw error;
      },
    );
    if (!isThere) return false;
  }
  return true;
}

/** A block may show a completed file only once Slack has processed it, which takes a second or two. */
export function isStillProcessing(error: unknown): boolean {
  if (!(error instanceof SlackError) || error.kind !== 'refused') return false;
  // Slack need not say what it is that a block lacks.
  return error.details === '' ? error.code === 'invalid_blocks' : /slack.?file/i.test(error.details);
}
