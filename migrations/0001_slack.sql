CREATE TABLE "delegations" (
	"app" text NOT NULL,
	"from" text NOT NULL,
	"to" text NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "delegations_app_from_to_pk" PRIMARY KEY("app","from","to")
);
--> statement-breakpoint
CREATE TABLE "freezes" (
	"environment_id" text PRIMARY KEY NOT NULL,
	"owner" jsonb NOT NULL,
	"reason" text NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "group_members" (
	"group" text NOT NULL,
	"slack_id" text NOT NULL,
	"first_seen" timestamp with time zone NOT NULL,
	CONSTRAINT "group_members_group_slack_id_pk" PRIMARY KEY("group","slack_id")
);
--> statement-breakpoint
CREATE TABLE "home_viewers" (
	"slack_id" text PRIMARY KEY NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"drawn_hash" text
);
--> statement-breakpoint
CREATE TABLE "mutes" (
	"slack_id" text NOT NULL,
	"app" text NOT NULL,
	"until" timestamp with time zone,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "mutes_slack_id_app_pk" PRIMARY KEY("slack_id","app")
);
--> statement-breakpoint
CREATE TABLE "notices" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order" bigint GENERATED ALWAYS AS IDENTITY (sequence name "notices_order_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" text NOT NULL,
	"slack_id" text NOT NULL,
	"app" text NOT NULL,
	"deployment_id" uuid,
	"text" text NOT NULL,
	"posting" boolean DEFAULT false NOT NULL,
	"ts" text,
	"failed_because" text,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "approvals" ADD COLUMN "not_before" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "locks" ADD COLUMN "nudged_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "validations" ADD COLUMN "verdict" text DEFAULT 'looks_good' NOT NULL;--> statement-breakpoint
ALTER TABLE "validations" ADD COLUMN "reason" text;--> statement-breakpoint
ALTER TABLE "freezes" ADD CONSTRAINT "freezes_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "notices_key" ON "notices" USING btree ("slack_id","key");