CREATE TABLE "incidents" (
	"deployment_id" uuid PRIMARY KEY NOT NULL,
	"since" timestamp with time zone,
	"told" text,
	"cause" text,
	"calls" integer DEFAULT 0 NOT NULL,
	"note_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "late_issues" (
	"deployment_id" uuid NOT NULL,
	"issue" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "late_issues_deployment_id_issue_pk" PRIMARY KEY("deployment_id","issue")
);
--> statement-breakpoint
CREATE TABLE "pages" (
	"deployment_id" uuid NOT NULL,
	"sequence" integer NOT NULL,
	"connection" text NOT NULL,
	"body" jsonb NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"sent_at" timestamp with time zone,
	"failed_because" text,
	CONSTRAINT "pages_deployment_id_sequence_pk" PRIMARY KEY("deployment_id","sequence")
);
--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_deployment_id_deployments_id_fk" FOREIGN KEY ("deployment_id") REFERENCES "public"."deployments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "late_issues" ADD CONSTRAINT "late_issues_deployment_id_deployments_id_fk" FOREIGN KEY ("deployment_id") REFERENCES "public"."deployments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pages" ADD CONSTRAINT "pages_deployment_id_deployments_id_fk" FOREIGN KEY ("deployment_id") REFERENCES "public"."deployments"("id") ON DELETE no action ON UPDATE no action;