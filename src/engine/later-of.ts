import { deploymentById } from "../db/deployments.ts";
import { loadSnapshot } from "../db/snapshot.ts";
import { LATER_AT_MOST_MS } from "../domain/decide/approve.ts";
import type { DeploymentId } from "../domain/ids.ts";
import type { LaterChoices } from "../domain/intent.ts";
import { nextMorning } from "../domain/next-morning.ts";
import { nextOpening } from "../domain/opening.ts";
import { environmentOf, type Engine } from "./engine.ts";

/** When a deployment may be approved for, and when one person would most likely want that. Null: it is not known any more. */
export async function laterOf(engine: Engine, id: DeploymentId, user: string): Promise<LaterChoices | null> {
  const deployment = await deploymentById(engine.db, id);
  const known = deployment === null ? null : environmentOf(engine, deployment.environmentId);
  if (deployment === null || known === null) return null;
  const now = engine.clock();
  const snapshot = await loadSnapshot(engine.db, known.environment, engine.config);
  const timezone = (await engine.directory.person(user).catch(() => null))?.timezone ?? "UTC";
  return {
    app: known.app.name,
    environment: known.environment.name,
    opening: nextOpening(snapshot, deployment, now),
    suggested: nextMorning(now, timezone),
    latest: new Date(now.getTime() + LATER_AT_MOST_MS),
    timezone,
  };
}
