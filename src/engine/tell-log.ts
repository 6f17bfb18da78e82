import { addReply, editReply } from "../db/replies.ts";
import type { Database } from "../db/client.ts";
import { stepOf } from "../db/steps.ts";
import type { Reply } from "../domain/card.ts";
import type { StepName } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import { withoutReport } from "../domain/django/report.ts";
import { lastLines, logText } from "../domain/log-text.ts";
import type { PlanStep } from "../domain/plan.ts";
import { threadReply } from "../domain/thread-reply.ts";
import { environmentOf, type Engine } from "./engine.ts";
import { placeOf } from "./log-file.ts";
import type { Stored } from "./step-log.ts";

/** A thread message holds at most 40 lines of a log (the design of the thread). */
const LINES = 40;
/** While it runs fewer: a message that grows and shrinks would move the thread under its readers. */
const LIVE_LINES = 12;
/** A step that is over sooner needs no live tail; and Slack's budget of edits is shared by all that run. */
const LIVE_AFTER_MS = 5_000;
const LIVE_EVERY_MS = 5_000;
/** Of steps that run side by side on many hosts so many are followed in the thread; the card shows all. */
const LIVE_HOSTS = 3;
/** Steps whose log people want without asking: where the backup is, what the database did, and how the restart went. */
const TOLD: ReadonlySet<StepName> = new Set(["backup", "migrate", "restart"]);

type Attempt = { readonly step: PlanStep; readonly attempt: number };

/**
 * The end of a step's log goes to the thread: of any step that failed, and of the telling ones of a deployment that people follow. What
 * was shown while it ran is edited. Under `privacy: strict` no log leaves the database; only where to read it is said.
 */
export async function tellLog(
  engine: Engine,
  tx: Database,
  deployment: Deployment,
  ended: Attempt & { readonly failed: boolean; readonly note: string | null; readonly at: Date },
): Promise<void> {
  const { step, failed, at } = ended;
  const strict = isStrict(engine, deployment);
  if (strict && !failed) return;
  const row = await stepOf(tx, { deployment: deployment.id, step: step.id, host: step.host, attempt: ended.attempt });
  if (row === null) return;
  const seconds = ((at.getTime() - row.startedAt.getTime()) / 1000).toFixed(1);
  const words = failed ? `${step.host}, ${step.id}: ${ended.note ?? "failed"}` : `${step.host}, ${step.id}: done in ${seconds} s`;
  const body = strict
    ? {
        ...replyOf(deployment, ended),
        text: `${words}. Its log is not shown here; on the bot's machine: greenlight logs ${placeOf(deployment)}`,
      }
    : { ...replyOf(deployment, ended), text: words, preformatted: endOf(row, LINES), logButton: true };
  if (failed || (!deployment.automatic && TOLD.has(step.name)))
    await addReply(tx, { id: engine.newId(), deployment: deployment.id, body, at }, { again: true });
  else await editReply(tx, body);
}

/** While a step runs: the last lines of what it printed, in one message that is edited every few seconds. */
export function openLiveTail(
  engine: Engine,
  deployment: Deployment,
  running: Attempt & { readonly startedAt: Date },
): (tx: Database, stored: Stored) => Promise<void> {
  const { step, startedAt } = running;
  const beside = deployment.plan.steps.filter((other) => other.phase === step.phase).map((other) => other.host);
  const followed = !deployment.automatic && !isStrict(engine, deployment) && beside.indexOf(step.host) < LIVE_HOSTS;
  let toldAt = startedAt.getTime() + LIVE_AFTER_MS - LIVE_EVERY_MS;
  return async (tx, stored) => {
    const at = engine.clock();
    if (!followed || at.getTime() - toldAt < LIVE_EVERY_MS) return;
    const said = endOf(stored, LIVE_LINES);
    if (said === null) return;
    toldAt = at.getTime();
    const seconds = Math.floor((toldAt - startedAt.getTime()) / LIVE_EVERY_MS) * (LIVE_EVERY_MS / 1000);
    const text = `${step.host}, ${step.id}: running for ${seconds} s`;
    const body = { ...replyOf(deployment, running), text, preformatted: said };
    await addReply(tx, { id: engine.newId(), deployment: deployment.id, body, at }, { again: true });
  };
}

function isStrict(engine: Engine, deployment: Deployment): boolean {
  return environmentOf(engine, deployment.environmentId)?.app.privacy === "strict";
}

function endOf(log: Pick<Stored, "head" | "tail">, count: number): string | null {
  const said = lastLines(withoutReport(logText(log.tail.length > 0 ? log.tail : log.head)), count);
  return said === "" ? null : said;
}

function replyOf(deployment: Deployment, { step, attempt }: Attempt): Reply {
  return threadReply({ key: `log:${deployment.id}:${step.id}:${step.host}:${attempt}`, kind: "log" });
}
