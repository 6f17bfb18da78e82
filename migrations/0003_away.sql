CREATE TABLE "absences" (
	"since" timestamp with time zone PRIMARY KEY NOT NULL,
	"until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "rates" (
	"slack_id" text PRIMARY KEY NOT NULL,
	"left" double precision NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "absences_one" ON "absences" USING btree (("until" is null)) WHERE "absences"."until" is null;