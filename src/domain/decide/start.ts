import { hashOf } from "../canonical.ts";
import { isSameSet, setOr } from "../companion.ts";
import { deployPlan } from "../deploy-plan.ts";
import type { Blocker, Deployment } from "../deployment.ts";
import { isWatched } from "../deployment.ts";
import { shownMigrations } from "../django/record.ts";
import { liveRevision, type CommandOf, type Snapshot } from "../environment.ts";
import { gate, recheckAt } from "../gate.ts";
import { isSameLack } from "../live-content.ts";
import type { Prepared } from "../prepared.ts";
import { inOrder } from "../queue.ts";
import { byRule, decision, end, entry, move, note, verdictOf, type Outcome } from "./decision.ts";
import { nudge, waitsBehind } from "./lock.ts";
import { startsSoon } from "./later.ts";
import { leftToCi } from "./observed.ts";
import { mayBeOfferedAgain } from "./offer-again.ts";
import { stillApproved, type Parts } from "./still-approved.ts";
import { countdownOver } from "./countdown.ts";

/**
 * Time passed, a lock lifted, a deployment ended, people or configuration changed: every waiting row is judged anew and at most
 * one starts. A countdown that is over goes before all of them.
 */
export function recheck(snapshot: Snapshot, command: CommandOf<"recheck">, now: Date): Outcome {
  const over = countdownOver(snapshot, command.id, now);
  if (over !== null) return over;
  const left = leftToCi(snapshot, now);
  if (left !== null) return left;
  const told = nudge(snapshot, now);
  const parts: Parts = { changes: [...told.changes], effects: [...told.effects], history: [] };
  let current = snapshot;
  for (const deployment of waiting(snapshot)) {
    const newer = overtakenBy(snapshot, deployment);
    if (newer !== null) {
      parts.changes.push(end(deployment, "superseded", { now, because: newer }));
      parts.history.push(entry("superseded", deployment, byRule(newer)));
      parts.effects.push(note(deployment, "overtaken", `Not deployed: ${newer}, and this one would take changes away again.`));
      continue;
    }
    const replanned = replan(current, deployment, command, parts);
    if (replanned === null) {
      parts.effects.push({ kind: "recheck", at: null });
      continue;
    }
    const kept = stillApproved(current, replanned, command, now, parts);
    if (kept === null) continue;
    if (kept.kind === "deploy" && !command.asked.includes(kept.id)) {
      if (command.silent === true) waitForPeople(current, kept, now, parts);
      continue;
    }
    const unfit = command.unfit[kept.revision];
    if (unfit !== undefined && kept.kind === "deploy") {
      parts.changes.push(end(kept, "cancelled", { now, because: unfit }));
      parts.history.push(entry("cancelled", kept, byRule(unfit)));
      parts.effects.push(note(kept, "unfit", `Not deployed: ${unfit}`));
      continue;
    }
    current = startOrWait(current, asLive(kept, command, parts), { command, now }, parts);
  }
  return decision(parts);
}

function waiting(snapshot: Snapshot): readonly Deployment[] {
  return inOrder(snapshot.open).filter(
    (deployment) => deployment.state.state === "queued" || deployment.state.state === "awaiting_approval",
  );
}

/** Why what was offered by rule would now go back in time; a person may ask for that, a rule never does. Null: it would not. */
function overtakenBy(snapshot: Snapshot, deployment: Deployment): string | null {
  if (deployment.kind !== "deploy" || deployment.requestedBy.kind !== "greenlight") return null;
  const live = liveRevision(snapshot);
  const position = (revision: string): number | null =>
    snapshot.candidates.find((candidate) => candidate.revision === revision)?.position ?? null;
  const [here, there] = [position(deployment.revision), live === null ? null : position(live.revision)];
  if (live === null || snapshot.mixed || here === null || there === null || here >= there) return null;
  return `the newer ${live.revision.slice(0, 7)} is live`;
}

/**
 * A changed configuration, live revision or companion makes another plan: what was approved is not what would run. Null: its companions
 * are not those that its proof and its changes were asked for, so that is done once more.
 */
function replan(snapshot: Snapshot, deployment: Deployment, { anew }: CommandOf<"recheck">, parts: Parts): Deployment | null {
  if (deployment.kind === "rollback") return deployment;
  const { revision, plan: before } = deployment;
  const found = anew?.[deployment.id];
  // While CI does a companion again nothing starts, and what was approved stays what it was.
  const companions = setOr(before.companions, snapshot, revision);
  if (!isSameSet(companions, (found ?? before).companions)) return null;
  const shown = found === undefined ? deployment : withFound(deployment, found, parts);
  const migrations = found === undefined ? before.migrations : shownMigrations(found.changes.migrations);
  const plan = deployPlan(snapshot, { revision, companions, migrations });
  const planHash = hashOf(plan);
  if (planHash === deployment.planHash) return shown;
  parts.changes.push({ kind: "replan", id: deployment.id, plan, planHash });
  parts.history.push(entry("replanned", deployment, byRule("the plan changed"), { to: planHash }));
  return { ...shown, plan, planHash };
}

