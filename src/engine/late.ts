import { deploymentById } from "../db/deployments.ts";
import { lateToldOf, liveAfterWatch, recordLate } from "../db/late.ts";
import type { DeploymentId } from "../domain/ids.ts";
import { isLate, lateSince, MOST_LATE } from "../domain/late.ts";
import { deployedCode } from "../domain/verdict/changed-file.ts";
import { apply } from "./apply.ts";
import { environmentOf, type Engine } from "./engine.ts";
import { undoHere } from "./undo.ts";

/** Each version that is live and watched no more is looked at once: what crashes hours later is told still. */
export async function lookForLate(engine: Engine): Promise<void> {
  for (const { id } of await liveAfterWatch(engine.db, engine.clock())) await engine.jobs.send(engine.db, "late", { deployment: id });
}

/** A monitor hinted at trouble in these projects; none named: in any. Answers how many versions are looked at for it. */
export async function lookForLateIn(engine: Engine, connection: string, projects: readonly string[]): Promise<number> {
  const now = engine.clock();
  const concerned = (await liveAfterWatch(engine.db, now)).filter((deployment) => {
    const sentry = deployment.plan.watch?.sentry ?? null;
    const named = sentry !== null && sentry.connection === connection && (projects.length === 0 || projects.includes(sentry.project));
    return named && lateSince(deployment, now) !== null;
  });
  for (const { id } of concerned) await engine.jobs.send(engine.db, "late", { deployment: id });
  return concerned.length;
}

/** Asks for crashes that came after its watch, and tells each once. Who cannot be asked is asked again by the next look. */
export async function late(engine: Engine, id: DeploymentId): Promise<void> {
  const deployment = await deploymentById(engine.db, id);
  const now = engine.clock();
  const since = deployment === null ? null : lateSince(deployment, now);
  const sentry = deployment?.plan.watch?.sentry ?? null;
  const known = deployment === null ? null : environmentOf(engine, deployment.environmentId);
  if (deployment === null || deployment.liveAt === null || since === null || sentry === null || known === null) return;
  const told = await lateToldOf(engine.db, id);
  if (told.size >= MOST_LATE) return;
  // Since it is live: what came between the last look and the end of the watch, or while nobody could look, no look has seen.
  const asked = {
    revision: deployment.revision,
    privacy: known.app.privacy,
    from: deployment.liveAt,
    to: now,
    code: deployedCode(deployment),
  };
  const issues = (await engine.monitors.late(sentry, asked)) ?? [];
  for (const issue of issues.toReversed()) {
    if (told.has(issue.id) || !isLate(deployment, issue)) continue;
    const undo = await undoHere(engine, deployment);
    await apply(
      engine,
      deployment.environmentId,
      { kind: "late_regression", deployment: id, issue, undo },
      {
        before: async (tx) => isNews(await lateToldOf(tx, id), issue.id),
        // What was not told, as during a rollback that is cancelled then, may be told by the next look.
        after: async (tx, outcome) => {
          if (outcome.ok && outcome.value.history.length > 0) await recordLate(tx, id, issue.id, now);
        },
      },
    );
  }
}

/** Enough is told of one deployment, and nothing of it twice. */
function isNews(told: ReadonlySet<string>, issue: string): boolean {
  return told.size < MOST_LATE && !told.has(issue);
}
