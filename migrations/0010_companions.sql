CREATE TABLE "passed_revisions" (
	"source" text NOT NULL,
	"revision" text NOT NULL,
	"run_id" uuid NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "passed_revisions_source_revision_pk" PRIMARY KEY("source","revision")
);
