import { DefaultRestOptions, type RESTOptions } from 'discord.js';
import { z } from 'zod';

const limitSchema = z.object({ retry_after: z.number().nonnegative(), global: z.boolean().default(false) });

/** Where a limit does not say how long it lasts. */
const UNTOLD_SECONDS = 1;

/**
 * As the library asks; but a limit (429) always says in its headers how long to wait. The library reads only those, and
 * without them asks thousands of times a second, where ten thousand in ten minutes are enough for Discord to lock an
 * address out. Discord documents the body, too: https://docs.discord.com/developers/topics/rate-limits
 */
export const makeRequest: RESTOptions['makeRequest'] = async (url, init) => {
  const response = await DefaultRestOptions.makeRequest(url, init);
  if (response.status !== 429 || response.headers.has('Retry-After')) return response;
  const told = limitSchema.safeParse(await response.json().catch(() => null)).data;
  response.headers.set('Retry-After', String(told?.retry_after ?? UNTOLD_SECONDS));
  if (told?.global === true) response.headers.set('X-RateLimit-Global', 'true');
  return response;
};
