CREATE SCHEMA "easel";
--> statement-breakpoint
CREATE SEQUENCE "easel"."delivery_sequence" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "easel"."turn_sequence" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "easel"."audit" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"guild" text NOT NULL,
	"by_user" text NOT NULL,
	"action" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "easel"."deliveries" (
	"job" uuid PRIMARY KEY NOT NULL,
	"platform" text NOT NULL,
	"channel" text NOT NULL,
	"status" text NOT NULL,
	"sequence" bigint,
	"due_at" timestamp with time zone,
	"lease_until" timestamp with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"partial" json,
	"reason" text
);
--> statement-breakpoint
CREATE TABLE "easel"."guild_settings" (
	"guild" text PRIMARY KEY NOT NULL,
	"settings" json NOT NULL
);
--> statement-breakpoint
CREATE TABLE "easel"."guild_shares" (
	"guild" text PRIMARY KEY NOT NULL,
	"weight" double precision DEFAULT 1 NOT NULL,
	"virtual_seconds" double precision NOT NULL,
	"member_clock" double precision DEFAULT 0 NOT NULL,
	"waiting" integer DEFAULT 0 NOT NULL,
	"waiting_seconds" double precision DEFAULT 0 NOT NULL,
	"turn_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "easel"."jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"platform" text NOT NULL,
	"guild" text NOT NULL,
	"channel" text NOT NULL,
	"user_id" text NOT NULL,
	"event" text NOT NULL,
	"locale" text NOT NULL,
	"work" json NOT NULL,
	"status" text NOT NULL,
	"visibility" text NOT NULL,
	"spoiler" boolean NOT NULL,
	"priority" integer DEFAULT 0 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"reserved_seconds" double precision NOT NULL,
	"measured_seconds" double precision,
	"failure" json,
	"reply_to" json,
	"init_blob" text,
	"mask_blob" text,
	"locked_by" text,
	"lease_until" timestamp with time zone,
	"cancel_requested" boolean DEFAULT false NOT NULL,
	"forgotten" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "easel"."ledger" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"kind" text NOT NULL,
	"guild" text NOT NULL,
	"user_id" text NOT NULL,
	"job" uuid,
	"pictures" double precision NOT NULL,
	"seconds" double precision NOT NULL,
	"counted_at" timestamp with time zone NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "easel"."member_shares" (
	"guild" text NOT NULL,
	"user_id" text NOT NULL,
	"virtual_seconds" double precision NOT NULL,
	"waiting" integer DEFAULT 0 NOT NULL,
	"waiting_seconds" double precision DEFAULT 0 NOT NULL,
	"turn_at" timestamp with time zone NOT NULL,
	CONSTRAINT "member_shares_guild_user_id_pk" PRIMARY KEY("guild","user_id")
);
--> statement-breakpoint
CREATE TABLE "easel"."messages" (
	"platform" text NOT NULL,
	"channel" text NOT NULL,
	"message" text NOT NULL,
	"job" uuid NOT NULL,
	CONSTRAINT "messages_platform_channel_message_pk" PRIMARY KEY("platform","channel","message")
);
--> statement-breakpoint
CREATE TABLE "easel"."pictures" (
	"job" uuid NOT NULL,
	"index" smallint NOT NULL,
	"recipe" text NOT NULL,
	"blob" text NOT NULL,
	"handoff" text,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"notes" json NOT NULL,
	"guild" text NOT NULL,
	"user_id" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "pictures_job_index_pk" PRIMARY KEY("job","index")
);
--> statement-breakpoint
CREATE TABLE "easel"."preferences" (
	"guild" text NOT NULL,
	"user_id" text NOT NULL,
	"preferences" json NOT NULL,
	CONSTRAINT "preferences_guild_user_id_pk" PRIMARY KEY("guild","user_id")
);
--> statement-breakpoint
CREATE TABLE "easel"."recipes" (
	"id" text PRIMARY KEY NOT NULL,
	"recipe" json NOT NULL
);
--> statement-breakpoint
CREATE TABLE "easel"."share_clock" (
	"id" smallint PRIMARY KEY NOT NULL,
	"virtual_seconds" double precision NOT NULL
);
--> statement-breakpoint
CREATE TABLE "easel"."turns" (
	"user_id" text NOT NULL,
	"id" uuid NOT NULL,
	"began" bigint NOT NULL,
	"sequence" bigint NOT NULL,
	"turn" json,
	"answered" boolean NOT NULL,
	CONSTRAINT "turns_user_id_id_pk" PRIMARY KEY("user_id","id")
);
--> statement-breakpoint
CREATE TABLE "easel"."usage_hours" (
	"guild" text NOT NULL,
	"user_id" text NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"pictures" double precision DEFAULT 0 NOT NULL,
	"seconds" double precision DEFAULT 0 NOT NULL,
	"granted_pictures" double precision DEFAULT 0 NOT NULL,
	"granted_seconds" double precision DEFAULT 0 NOT NULL,
	CONSTRAINT "usage_hours_guild_user_id_hour_pk" PRIMARY KEY("guild","user_id","hour")
);
--> statement-breakpoint
CREATE TABLE "easel"."work_rates" (
	"model" text NOT NULL,
	"kind" text NOT NULL,
	"seconds_per_unit" double precision NOT NULL,
	CONSTRAINT "work_rates_model_kind_pk" PRIMARY KEY("model","kind")
);
--> statement-breakpoint
CREATE TABLE "easel"."worker_models" (
	"worker" text NOT NULL,
	"name" text NOT NULL,
	"position" integer NOT NULL,
	"description" json NOT NULL,
	CONSTRAINT "worker_models_worker_name_pk" PRIMARY KEY("worker","name")
);
--> statement-breakpoint
CREATE TABLE "easel"."workers" (
	"id" text PRIMARY KEY NOT NULL,
	"heard_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "easel"."deliveries" ADD CONSTRAINT "deliveries_job_jobs_id_fk" FOREIGN KEY ("job") REFERENCES "easel"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "easel"."messages" ADD CONSTRAINT "messages_job_jobs_id_fk" FOREIGN KEY ("job") REFERENCES "easel"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "easel"."pictures" ADD CONSTRAINT "pictures_job_jobs_id_fk" FOREIGN KEY ("job") REFERENCES "easel"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "easel"."pictures" ADD CONSTRAINT "pictures_recipe_recipes_id_fk" FOREIGN KEY ("recipe") REFERENCES "easel"."recipes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "easel"."worker_models" ADD CONSTRAINT "worker_models_worker_workers_id_fk" FOREIGN KEY ("worker") REFERENCES "easel"."workers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_guild" ON "easel"."audit" USING btree ("guild","id");--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "easel"."deliveries" USING btree ("sequence") WHERE "easel"."deliveries"."status" = 'due';--> statement-breakpoint
CREATE INDEX "deliveries_channel" ON "easel"."deliveries" USING btree ("platform","channel","sequence") WHERE "easel"."deliveries"."status" = 'due';--> statement-breakpoint
CREATE INDEX "guild_shares_waiting" ON "easel"."guild_shares" USING btree ("virtual_seconds","turn_at","guild") WHERE "easel"."guild_shares"."waiting" > 0;--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_event" ON "easel"."jobs" USING btree ("platform","event");--> statement-breakpoint
CREATE INDEX "jobs_queued" ON "easel"."jobs" USING btree ("guild","user_id","priority" desc,"id") WHERE "easel"."jobs"."status" = 'queued';--> statement-breakpoint
CREATE INDEX "jobs_unfinished" ON "easel"."jobs" USING btree ("guild","user_id") WHERE "easel"."jobs"."status" in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "jobs_running" ON "easel"."jobs" USING btree ("lease_until") WHERE "easel"."jobs"."status" = 'running';--> statement-breakpoint
CREATE INDEX "jobs_of_member" ON "easel"."jobs" USING btree ("guild","user_id","id");--> statement-breakpoint
CREATE INDEX "jobs_of_person" ON "easel"."jobs" USING btree ("platform","user_id");--> statement-breakpoint
CREATE INDEX "jobs_init_blob" ON "easel"."jobs" USING btree ("init_blob");--> statement-breakpoint
CREATE INDEX "jobs_mask_blob" ON "easel"."jobs" USING btree ("mask_blob");--> statement-breakpoint
CREATE UNIQUE INDEX "ledger_key" ON "easel"."ledger" USING btree ("key");--> statement-breakpoint
CREATE INDEX "ledger_member" ON "easel"."ledger" USING btree ("guild","user_id");--> statement-breakpoint
CREATE INDEX "member_shares_waiting" ON "easel"."member_shares" USING btree ("guild","virtual_seconds","turn_at","user_id") WHERE "easel"."member_shares"."waiting" > 0;--> statement-breakpoint
CREATE INDEX "messages_job" ON "easel"."messages" USING btree ("job");--> statement-breakpoint
CREATE INDEX "pictures_of_member" ON "easel"."pictures" USING btree ("guild","user_id","job","index");--> statement-breakpoint
CREATE INDEX "pictures_recipe" ON "easel"."pictures" USING btree ("recipe");--> statement-breakpoint
CREATE INDEX "pictures_blob" ON "easel"."pictures" USING btree ("blob");--> statement-breakpoint
CREATE INDEX "pictures_handoff" ON "easel"."pictures" USING btree ("handoff");--> statement-breakpoint
CREATE INDEX "preferences_user" ON "easel"."preferences" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "turns_began" ON "easel"."turns" USING btree ("user_id","began");--> statement-breakpoint
CREATE INDEX "turns_sequence" ON "easel"."turns" USING btree ("user_id","sequence");--> statement-breakpoint
CREATE INDEX "turns_unanswered" ON "easel"."turns" USING btree ("began") WHERE not "easel"."turns"."answered";--> statement-breakpoint
CREATE INDEX "usage_hours_of_guild" ON "easel"."usage_hours" USING btree ("guild","hour");--> statement-breakpoint
INSERT INTO "easel"."share_clock" ("id", "virtual_seconds") VALUES (1, 0);