/** What other companions bring is on its card before anybody says yes to it. */
function withFound(deployment: Deployment, found: Prepared, parts: Parts): Deployment {
  const { containsBlocked } = found;
  const changes = containsBlocked === null ? found.changes : { ...found.changes, bringsBack: containsBlocked };
  parts.changes.push(move(deployment, deployment.state, { changes }));
  return { ...deployment, changes };
}

/** No yes is void because Slack is away, and none starts anything: its card and the command line say so. */
function waitForPeople(snapshot: Snapshot, deployment: Deployment, now: Date, parts: Parts): void {
  const { state } = deployment;
  if (state.state !== "queued") return;
  const blockers = [...gate(snapshot, deployment, now), NOBODY_SAYS];
  if (JSON.stringify(state.blockers) === JSON.stringify(blockers)) return;
  parts.changes.push(move(deployment, { ...state, blockers, recheckAt: recheckAt(blockers) }));
}

const NOBODY_SAYS: Blocker = {
  rule: "people",
  text: "Slack does not say now who may approve, and nothing starts before it does.",
  owner: "Slack",
  liftsAt: null,
};

/** Something else may have gone live since it was asked for: what it lacks of that is asked anew, and said on its card. */
function asLive(deployment: Deployment, { lacking }: CommandOf<"recheck">, parts: Parts): Deployment {
  const now = lacking?.[deployment.revision];
  if (now === undefined || deployment.kind === "rollback" || isSameLack(now, deployment.changes)) return deployment;
  const { lacks: _before, ...rest } = deployment.changes;
  const changes = { ...rest, behind: now.behind, ...(now.lacks === undefined ? {} : { lacks: now.lacks }) };
  parts.changes.push(move(deployment, deployment.state, { changes }));
  return { ...deployment, changes };
}

function startOrWait(
  snapshot: Snapshot,
  deployment: Deployment,
  { command, now }: { readonly command: CommandOf<"recheck">; readonly now: Date },
  parts: Parts,
): Snapshot {
  const blockers = [...gate(snapshot, deployment, now), ...doneAgain(command, deployment)];
  if (blockers.length > 0) {
    const at = recheckAt(blockers);
    parts.effects.push(...startsSoon(snapshot, deployment, blockers, now));
    if (deployment.state.state === "queued" && JSON.stringify(deployment.state.blockers) !== JSON.stringify(blockers)) {
      parts.changes.push(move(deployment, { state: "queued", since: deployment.state.since, blockers, recheckAt: at }));
      if (at !== null) parts.effects.push({ kind: "recheck", at });
      parts.effects.push(...waitsBehind(snapshot, deployment, blockers, now));
    }
    return snapshot;
  }
  // What held it has ended meanwhile: now CI is asked.
  if (command.unasked?.includes(deployment.id) === true) {
    parts.effects.push({ kind: "recheck", at: null });
    return snapshot;
  }
  for (const watched of snapshot.open.filter((other) => isWatched(other.state))) cutShort(watched, deployment, now, parts);
  const started = { ...deployment, state: { state: "executing" as const, since: now } };
  parts.changes.push(move(deployment, started.state, { startedAt: now }));
  // What was rejected before can be offered again until now.
  for (const past of snapshot.past) if (mayBeOfferedAgain(snapshot, past)) parts.changes.push({ kind: "redraw", id: past.id });
  parts.history.push(entry("started", deployment, deployment.requestedBy));
  parts.effects.push({ kind: "drive", deployment: deployment.id });
  return { ...snapshot, open: snapshot.open.map((other) => (other.id === deployment.id ? started : other)) };
}

function doneAgain({ again }: CommandOf<"recheck">, { kind, revision }: Deployment): readonly Blocker[] {
  const text = again?.[revision];
  return text === undefined || kind !== "deploy" ? [] : [{ rule: "requirements", text, owner: "CI", liftsAt: null }];
}

/** A deployment started during a watch ends that watch; what was proposed already stays said. */
function cutShort(watched: Deployment, by: Deployment, now: Date, parts: Parts): void {
  const because = `cut short by #${by.number}`;
  const proposed = watched.state.state === "countdown" || verdictOf(watched)?.kind === "regressed";
  parts.changes.push(end(watched, proposed ? "regressed" : "succeeded_unverified", { now, because, cutShortBy: by.number }));
  parts.history.push(entry("watch_ended", watched, byRule(because)));
}
