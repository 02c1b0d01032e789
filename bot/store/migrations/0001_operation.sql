CREATE TABLE "easel"."operation" (
	"id" smallint PRIMARY KEY NOT NULL,
	"mode" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "deliveries_refused" ON "easel"."deliveries" USING btree ("sequence") WHERE "easel"."deliveries"."status" = 'refused';--> statement-breakpoint
CREATE INDEX "jobs_failed" ON "easel"."jobs" USING btree ("finished_at") WHERE "easel"."jobs"."status" = 'failed';