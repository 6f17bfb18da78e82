import type { Deployment } from "../deployment.ts";
import type { Change, CommandOf, Effect, HistoryEntry, LiveHost, Snapshot } from "../environment.ts";
import { actorName, type Actor } from "../people.ts";
import { byRule, decision, end, entry, find, move, note, type Outcome } from "./decision.ts";
import { tooLate, unknown } from "./refusals.ts";
import { enterRollback } from "./roll-back.ts";
import { firstLooks } from "./watch.ts";

/** All steps are done, one failed, or nobody can tell. */
export function stepsEnded(snapshot: Snapshot, command: CommandOf<"steps_ended">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  // Effects come at least once: the same end can be told twice.
  if (deployment.state.state !== "executing") return tooLate("recorded", deployment);
  const { outcome } = command;
  switch (outcome.kind) {
    case "done":
      return deployment.kind === "rollback" ? rolledBack(snapshot, deployment, now) : wentLive(deployment, now);
    case "failed":
      return failed(snapshot, deployment, { because: outcome.because, switched: outcome.switched, id: command.id, now });
    case "unknown":
      return attention(deployment, outcome.because, now);
    default:
      return outcome satisfies never;
  }
}

function wentLive(deployment: Deployment, now: Date): Outcome {
  const { watch } = deployment.plan;
  const changes: Change[] = [...nowLive(deployment, deployment.revision, now)];
  const effects: Effect[] = [
    { kind: "announce", deployment: deployment.id },
    { kind: "tell", deployment: deployment.id, state: "success" },
    { kind: "reconsider" },
    { kind: "recheck", at: null },
    note(
      deployment,
      "live",
      `Live on ${hostNames(deployment)}. ${deployment.plan.hosts.length === 1 ? "It answers" : "All answer"} with ${deployment.revision.slice(0, 7)}.`,
    ),
  ];
  const history = [entry("live", deployment, byRule("all steps done"))];
  if (watch === null || (watch.sentry === null && watch.http === null)) {
    changes.push(end(deployment, "succeeded_unverified", { now, because: "not watched", set: { liveAt: now } }));
  } else {
    changes.push(
      move(
        deployment,
        { state: "watching", until: new Date(now.getTime() + watch.forMs), verdict: null, keptBy: null, noSecondCountdown: false },
        { liveAt: now },
      ),
    );
    effects.push(...firstLooks(deployment, watch, now));
  }
  return decision({ changes, effects, history });
}

function rolledBack(snapshot: Snapshot, rollback: Deployment, now: Date): Outcome {
  const original = rollback.rollsBack === null ? undefined : find(snapshot, rollback.rollsBack);
  const effects: Effect[] = [
    { kind: "reconsider" },
    { kind: "recheck", at: null },
    { kind: "tell", deployment: rollback.id, state: "success" },
  ];
  if (original !== undefined) {
    const who = actorName(rollback.requestedBy);
    const text = `Rolled back by ${who}: ${rollback.revision.slice(0, 7)} is live again on ${hostNames(rollback)}.`;
    effects.push(
      { kind: "tell", deployment: original.id, state: "inactive" },
      note(original, `rolled_back:${rollback.id}`, text, { kind: "ping", ping: "rolled_back", mention: mentionOf(original.requestedBy) }),
      { kind: "aftermath", deployment: original.id, look: 1, at: now },
    );
  }
  return decision({
    changes: [
      ...nowLive(rollback, rollback.revision, now),
      end(rollback, "succeeded_unverified", { now, because: "the earlier version is live again", set: { liveAt: now } }),
    ],
    effects,
    history: [entry("rolled_back", rollback, rollback.requestedBy)],
  });
}

