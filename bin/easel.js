#!/usr/bin/env node
import { compile, OUT, ROOT } from './compile.js';

process.setSourceMapsEnabled(true);
try {
  await compile();
} catch (error) {
  const [reason] = String(error instanceof Error ? error.message : error).split('\n', 1);
  process.stderr.write(`easel: ${ROOT} has to be compiled, which failed (${reason}): run \`npm ci\` there.\n`);
  process.exit(1);
}
await import(new URL('easel.js', OUT).href);
