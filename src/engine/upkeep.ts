import { unbreakCards } from "../db/cards.ts";
import { unfinished } from "../db/deployments.ts";
import { adopt } from "../db/incarnation.ts";
import { activeHash, holdLease, seeReplica } from "../db/leases.ts";
import { forgetOld, silencePast } from "../db/restore.ts";
import { ensureEnvironment, goneEnvironments } from "../db/snapshot.ts";
import { apply } from "./apply.ts";
import { watchGroups } from "./approvers.ts";
import type { Engine } from "./engine.ts";
import { sweepGates } from "./gates.ts";
import { nudgeSmall } from "./small.ts";
import { sweep } from "./reconcile.ts";

/** Every configured environment has its row. In a restored database nothing starts until a person has looked, and nothing old is told again. */
export async function prepareEnvironments(engine: Engine, restored: string | null): Promise<void> {
  const { db } = engine;
  const configured = engine.config.apps.flatMap((app) => app.environments);
  for (const environment of configured) await ensureEnvironment(db, environment);
  await unbreakCards(db);
  for (const id of await goneEnvironments(
    db,
    configured.map((environment) => environment.id),
  ))
    await apply(engine, id, { kind: "gone" });
  if (restored === null) return;
  await silencePast(db);
  for (const environment of configured) await apply(engine, environment.id, { kind: "restored", because: restored });
  await silencePast(db);
  await adopt(db);
}

/** One replica sweeps at a time. */
export const SWEEP_LEASE = "sweep";

/** One replica sweeps; each says that it lives, and with which configuration. */
export async function tick(engine: Engine, showOpen: (count: number) => void): Promise<void> {
  try {
    await seeReplica(engine.db, engine.replica, engine.config.hash, engine.clock());
    showOpen((await unfinished(engine.db)).length);
    if (!(await holdLease(engine.db, SWEEP_LEASE, engine.replica))) return;
    await sweep(engine);
    await sweepGates(engine);
    await watchGroups(engine);
    await nudgeSmall(engine);
    await forgetOld(engine.db);
  } catch (fault) {
    engine.report(fault, { where: "sweep" });
  }
}

/** What keeps this replica from working, one sentence each. */
export async function readiness(
  engine: Engine,
  slackConnected: boolean,
): Promise<{ readonly ok: boolean; readonly because: readonly string[] }> {
  const because: string[] = [];
  try {
    const active = await activeHash(engine.db);
    if (active !== engine.config.hash) because.push("another replica was started with a newer configuration; restart this one with it");
  } catch {
    because.push("the database does not answer");
  }
  if (!slackConnected) because.push("Slack is not connected");
  return { ok: because.length === 0, because };
}
