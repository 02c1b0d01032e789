import type { Context } from 'hono';
import { blobKeySchema } from '../../commands/ids.ts';
import { UserError } from '../../commands/request.ts';
import type { PlatformHost } from '../platform.ts';

/** A picture by its content address: what the bytes are is read from them, and nothing else is given out. */
export function blobs(host: PlatformHost) {
  return async (context: Context) => {
    const key = blobKeySchema.safeParse(context.req.param('key'));
    const bytes = key.success ? await host.readBlob(key.data).catch(goneAsNull) : null;
    const type = bytes === null ? null : pictureType(bytes);
    if (bytes === null || type === null) return context.json({ error: 'This picture is gone.' }, 404);
    context.header('Content-Type', type);
    // The address is the content's digest: it can never show anything else. Private: not for shared caches.
    context.header('Cache-Control', 'private, max-age=31536000, immutable');
    return context.body(Uint8Array.from(bytes));
  };
}

function goneAsNull(error: unknown): null {
  if (error instanceof UserError) return null;
  throw error;
}

const SIGNATURES: readonly { readonly type: string; readonly matches: (bytes: Buffer) => boolean }[] = [
  { type: 'image/png', matches: (bytes) => bytes.subarray(0, 8).toString('hex') === '89504e470d0a1a0a' },
  { type: 'image/jpeg', matches: (bytes) => bytes.subarray(0, 3).toString('hex') === 'ffd8ff' },
  {
    type: 'image/webp',
    matches: (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
  },
];

/** The media type by the first bytes; null for anything that is not a picture of ours. */
function pictureType(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.subarray(0, 12));
  return SIGNATURES.find(({ matches }) => matches(head))?.type ?? null;
}
