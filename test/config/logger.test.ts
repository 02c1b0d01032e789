import { DrizzleQueryError } from 'drizzle-orm/errors';
import { expect, it } from 'vitest';
import { createLogger } from '../../config/logger.ts';

it('tells of a statement that failed, but not what it was given', () => {
  const lines: string[] = [];
  const log = createLogger(
    { logLevel: 'info', secrets: [] },
    { destination: { write: (line) => void lines.push(line) } },
  );
  const failed = new DrizzleQueryError(
    'update jobs set reply_to = $1',
    ['{"token":"aW50ZXJhY3Rpb24"}\nof ann'],
    new Error('reset'),
  );
  for (const error of [failed, new Error('It could not be kept.', { cause: failed })]) {
    log.warn({ error }, 'not recorded');
    const line = lines.pop() ?? '';
    expect(line).toContain('update jobs set reply_to');
    expect(line).toContain('reset');
    expect(line).not.toContain('aW50ZXJhY3Rpb24');
  }
  log.warn({ error: 'no error at all' }, 'a plain word');
  expect(lines.pop()).toContain('no error at all');
});
