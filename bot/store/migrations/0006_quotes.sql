CREATE TABLE "easel"."measured_rates" (
	"by" text NOT NULL,
	"stage" text NOT NULL,
	"pixels" integer NOT NULL,
	"seconds_per_unit" double precision NOT NULL,
	CONSTRAINT "measured_rates_by_stage_pixels_pk" PRIMARY KEY("by","stage","pixels")
);
--> statement-breakpoint
DROP TABLE "easel"."work_rates" CASCADE;--> statement-breakpoint
ALTER TABLE "easel"."jobs" ADD COLUMN "rounds" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "easel"."jobs" ADD COLUMN "done" double precision DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "easel"."workers" ADD COLUMN "slots" integer DEFAULT 1 NOT NULL;