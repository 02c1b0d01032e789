import type { Context } from 'hono';

/** The language that a browser asks for first, as BCP 47. */
export function localeOf(context: Context): string {
  const accepted = context.req.header('accept-language') ?? '';
  return (/^[a-z]{2,3}(?:-[a-z0-9]{1,8})*/i.exec(accepted)?.[0] ?? 'en').slice(0, 20);
}
