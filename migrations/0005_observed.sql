CREATE TABLE "acceptances" (
	"environment_id" text NOT NULL,
	"subject" text NOT NULL,
	"revision" text NOT NULL,
	"workflow_run" text,
	"url" text,
	"failed_because" text,
	"asked_at" timestamp with time zone,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "acceptances_environment_id_subject_pk" PRIMARY KEY("environment_id","subject")
);
--> statement-breakpoint
CREATE TABLE "observed" (
	"environment_id" text NOT NULL,
	"external_id" text NOT NULL,
	"body" jsonb NOT NULL,
	"live_at" timestamp with time zone,
	CONSTRAINT "observed_environment_id_external_id_pk" PRIMARY KEY("environment_id","external_id")
);
--> statement-breakpoint
CREATE TABLE "reviews" (
	"app" text NOT NULL,
	"name" text NOT NULL,
	"body" jsonb NOT NULL,
	"told_at" timestamp with time zone NOT NULL,
	"is_open" boolean NOT NULL,
	CONSTRAINT "reviews_app_name_pk" PRIMARY KEY("app","name")
);
--> statement-breakpoint
ALTER TABLE "acceptances" ADD CONSTRAINT "acceptances_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "observed" ADD CONSTRAINT "observed_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "acceptances_run" ON "acceptances" USING btree ("workflow_run");--> statement-breakpoint
CREATE INDEX "observed_live" ON "observed" USING btree ("environment_id","live_at");