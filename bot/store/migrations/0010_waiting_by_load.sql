LOCK TABLE "easel"."guild_shares" IN ACCESS EXCLUSIVE MODE;
--> statement-breakpoint
DROP INDEX "easel"."jobs_waiting_since";
--> statement-breakpoint
CREATE INDEX "jobs_waiting_since" ON "easel"."jobs" USING btree ("guild","created_at") WHERE "easel"."jobs"."status" = 'queued';
--> statement-breakpoint
ALTER TABLE "easel"."guild_shares" ADD COLUMN "waiting_since" timestamp with time zone;
--> statement-breakpoint
ALTER TABLE "easel"."guild_shares" ADD COLUMN "load" text GENERATED ALWAYS AS (case when waiting > 20 then 'crowded' when waiting > 3 then 'busy' when waiting > 0 then 'light' end) STORED;
--> statement-breakpoint
UPDATE "easel"."guild_shares" AS share SET "waiting_since" = first."at" FROM (
	SELECT "guild", min("created_at") AS "at" FROM "easel"."jobs" WHERE "status" = 'queued' GROUP BY "guild"
) AS first WHERE share."guild" = first."guild";
--> statement-breakpoint
CREATE INDEX "guild_shares_waiting_since" ON "easel"."guild_shares" USING btree ("load","waiting_since") WHERE "easel"."guild_shares"."load" is not null;
--> statement-breakpoint
TRUNCATE "easel"."waiting_sums";
--> statement-breakpoint
ALTER TABLE "easel"."waiting_sums" DROP CONSTRAINT "waiting_sums_pkey", ADD COLUMN "load" text NOT NULL;
--> statement-breakpoint
ALTER TABLE "easel"."waiting_sums" ADD CONSTRAINT "waiting_sums_load_part_pk" PRIMARY KEY("load","part");
--> statement-breakpoint
INSERT INTO "easel"."waiting_sums" ("load", "part", "waiting")
	SELECT "load", hashtext("guild") & 15, sum("waiting") FROM "easel"."guild_shares" WHERE "load" IS NOT NULL GROUP BY 1, 2;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "easel"."sum_waiting"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- Where it goes from one load to another, both sums change, always in the same order: so none waits for another in a circle.
	INSERT INTO "easel"."waiting_sums" AS sums ("load", "part", "waiting")
		SELECT change."load", hashtext(NEW."guild") & 15, sum(change."waiting")
		FROM (VALUES (OLD."load", -OLD."waiting"), (NEW."load", NEW."waiting")) AS change ("load", "waiting")
		WHERE change."load" IS NOT NULL GROUP BY change."load" ORDER BY change."load"
	ON CONFLICT ("load", "part") DO UPDATE SET "waiting" = sums."waiting" + excluded."waiting";
	RETURN NULL;
END $$;
