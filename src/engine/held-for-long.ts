import { loadSnapshot } from "../db/snapshot.ts";
import type { Environment } from "../domain/config.ts";
import type { BlockerRule, Deployment } from "../domain/deployment.ts";
import { gate } from "../domain/gate.ts";
import type { DeploymentId } from "../domain/ids.ts";
import type { Prepared } from "../domain/prepared.ts";
import type { Engine } from "./engine.ts";

/** What CI's word lifts is none of these. */
const LONG: ReadonlySet<BlockerRule> = new Set(["later", "freeze", "lock", "order", "validation"]);
/** What waits for a morning or a Monday is looked at every half minute: the code host is asked about it as often as about open runs. */
const ASK_EVERY_MS = 10 * 60_000;

/** When the code host was asked last about what is held, by the database of the engine that did. */
const askedAt = new WeakMap<Engine["db"], Map<DeploymentId, number>>();

/** Deployments that something else than CI holds, and about which the code host was asked lately: there is an account for all of them. */
export async function heldForLong(
  engine: Engine,
  environment: Environment,
  queued: readonly Deployment[],
  anew: Readonly<Record<string, Prepared>>,
): Promise<readonly DeploymentId[]> {
  if (queued.length === 0) return [];
  const snapshot = await loadSnapshot(engine.db, environment, engine.config);
  const now = engine.clock();
  const known = askedAt.get(engine.db) ?? new Map<DeploymentId, number>();
  askedAt.set(engine.db, known);
  for (const [id, at] of known) if (now.getTime() - at >= ASK_EVERY_MS) known.delete(id);
  const held = queued.filter(
    (deployment) => anew[deployment.id] === undefined && gate(snapshot, deployment, now).some(({ rule }) => LONG.has(rule)),
  );
  const unasked = held.map(({ id }) => id).filter((id) => known.has(id));
  for (const { id } of held) if (!known.has(id)) known.set(id, now.getTime());
  return unasked;
}
