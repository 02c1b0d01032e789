LOCK TABLE "easel"."guild_shares", "easel"."usage_hours" IN SHARE ROW EXCLUSIVE MODE;
--> statement-breakpoint
CREATE TABLE "easel"."usage_days" (
	"day" timestamp with time zone NOT NULL,
	"part" smallint NOT NULL,
	"pictures" double precision NOT NULL,
	"seconds" double precision NOT NULL,
	CONSTRAINT "usage_days_day_part_pk" PRIMARY KEY("day","part")
);
--> statement-breakpoint
CREATE TABLE "easel"."waiting_sums" (
	"part" smallint PRIMARY KEY NOT NULL,
	"waiting" integer NOT NULL
);
--> statement-breakpoint
DROP INDEX "easel"."usage_hours_of_all";--> statement-breakpoint
CREATE INDEX "jobs_waiting_since" ON "easel"."jobs" USING btree ("created_at") WHERE "easel"."jobs"."status" = 'queued';
--> statement-breakpoint
INSERT INTO "easel"."usage_days" ("day", "part", "pictures", "seconds")
	SELECT date_trunc('day', "hour", 'UTC'), hashtext("guild") & 15, sum("pictures"), sum("seconds")
	FROM "easel"."usage_hours" WHERE "user_id" = '' GROUP BY 1, 2;
--> statement-breakpoint
INSERT INTO "easel"."waiting_sums" ("part", "waiting")
	SELECT hashtext("guild") & 15, sum("waiting") FROM "easel"."guild_shares" GROUP BY 1;
--> statement-breakpoint
CREATE FUNCTION "easel"."sum_usage"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "easel"."usage_days" AS sums ("day", "part", "pictures", "seconds") VALUES (
		date_trunc('day', NEW."hour", 'UTC'), hashtext(NEW."guild") & 15,
		NEW."pictures" - CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE OLD."pictures" END,
		NEW."seconds" - CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE OLD."seconds" END)
	ON CONFLICT ("day", "part") DO UPDATE SET
		"pictures" = sums."pictures" + excluded."pictures", "seconds" = sums."seconds" + excluded."seconds";
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION "easel"."sum_waiting"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO "easel"."waiting_sums" AS sums ("part", "waiting") VALUES (
		hashtext(NEW."guild") & 15, NEW."waiting" - CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE OLD."waiting" END)
	ON CONFLICT ("part") DO UPDATE SET "waiting" = sums."waiting" + excluded."waiting";
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "sum_usage" AFTER INSERT OR UPDATE OF "pictures", "seconds" ON "easel"."usage_hours"
	FOR EACH ROW WHEN (NEW."user_id" = '') EXECUTE FUNCTION "easel"."sum_usage"();
--> statement-breakpoint
CREATE TRIGGER "sum_waiting" AFTER INSERT OR UPDATE OF "waiting" ON "easel"."guild_shares"
	FOR EACH ROW EXECUTE FUNCTION "easel"."sum_waiting"();
