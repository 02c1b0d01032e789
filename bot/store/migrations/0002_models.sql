ALTER TABLE "easel"."jobs" ADD COLUMN "model" text;--> statement-breakpoint
ALTER TABLE "easel"."member_shares" ADD COLUMN "passed_seconds" double precision DEFAULT 0 NOT NULL;