/** `on_failure` decides for a deployment; a rollback that failed needs a person. */
function failed(
  snapshot: Snapshot,
  deployment: Deployment,
  input: { because: string; switched: readonly string[]; id: Deployment["id"]; now: Date },
): Outcome {
  const { now, because, switched } = input;
  if (deployment.kind === "rollback")
    return attention(deployment, `the rollback failed: ${because}`, now, [{ kind: "mixed", mixed: true }]);
  const live = switchedLive(deployment, switched, now);
  const changes: Change[] = [...live, end(deployment, "failed", { now, because })];
  const effects: Effect[] = [
    { kind: "tell", deployment: deployment.id, state: "failure" },
    { kind: "drive", deployment: deployment.id },
    { kind: "recheck", at: null },
  ];
  const history = [entry("failed", deployment, byRule(because), { switched })];
  const after = { ...snapshot, open: snapshot.open.filter((other) => other.id !== deployment.id) };
  const back =
    deployment.plan.onFailure === "rollback" && switched.length > 0
      ? enterRollback(after, deployment, { by: byRule("on_failure: rollback"), id: input.id, now, because, ended: true })
      : null;
  const state =
    switched.length === 0
      ? "Nothing was changed on any server."
      : back === null
        ? `Changed already: ${switched.join(", ")}.`
        : "The changed servers go back.";
  effects.push(
    note(deployment, "failed", `Failed: ${because} ${state}`, { kind: "ping", ping: "failed", mention: mentionOf(deployment.requestedBy) }),
  );
  if (back === null) return decision({ changes, effects, history });
  const moved = changes.map((change) =>
    change.kind === "move" && change.id === deployment.id ? { ...change, set: { rolledBackBy: input.id } } : change,
  );
  return decision({ changes: [...moved, ...back.changes], effects: [...effects, ...back.effects], history: [...history, ...back.history] });
}

function attention(deployment: Deployment, because: string, now: Date, changes: readonly Change[] = []): Outcome {
  const during = deployment.state.state === "cancelling" ? "cancelling" : "executing";
  return decision({
    changes: [...changes, move(deployment, { state: "needs_attention", since: now, because, during })],
    effects: [
      note(deployment, `attention:${deployment.id}:${deployment.counter}`, `Needs attention: ${because}`, {
        kind: "ping",
        ping: "failed",
        mention: mentionOf(deployment.requestedBy),
      }),
    ],
    history: [entry("needs_attention", deployment, byRule(because))],
  });
}

/** The remote process groups have ended, or a host did not answer. */
export function cancelEnded(snapshot: Snapshot, command: CommandOf<"cancel_ended">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const { state } = deployment;
  if (state.state !== "cancelling") return tooLate("recorded", deployment);
  if (command.unreachable.length > 0)
    return attention(deployment, `${command.unreachable.join(", ")} did not answer while it was being stopped`, now);
  if (deployment.kind === "rollback")
    return attention(deployment, `${actorName(state.by)} stopped the rollback half-way`, now, [{ kind: "mixed", mixed: true }]);
  const because = `stopped by ${actorName(state.by)}`;
  const after = { ...snapshot, open: snapshot.open.filter((other) => other.id !== deployment.id) };
  const back =
    state.thenRollBack && command.switched.length > 0
      ? enterRollback(after, deployment, { by: state.by, id: command.id, now, because, ended: true })
      : null;
  const ended = end(deployment, "cancelled", {
    now,
    because,
    by: state.by,
    ...(back === null ? {} : { set: { rolledBackBy: command.id } }),
  });
  const history: HistoryEntry[] = [entry("cancelled", deployment, state.by, { switched: command.switched }), ...(back?.history ?? [])];
  const effects: Effect[] = [
    { kind: "drive", deployment: deployment.id },
    { kind: "recheck", at: null },
    { kind: "tell", deployment: deployment.id, state: "failure" },
    ...(back?.effects ?? []),
  ];
  return decision({ changes: [...switchedLive(deployment, command.switched, now), ended, ...(back?.changes ?? [])], effects, history });
}

/** Every host runs it, by our own doing. */
export function nowLive(deployment: Deployment, revision: Deployment["revision"], now: Date): readonly Change[] {
  return [
    {
      kind: "live",
      hosts: deployment.plan.hosts.map((host): LiveHost => ({
        host: host.name,
        revision,
        since: now,
        deploymentId: deployment.id,
        source: "ours",
      })),
    },
    { kind: "mixed", mixed: false },
  ];
}

/** A host counts as switched from the start of `pull`: its checkout is no longer what it was. */
function switchedLive(deployment: Deployment, switched: readonly string[], now: Date): readonly Change[] {
  if (switched.length === 0) return [];
  const hosts = switched.map((host): LiveHost => ({
    host,
    revision: deployment.revision,
    since: now,
    deploymentId: deployment.id,
    source: "ours",
  }));
  return [
    { kind: "live", hosts },
    { kind: "mixed", mixed: true },
  ];
}

function hostNames(deployment: Deployment): string {
  const names = deployment.plan.hosts.map((host) => host.name);
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** The mention of a person; nobody is mentioned for what a rule or the operator did. */
export function mentionOf(actor: Actor): readonly string[] {
  return actor.kind === "slack" ? [`<@${actor.id}>`] : [];
}
