import { join } from 'node:path';

/** A file of the golden fixtures: those in the repository, or those of the same form that GOLDEN_DIR names. */
export function goldenPath(...parts: string[]): string {
  return join(process.env.GOLDEN_DIR ?? join(import.meta.dirname, '../fixtures/golden'), ...parts);
}
