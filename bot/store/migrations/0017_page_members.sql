CREATE TABLE "easel"."page_members" (
	"user_id" text PRIMARY KEY NOT NULL,
	"name" text,
	"role" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"signed_out_at" timestamp with time zone,
	"removed" boolean DEFAULT false NOT NULL
);
