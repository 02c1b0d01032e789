ALTER TABLE "easel"."pictures" ADD COLUMN "expired_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "easel"."turns" ADD COLUMN "created_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
CREATE INDEX "turns_created" ON "easel"."turns" USING btree ("created_at");