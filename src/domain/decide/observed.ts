import type { Change, CommandOf, LiveHost, Snapshot } from "../environment.ts";
import { CI_HOST, isSame, liveNow, observe, observeOf } from "../observed.ts";
import type { Blocker } from "../deployment.ts";
import { byRule, decision, end, entry, note, refused, type Outcome } from "./decision.ts";
import type { Parts } from "./still-approved.ts";

/**
 * CI deployed here, or says how that went. It is recorded as CI's own doing, never as ours; what is live moves on only to what was
 * said to be live later than what is recorded.
 */
export function observed(snapshot: Snapshot, { sign }: CommandOf<"observed">): Outcome {
  if (observeOf(snapshot.environment.release) === null) return decision({});
  const known = snapshot.observed ?? [];
  const before = known.find((one) => one.externalId === sign.externalId) ?? null;
  const record = observe(before, sign);
  if (before !== null && isSame(before, record)) return decision({});
  const moved = liveChange(snapshot, liveNow([...known.filter((one) => one !== before), record]));
  const { externalId, revision, state, url, by, at } = sign;
  const body = { externalId, revision, state, url, by: by?.login ?? by?.name ?? null, at: at.toISOString(), moved: moved.length > 0 };
  return decision({
    changes: [{ kind: "observe", record }, ...moved],
    effects: moved.length > 0 ? [{ kind: "reconsider" }] : [],
    history: [entry("observed", null, byRule("CI said so"), body)],
  });
}

function liveChange(snapshot: Snapshot, now: ReturnType<typeof liveNow>): readonly Change[] {
  if (now === null || now.liveSince === null || now.liveAt === null) return [];
  const [recorded] = snapshot.live;
  const next: LiveHost = { host: CI_HOST, revision: now.revision, since: now.liveSince, deploymentId: null, source: "ci" };
  if (recorded?.source === "ci" && recorded.revision === next.revision && recorded.since.getTime() === next.since.getTime()) return [];
  // Greenlight deployed here until the configuration was changed: a delivery from before that tells nothing new.
  if (recorded !== undefined && recorded.source !== "ci" && now.liveAt <= recorded.since) return [];
  return [
    { kind: "live", hosts: [next] },
    { kind: "mixed", mixed: false },
  ];
}

/** Where CI deploys without asking, nobody can say yes here. Null: a yes counts. */
export function notOurs(snapshot: Snapshot, what: "deployed" | "rolled back"): Outcome | null {
  return snapshot.environment.release.mode === "by_ci" ? onlyByCi(snapshot, what) : null;
}

/** Where CI deploys, nobody can ask us to. Null: it is ours to deploy. */
export function onlyByCi(snapshot: Snapshot, what: "deployed" | "rolled back"): Outcome | null {
  const { app, name, release } = snapshot.environment;
  const means = observeOf(release);
  if (means === null) return null;
  const text = `CI deploys ${app} to ${name}. Greenlight only records what is live there.`;
  const reasons: readonly Blocker[] = [{ rule: "configuration", text, owner: "deploy: by_ci in greenlight.yml", liftsAt: null }];
  const how = means.kind === "stage" ? `its stage ${means.name}` : `its job for ${means.name}`;
  return refused(`Not ${what}: CI does that in ${name}.`, reasons, {
    who: `CI, by ${how}.`,
    change: what === "deployed" ? `Run ${how} in CI.` : `Run ${how} in CI for the version that should be live, or push a revert.`,
  });
}

/** The configuration gave the environment to CI while something waited here: nothing of ours starts there any more. */
export function leftToCi(snapshot: Snapshot, now: Date): Outcome | null {
  if (snapshot.environment.release.mode !== "by_ci") return null;
  const parts: Parts = { changes: [], effects: [], history: [] };
  const because = `CI deploys ${snapshot.environment.name} now`;
  for (const deployment of snapshot.open) {
    if (deployment.state.state !== "awaiting_approval" && deployment.state.state !== "queued") continue;
    parts.changes.push(end(deployment, "cancelled", { now, because }));
    parts.history.push(entry("cancelled", deployment, byRule(because)));
    parts.effects.push(note(deployment, "left_to_ci", `Not ${deployment.kind === "rollback" ? "rolled back" : "deployed"}: ${because}.`));
  }
  return decision(parts);
}
