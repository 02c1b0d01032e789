/** Options of Node for a tool's or a test's program in TypeScript: see `from-source.js`. */
export const FROM_SOURCE: readonly string[] = ['--import', new URL('from-source.js', import.meta.url).href];
