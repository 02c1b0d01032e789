CREATE TABLE "easel"."worker_extras" (
	"worker" text NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"models" json NOT NULL,
	CONSTRAINT "worker_extras_worker_kind_name_pk" PRIMARY KEY("worker","kind","name")
);
--> statement-breakpoint
ALTER TABLE "easel"."worker_extras" ADD CONSTRAINT "worker_extras_worker_workers_id_fk" FOREIGN KEY ("worker") REFERENCES "easel"."workers"("id") ON DELETE cascade ON UPDATE no action;