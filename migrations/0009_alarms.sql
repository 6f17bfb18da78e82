CREATE TABLE "alarms" (
	"deployment_id" uuid PRIMARY KEY NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	"would_act_at" timestamp with time zone,
	"is_real" boolean,
	"said_by" jsonb,
	"said_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "alarms" ADD CONSTRAINT "alarms_deployment_id_deployments_id_fk" FOREIGN KEY ("deployment_id") REFERENCES "public"."deployments"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
-- What was seen before this table was: the first word of it, and of those that were counted down, when that began.
INSERT INTO "alarms" ("deployment_id", "seen_at", "would_act_at")
SELECT h."deployment_id", min(h."at"), min(h."at") FILTER (WHERE h."kind" = 'countdown')
FROM "history" h JOIN "deployments" d ON d."id" = h."deployment_id"
WHERE h."kind" IN ('regression_seen', 'countdown')
GROUP BY h."deployment_id";
