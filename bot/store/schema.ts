/** All tables, by what they are about. After a change in one, `npx drizzle-kit generate` writes the migration; both are committed. */
export * from './schema/accounts.ts';
export { easel } from './schema/columns.ts';
export * from './schema/fair-share.ts';
export * from './schema/guilds.ts';
export * from './schema/jobs.ts';
export * from './schema/service.ts';
export * from './schema/workers.ts';
