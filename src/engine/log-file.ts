import { deploymentById } from "../db/deployments.ts";
import { stepsOf, type StepRow } from "../db/steps.ts";
import { authorize } from "../domain/authorize.ts";
import type { Deployment } from "../domain/deployment.ts";
import { shortSha, type DeploymentId } from "../domain/ids.ts";
import type { Answer, Intent } from "../domain/intent.ts";
import { logText } from "../domain/log-text.ts";
import type { Wanting } from "./act.ts";
import { environmentOf, type Engine } from "./engine.ts";
import { standingOf } from "./standing.ts";

/** A deployment as people name it, also on the command line: `shop/production#12`. */
export function placeOf(deployment: Pick<Deployment, "environmentId" | "number">): string {
  return `${deployment.environmentId}#${deployment.number}`;
}

/** May this person have the whole log as a file? The file itself is read when it is sent: an answer is stored, a log is not. */
export async function askForLog(engine: Engine, intent: Extract<Intent, { kind: "log_file" }>, who: Wanting): Promise<Answer> {
  const deployment = await deploymentById(engine.db, intent.deployment);
  const known = deployment === null ? null : environmentOf(engine, deployment.environmentId);
  if (deployment === null || known === null) return no("No log: this deployment is not known here any more.", null);
  const way = `On the bot's machine: greenlight logs ${placeOf(deployment)}`;
  if (known.app.privacy === "strict") return no(`No log in Slack: ${known.app.name} has privacy: strict.`, way);
  const standing = await standingOf(engine, who.actor, who.person, who.ours, known.environment);
  const may = authorize("log_file", standing, known.environment, deployment);
  if (may !== null) return no(`No log: ${may}`, way);
  engine.log("info", "the log of a deployment was given to a person", { deployment: deployment.id, actor: who.actor });
  return { kind: "log_file", deployment: deployment.id };
}

/** All that is stored of a deployment's output, step by step. Null: the deployment is not known. */
export async function logFile(
  engine: Pick<Engine, "db">,
  id: DeploymentId,
  only: { readonly step: string | null; readonly host: string | null } = { step: null, host: null },
): Promise<{ readonly name: string; readonly title: string; readonly text: string; readonly steps: number } | null> {
  const deployment = await deploymentById(engine.db, id);
  if (deployment === null) return null;
  const named = new Map(deployment.plan.steps.map((step) => [`${step.id} ${step.host}`, step.name]));
  const rows = (await stepsOf(engine.db, id))
    .filter((row) => only.host === null || row.host === only.host)
    .filter((row) => only.step === null || row.step === only.step || named.get(`${row.step} ${row.host}`) === only.step);
  const title = `${placeOf(deployment)}, ${deployment.kind === "rollback" ? "roll back to" : "version"} ${shortSha(deployment.revision)}`;
  return {
    name: `${placeOf(deployment).replace(/[^\w.-]/gu, "-")}.log`,
    title,
    text: `${title}\n\n${rows.map(sectionOf).join("\n")}`,
    steps: rows.length,
  };
}

function sectionOf(row: StepRow): string {
  const ended = row.finishedAt === null ? "" : ` to ${row.finishedAt.toISOString()}`;
  const code = row.exitCode === null ? "" : `, exit code ${row.exitCode}`;
  const note = row.note === null ? "" : `, ${row.note}`;
  const attempt = row.attempt > 1 ? `, attempt ${row.attempt}` : "";
  const log = wholeLog(row);
  return `==> ${row.host} ${row.step}${attempt}: ${row.status}${code}${note} (${row.startedAt.toISOString()}${ended})\n${log}${log === "" || log.endsWith("\n") ? "" : "\n"}`;
}

/** What is stored of one step's output; what is not is said where it is missing. */
export function wholeLog(row: Pick<StepRow, "head" | "tail" | "dropped" | "offset">): string {
  const { head, tail, dropped } = row;
  if (head.length + tail.length === 0 && row.offset > 0) return "[its output is not kept any more]\n";
  if (dropped === 0) return logText(Buffer.concat([head, tail]));
  const before = logText(head);
  return `${before}${before.endsWith("\n") ? "" : "\n"}[${dropped.toLocaleString("en-GB")} bytes of output are left out here]\n${logText(tail)}`;
}

function no(title: string, change: string | null): Answer {
  return { kind: "refused", refusal: { title, reasons: [], who: null, change } };
}
