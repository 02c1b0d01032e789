-- Direct conversations were one place for everybody; each person has one of their own now. What is unfinished ends where it is.
UPDATE "easel"."jobs" SET "guild" = '@me:' || "user_id" WHERE "guild" = '@me' AND "status" NOT IN ('queued', 'running');--> statement-breakpoint
UPDATE "easel"."pictures" SET "guild" = '@me:' || "user_id" WHERE "guild" = '@me' AND "job" IN (SELECT "id" FROM "easel"."jobs" WHERE "guild" LIKE '@me:%');--> statement-breakpoint
UPDATE "easel"."preferences" SET "guild" = '@me:' || "user_id" WHERE "guild" = '@me';
