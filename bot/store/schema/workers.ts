import { doublePrecision, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { at, easel, json } from './columns.ts';

/** Workers that offer models, and when they were last heard of. */
export const workers = easel.table('workers', {
  id: text('id').primaryKey(),
  /** Jobs that it draws at a time. */
  slots: integer('slots').notNull().default(1),
  heardAt: at('heard_at').notNull(),
});

export const workerModels = easel.table(
  'worker_models',
  {
    worker: text('worker')
      .notNull()
      .references(() => workers.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** The worker's own order: the first is the default. */
    position: integer('position').notNull(),
    description: json('description').notNull(),
  },
  (table) => [primaryKey({ columns: [table.worker, table.name] })],
);

/** The LoRAs, embeddings and upscalers beside the models. */
export const workerExtras = easel.table(
  'worker_extras',
  {
    worker: text('worker')
      .notNull()
      .references(() => workers.id, { onDelete: 'cascade' }),
    kind: text('kind').notNull(),
    name: text('name').notNull(),
    /** As `needKey` makes it: the work of a job may name it so. */
    key: text('key').notNull().default(''),
    /** Empty for an upscaler, which is known by its name. */
    hash: text('hash').notNull(),
    /** Names of the worker's models that it fits. */
    models: json('models').notNull(),
    /** The kind of adapter that it is, where nothing can be drawn with that. */
    unread: text('unread'),
  },
  (table) => [primaryKey({ columns: [table.worker, table.kind, table.name] })],
);

/** How long a unit of work takes whom at which size: the basis of prices. See `commands/quote.ts`. */
export const measuredRates = easel.table(
  'measured_rates',
  {
    /** A model's or an upscaler's name. */
    by: text('by').notNull(),
    stage: text('stage').notNull(),
    pixels: integer('pixels').notNull(),
    secondsPerUnit: doublePrecision('seconds_per_unit').notNull(),
  },
  (table) => [primaryKey({ columns: [table.by, table.stage, table.pixels] })],
);
