ALTER TABLE "easel"."jobs" ADD COLUMN "needs" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "easel"."worker_extras" ADD COLUMN "key" text DEFAULT '' NOT NULL;