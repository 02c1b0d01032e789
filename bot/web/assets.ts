import { readFile } from 'node:fs/promises';
import type { Context } from 'hono';

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['svg', 'image/svg+xml'],
]);

const FOLDER = new URL('page/', import.meta.url);

/** A file of the page, served as it lies in `page/`. */
export async function asset(context: Context): Promise<Response> {
  const name = context.req.path === '/' ? 'index.html' : context.req.path.slice(1);
  const type = CONTENT_TYPES.get(/^[a-z-]+\.([a-z]+)$/.exec(name)?.[1] ?? '');
  const content = type === undefined ? null : await readFile(new URL(name, FOLDER), 'utf8').catch(() => null);
  if (type === undefined || content === null) return context.text('There is nothing here.', 404);
  context.header('Content-Type', type);
  context.header('Cache-Control', 'no-cache');
  return context.body(content);
}
