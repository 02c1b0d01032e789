import { z } from 'zod';
import type { SlackApi } from '../transport/api.ts';
import { completeUploads, uploadBytes } from './upload.ts';

/** A preview costs three calls and a file: so one a message every few seconds, and none where the end is near. */
const INTERVAL_MS = 6000;
const WORTH_IT_UNTIL = 0.75;

interface Shown {
  file: string;
  at: number;
  /** Earlier previews, no longer on the message once the next edit is done. */
  readonly old: string[];
}

/** The picture so far, on placeholders. Slack shows only uploaded files, so each preview is one, deleted when it is over. */
export class Previews {
  private readonly api: SlackApi;
  private readonly shown = new Map<string, Shown>();

  constructor(api: SlackApi) {
    this.api = api;
  }

  /** The Slack file to show on this message now: a new one where it is time, else the last; undefined before the first. */
  async next(message: string, preview: Uint8Array | undefined, done: number): Promise<string | undefined> {
    const last = this.shown.get(message);
    const due =
      preview !== undefined &&
      done < WORTH_IT_UNTIL &&
      performance.now() - (last?.at ?? Number.NEGATIVE_INFINITY) > INTERVAL_MS;
    if (!due) return last?.file;
    const file = await uploadBytes(this.api, { name: 'preview.jpg', alt: '', bytes: preview });
    await completeUploads(this.api, [{ id: file, title: 'preview.jpg' }]);
    this.shown.set(message, { file, at: performance.now(), old: last === undefined ? [] : [...last.old, last.file] });
    return file;
  }

  /** Deletes the previews that the message no longer shows: all of them where it is finished. Best effort. */
  async tidy(message: string, finished: boolean): Promise<void> {
    const shown = this.shown.get(message);
    if (shown === undefined) return;
    const gone = finished ? [...shown.old, shown.file] : shown.old.splice(0);
    if (finished) this.shown.delete(message);
    for (const file of gone) {
      await this.api.call('files.delete', { file }, z.object({ ok: z.literal(true) })).catch(() => undefined);
    }
  }
}
