import { compile } from '../bin/compile.js';

/**
 * `node --import ./tools/from-source.js FILE.ts` runs a tool or a test's program from its source. What they start runs
 * compiled, so that is brought up to date first. tsx would trust what anybody of the machine puts into its cache in the
 * shared temporary folder: it goes without one.
 */
await compile();
process.env.TSX_DISABLE_CACHE = '1';
// See config/engine-environment.ts.
process.env.ORT_DISABLE_TELEMETRY = '1';
const { register } = await import('tsx/esm/api');
register();
