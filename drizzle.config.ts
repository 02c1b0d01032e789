import { defineConfig } from 'drizzle-kit';

/** `npx drizzle-kit generate` writes the migration from one version of the schema to the next. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './bot/store/schema.ts',
  out: './bot/store/migrations',
});
