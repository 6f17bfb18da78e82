CREATE TABLE "chores" (
	"name" text PRIMARY KEY NOT NULL,
	"begun_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "gates" (
	"connection" text NOT NULL,
	"repository" text NOT NULL,
	"workflow_run" text NOT NULL,
	"environment" text NOT NULL,
	"asked_at" timestamp with time zone NOT NULL,
	"environment_id" text NOT NULL,
	"deployment_id" uuid,
	"answer" text,
	"comment" text,
	"answered_at" timestamp with time zone,
	CONSTRAINT "gates_pk" PRIMARY KEY("connection","repository","workflow_run","environment","asked_at")
);
--> statement-breakpoint
CREATE TABLE "images" (
	"app" text NOT NULL,
	"image" text NOT NULL,
	"revision" text NOT NULL,
	"digest" text NOT NULL,
	"tag" text,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "images_app_image_revision_digest_pk" PRIMARY KEY("app","image","revision","digest")
);
--> statement-breakpoint
CREATE TABLE "told" (
	"key" text PRIMARY KEY NOT NULL,
	"said" text,
	"tries" integer DEFAULT 0 NOT NULL,
	"claimed_until" timestamp with time zone,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "asked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "asked_answer" text;