import type { Context } from 'hono';
import { blobKeySchema } from '../../commands/ids.ts';
import { pictureType } from '../../commands/picture-type.ts';
import { UserError } from '../../commands/request.ts';
import { MissingBlobError } from '../blobs/blobs.ts';
import type { PlatformHost } from '../platform.ts';
import { refuse } from './refusals.ts';
import type { PageEnvironment } from './session.ts';

/**
 * A picture by its content address, to whom it was shown: their own, their uploads, and public ones of the page. What the
 * bytes are is read from them, and nothing else is given out.
 */
export function blobs(host: PlatformHost) {
  return async (context: Context<PageEnvironment>) => {
    const key = blobKeySchema.safeParse(context.req.param('key'));
    const person = { platform: 'web', user: context.get('user') } as const;
    const isShown = key.success && (await host.mayShow(key.data, person));
    const bytes = isShown ? await host.readBlob(key.data).catch(goneAsNull) : null;
    const type = bytes === null ? null : pictureType(bytes);
    if (bytes === null || type === null) return refuse(context, 'pictureGone', 404);
    context.header('Content-Type', type);
    // The address is the content's digest: it can never show anything else. Private: not for shared caches.
    context.header('Cache-Control', 'private, max-age=31536000, immutable');
    return context.body(Uint8Array.from(bytes));
  };
}

function goneAsNull(error: unknown): null {
  if (error instanceof UserError || error instanceof MissingBlobError) return null;
  throw error;
}
