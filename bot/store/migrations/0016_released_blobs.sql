CREATE TABLE "easel"."released_blobs" (
	"key" text PRIMARY KEY NOT NULL,
	"released_at" timestamp with time zone DEFAULT now() NOT NULL,
	"forgotten" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE INDEX "released_blobs_at" ON "easel"."released_blobs" USING btree ("released_at");