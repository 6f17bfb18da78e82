CREATE TABLE "approvals" (
	"deployment_id" uuid NOT NULL,
	"actor" text NOT NULL,
	"who" jsonb NOT NULL,
	"revision" text NOT NULL,
	"environment_id" text NOT NULL,
	"plan_hash" text NOT NULL,
	"override" text,
	"not_before" timestamp with time zone,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "approvals_deployment_id_actor_plan_hash_pk" PRIMARY KEY("deployment_id","actor","plan_hash")
);
--> statement-breakpoint
CREATE TABLE "blocked_commits" (
	"environment_id" text NOT NULL,
	"revision" text NOT NULL,
	"deployment_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"allowed_by" jsonb,
	"allowed_because" text,
	CONSTRAINT "blocked_commits_environment_id_revision_pk" PRIMARY KEY("environment_id","revision")
);
--> statement-breakpoint
CREATE TABLE "candidates" (
	"environment_id" text NOT NULL,
	"revision" text NOT NULL,
	"run_id" uuid NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "candidates_environment_id_revision_pk" PRIMARY KEY("environment_id","revision")
);
--> statement-breakpoint
CREATE TABLE "cards" (
	"id" uuid PRIMARY KEY NOT NULL,
	"app" text NOT NULL,
	"channel" text NOT NULL,
	"run_id" uuid,
	"deployment_id" uuid,
	"posted_channel" text,
	"ts" text,
	"posting" boolean DEFAULT false NOT NULL,
	"priority" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"drawn_version" integer DEFAULT 0 NOT NULL,
	"drawn_hash" text,
	"ticking" boolean DEFAULT false NOT NULL,
	"first_drawn_at" timestamp with time zone,
	"last_drawn_at" timestamp with time zone,
	"broken_because" text
);
--> statement-breakpoint
CREATE TABLE "clicks" (
	"id" text PRIMARY KEY NOT NULL,
	"body" jsonb NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"answer" jsonb,
	"answered_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "configurations" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "configurations_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"hash" text NOT NULL,
	"body" jsonb NOT NULL,
	"loaded_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "delegations" (
	"app" text NOT NULL,
	"from" text NOT NULL,
	"to" text NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "delegations_app_from_to_pk" PRIMARY KEY("app","from","to")
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" text PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"connection" text NOT NULL,
	"event" text,
	"headers" jsonb NOT NULL,
	"body" "bytea" NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"result" text,
	"reason" text
);
--> statement-breakpoint
CREATE TABLE "deployments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"environment_id" text NOT NULL,
	"number" integer NOT NULL,
	"kind" text NOT NULL,
	"revision" text NOT NULL,
	"from_revision" text,
	"plan" jsonb NOT NULL,
	"plan_hash" text NOT NULL,
	"config_hash" text NOT NULL,
	"counter" integer NOT NULL,
	"run_id" uuid,
	"requested_by" jsonb NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"changes" jsonb NOT NULL,
	"rolls_back" uuid,
	"rolled_back_by" uuid,
	"automatic" boolean NOT NULL,
	"started_at" timestamp with time zone,
	"live_at" timestamp with time zone,
	"state" text NOT NULL,
	"state_body" jsonb NOT NULL,
	"epoch" integer DEFAULT 0 NOT NULL,
	"driver" text,
	"holds_hosts" boolean DEFAULT false NOT NULL,
	"trouble" text,
	"trouble_since" timestamp with time zone,
	"on_it" jsonb
);
--> statement-breakpoint
CREATE TABLE "environments" (
	"id" text PRIMARY KEY NOT NULL,
	"app" text NOT NULL,
	"name" text NOT NULL,
	"next_number" integer DEFAULT 1 NOT NULL,
	"mixed" boolean DEFAULT false NOT NULL,
	"held_because" text,
	"gone" boolean DEFAULT false NOT NULL
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
CREATE TABLE "history" (
	"environment_id" text NOT NULL,
	"sequence" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"kind" text NOT NULL,
	"deployment_id" uuid,
	"body" jsonb NOT NULL,
	"previous" text NOT NULL,
	"mac" text NOT NULL,
	CONSTRAINT "history_environment_id_sequence_pk" PRIMARY KEY("environment_id","sequence")
);
--> statement-breakpoint
CREATE TABLE "home_viewers" (
	"slack_id" text PRIMARY KEY NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"drawn_hash" text
);
--> statement-breakpoint
CREATE TABLE "incarnation" (
	"installation" uuid PRIMARY KEY NOT NULL,
	"system_identifier" text NOT NULL,
	"timeline" integer NOT NULL,
	"database_oid" bigint NOT NULL,
	"table_oid" bigint NOT NULL,
	"since" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "live" (
	"environment_id" text NOT NULL,
	"host" text NOT NULL,
	"revision" text NOT NULL,
	"deployment_id" uuid,
	"since" timestamp with time zone NOT NULL,
	"source" text NOT NULL,
	CONSTRAINT "live_environment_id_host_pk" PRIMARY KEY("environment_id","host")
);
--> statement-breakpoint
CREATE TABLE "locks" (
	"environment_id" text PRIMARY KEY NOT NULL,
	"owner" jsonb NOT NULL,
	"reason" text NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"nudged_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "measurements" (
	"deployment_id" uuid NOT NULL,
	"monitor" text NOT NULL,
	"look" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"body" jsonb NOT NULL,
	CONSTRAINT "measurements_deployment_id_monitor_look_pk" PRIMARY KEY("deployment_id","monitor","look")
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
CREATE TABLE "replicas" (
	"id" text PRIMARY KEY NOT NULL,
	"config_hash" text NOT NULL,
	"seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "replies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order" bigint GENERATED ALWAYS AS IDENTITY (sequence name "replies_order_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"card_id" uuid NOT NULL,
	"key" text NOT NULL,
	"body" jsonb NOT NULL,
	"deployment_id" uuid,
	"posting" boolean DEFAULT false NOT NULL,
	"ts" text,
	"stale" boolean DEFAULT false NOT NULL,
	"failed_because" text,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"app" text NOT NULL,
	"revision" text NOT NULL,
	"position" bigint GENERATED ALWAYS AS IDENTITY (sequence name "runs_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"body" jsonb NOT NULL,
	"changes" jsonb,
	"first_seen" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "steps" (
	"deployment_id" uuid NOT NULL,
	"target" text NOT NULL,
	"step" text NOT NULL,
	"host" text NOT NULL,
	"attempt" integer NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"phase" integer NOT NULL,
	"exit_code" integer,
	"note" text,
	"offset" bigint DEFAULT 0 NOT NULL,
	"dropped" bigint DEFAULT 0 NOT NULL,
	"head" "bytea" DEFAULT ''::bytea NOT NULL,
	"tail" "bytea" DEFAULT ''::bytea NOT NULL,
	"external_id" text,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "steps_deployment_id_target_step_host_attempt_pk" PRIMARY KEY("deployment_id","target","step","host","attempt")
);
--> statement-breakpoint
CREATE TABLE "validations" (
	"environment_id" text NOT NULL,
	"revision" text NOT NULL,
	"actor" text NOT NULL,
	"who" jsonb NOT NULL,
	"verdict" text DEFAULT 'looks_good' NOT NULL,
	"reason" text,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "validations_environment_id_revision_actor_pk" PRIMARY KEY("environment_id","revision","actor")
);
--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_deployment_id_deployments_id_fk" FOREIGN KEY ("deployment_id") REFERENCES "public"."deployments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blocked_commits" ADD CONSTRAINT "blocked_commits_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "candidates" ADD CONSTRAINT "candidates_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "freezes" ADD CONSTRAINT "freezes_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "live" ADD CONSTRAINT "live_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "locks" ADD CONSTRAINT "locks_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "measurements" ADD CONSTRAINT "measurements_deployment_id_deployments_id_fk" FOREIGN KEY ("deployment_id") REFERENCES "public"."deployments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "replies" ADD CONSTRAINT "replies_card_id_cards_id_fk" FOREIGN KEY ("card_id") REFERENCES "public"."cards"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "steps" ADD CONSTRAINT "steps_deployment_id_deployments_id_fk" FOREIGN KEY ("deployment_id") REFERENCES "public"."deployments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "validations" ADD CONSTRAINT "validations_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "cards_run" ON "cards" USING btree ("run_id") WHERE "cards"."run_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "cards_deployment" ON "cards" USING btree ("deployment_id") WHERE "cards"."deployment_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "deployments_number" ON "deployments" USING btree ("environment_id","number");--> statement-breakpoint
CREATE UNIQUE INDEX "deployments_one_occupying" ON "deployments" USING btree ("environment_id") WHERE "deployments"."state" in ('executing', 'cancelling', 'needs_attention');--> statement-breakpoint
CREATE INDEX "deployments_open" ON "deployments" USING btree ("state");--> statement-breakpoint
CREATE UNIQUE INDEX "notices_key" ON "notices" USING btree ("slack_id","key");--> statement-breakpoint
CREATE UNIQUE INDEX "replies_key" ON "replies" USING btree ("card_id","key");--> statement-breakpoint
CREATE UNIQUE INDEX "runs_revision" ON "runs" USING btree ("app","revision");