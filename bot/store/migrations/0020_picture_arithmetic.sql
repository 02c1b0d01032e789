ALTER TABLE "easel"."operation" ALTER COLUMN "mode" SET DEFAULT 'open';--> statement-breakpoint
ALTER TABLE "easel"."pictures" ADD COLUMN "arithmetic" text;--> statement-breakpoint
ALTER TABLE "easel"."operation" ADD COLUMN "arithmetic" text;