ALTER TABLE "easel"."deliveries" ADD COLUMN "shown_by" text;--> statement-breakpoint
ALTER TABLE "easel"."deliveries" ADD COLUMN "shown_until" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "deliveries_shown" ON "easel"."deliveries" USING btree ("shown_by") WHERE "easel"."deliveries"."shown_by" is not null;