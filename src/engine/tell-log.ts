import { addReply } from "../db/cards.ts";
import type { Database } from "../db/client.ts";
import { stepsOf } from "../db/steps.ts";
import type { StepName } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import { lastLines, logText } from "../domain/log-text.ts";
import type { PlanStep } from "../domain/plan.ts";
import { environmentOf, type Engine } from "./engine.ts";

/** A thread message holds at most 40 lines of a log (the design of the thread). */
const LINES = 40;
/** Steps whose log people want without asking: what the database did, and how the restart went. */
const TOLD: ReadonlySet<StepName> = new Set(["migrate", "restart"]);

/**
 * The end of a step's log goes to the thread: of any step that failed, and of the telling ones of a deployment that people follow.
 * Under `privacy: strict` no log leaves the database.
 */
export async function tellLog(
  engine: Engine,
  tx: Database,
  deployment: Deployment,
  ended: { readonly step: PlanStep; readonly attempt: number; readonly failed: boolean; readonly note: string | null; readonly at: Date },
): Promise<void> {
  const { step, failed } = ended;
  if (!failed && (deployment.automatic || !TOLD.has(step.name))) return;
  if (environmentOf(engine, deployment.environmentId)?.app.privacy === "strict") return;
  const rows = await stepsOf(tx, deployment.id);
  const row = rows.find((known) => known.step === step.id && known.host === step.host && known.attempt === ended.attempt);
  if (row === undefined) return;
  const seconds = ((ended.at.getTime() - row.startedAt.getTime()) / 1000).toFixed(1);
  const said = lastLines(logText(row.tail.length > 0 ? row.tail : row.head), LINES);
  const text = failed ? `${step.host}, ${step.name}: ${ended.note ?? "failed"}` : `${step.host}, ${step.name}: done in ${seconds} s`;
  const body = {
    key: `log:${deployment.id}:${step.id}:${step.host}:${ended.attempt}`,
    kind: "log" as const,
    ping: null,
    broadcast: false,
    mention: [],
    text,
    preformatted: said === "" ? null : said,
    rollBackButton: false,
  };
  await addReply(tx, { id: engine.newId(), deployment: deployment.id, body, at: ended.at });
}
