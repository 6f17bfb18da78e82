import type { Deployment, LockHolder } from "../deployment.ts";
import { few } from "../django/back.ts";
import type { Change, CommandOf, Effect, HistoryEntry, Snapshot, StepsOutcome } from "../environment.ts";
import { actorName, type Actor } from "../people.ts";
import { byRule, decision, end, entry, find, move, note, type Outcome } from "./decision.ts";
import { gateEnded } from "./gate-asked.ts";
import { tooLate, unknown } from "./refusals.ts";
import { nowLive, partlyLive, withLive } from "./live.ts";
import { backTo, enterRollback, type RollbackParts } from "./roll-back.ts";
import { whyNotByItself, wayOf } from "./schema-back.ts";
import { worsened } from "./true-plan.ts";
import { firstLooks } from "./watch.ts";

/** All steps are done, one failed, or nobody can tell. */
export function stepsEnded(snapshot: Snapshot, command: CommandOf<"steps_ended">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  // Effects come at least once: the same end can be told twice.
  if (deployment.state.state !== "executing") return tooLate("recorded", deployment);
  const { outcome } = command;
  if (deployment.plan.gate !== undefined) return gateEnded(deployment, outcome, now);
  switch (outcome.kind) {
    case "done":
      return deployment.kind === "rollback" ? rolledBack(snapshot, deployment, now) : wentLive(snapshot, deployment, now);
    case "failed":
      return failed(snapshot, deployment, { ...outcome, id: command.id, now });
    case "unknown":
      return attention(deployment, { because: outcome.because, now });
    case "held":
      return attention(deployment, { because: outcome.because, now, held: outcome.holders });
    case "worse":
      return worsened(snapshot, deployment, outcome, now);
    default:
      return outcome satisfies never;
  }
}

function wentLive(snapshot: Snapshot, deployment: Deployment, now: Date): Outcome {
  const { watch } = deployment.plan;
  const changes: Change[] = [...nowLive(snapshot, deployment, now)];
  const effects: Effect[] = [
    { kind: "announce", deployment: deployment.id },
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
  return decision({
    changes: [
      ...nowLive(snapshot, rollback, now),
      end(rollback, "succeeded_unverified", { now, because: "the earlier version is live again", set: { liveAt: now } }),
    ],
    effects: [{ kind: "reconsider" }, { kind: "recheck", at: null }, ...wentBack(snapshot, rollback, now)],
    history: [entry("rolled_back", rollback, rollback.requestedBy)],
  });
}

/** The earlier version is live again: people hear of it, and whether that helped is looked at. `seenBy`: who says so; absent: the servers. */
export function wentBack(snapshot: Snapshot, rollback: Deployment, now: Date, seenBy?: Actor): readonly Effect[] {
  const original = rollback.rollsBack === null ? undefined : find(snapshot, rollback.rollsBack);
  if (original === undefined) return [];
  const says = seenBy === undefined ? "" : `, says ${actorName(seenBy)}`;
  const text = `Rolled back by ${actorName(rollback.requestedBy)}: ${rollback.revision.slice(0, 7)} is live again on ${hostNames(rollback)}${says}.`;
  return [
    { kind: "tell", deployment: original.id },
    note(original, `rolled_back:${rollback.id}`, text, { kind: "ping", ping: "rolled_back", mention: mentionOf(original.requestedBy) }),
    { kind: "aftermath", deployment: original.id, look: 1, at: now },
  ];
}

/** `on_failure` decides for a deployment; a rollback that failed needs a person. */
function failed(
  snapshot: Snapshot,
  deployment: Deployment,
  input: Omit<Extract<StepsOutcome, { kind: "failed" }>, "kind"> & { readonly id: Deployment["id"]; readonly now: Date },
): Outcome {
  const { now, because, switched } = input;
  const live = partlyLive(snapshot, deployment, input, now);
  if (deployment.kind === "rollback")
    return attention(deployment, { because: `the rollback failed: ${because}`, now, changes: [...live, { kind: "mixed", mixed: true }] });
  const changes: Change[] = [...live, end(deployment, "failed", { now, because })];
  const effects: Effect[] = [
    { kind: "drive", deployment: deployment.id },
    { kind: "recheck", at: null },
  ];
  const history = [entry("failed", deployment, byRule(because), { switched })];
  const after = { ...withLive(snapshot, live), open: snapshot.open.filter((other) => other.id !== deployment.id) };
  // What failed within `max_failures`, or with `finish`, stopped nothing: taking the good servers back would undo the policy.
  const back =
    deployment.plan.onFailure === "rollback" && switched.length > 0 && input.finished !== true
      ? enterRollback(after, deployment, {
          by: byRule("on_failure: rollback"),
          id: input.id,
          now,
          because,
          ended: true,
          touched: switched,
        })
      : null;
  const wanted = deployment.plan.onFailure === "rollback" && switched.length > 0 && input.finished !== true && back === null;
  const stays = wanted ? whyNotByItself(after, deployment) : null;
  const text = `Failed: ${because} ${whereItStands(deployment, switched, back)}${stays === null ? "" : ` ${stays}`}`;
  effects.push(note(deployment, "failed", text, { kind: "ping", ping: "failed", mention: mentionOf(deployment.requestedBy) }));
  if (back === null) return decision({ changes, effects, history });
  const moved = changes.map((change) =>
    change.kind === "move" && change.id === deployment.id ? { ...change, set: { rolledBackBy: input.id } } : change,
  );
  return decision({ changes: [...moved, ...back.changes], effects: [...effects, ...back.effects], history: [...history, ...back.history] });
}

/** Who has it, and what happens to them: the first question after a failure. */
function whereItStands(deployment: Deployment, switched: readonly string[], back: RollbackParts | null): string {
  if (switched.length === 0) return standsStill(deployment);
  const others = deployment.plan.hosts.map((host) => host.name).filter((host) => !switched.includes(host));
  const untouched = others.length === 0 ? "" : ` Not changed: ${named(others)}.`;
  if (back === null) return `Changed already: ${named(switched)}.${untouched}`;
  return `${named(back.hosts)} ${back.hosts.length === 1 ? "goes" : "go"} back to ${back.target.slice(0, 7)}.${untouched}`;
}

/** No server was changed; with releases the database may have been, since it is migrated before they are switched. */
function standsStill({ changes: { migrations } }: Deployment): string {
  if (migrations === undefined) return "Nothing was changed on any server.";
  if (migrations.applied === null || migrations.doubtful.length > 0)
    return "No server runs the new version; nobody can tell whether the database was changed.";
  if (migrations.applied.length === 0) return "Nothing was changed on any server.";
  return `No server runs the new version, but the database keeps ${few(migrations.applied)}.`;
}

function attention(
  deployment: Deployment,
  input: {
    readonly because: string;
    readonly now: Date;
    readonly changes?: readonly Change[];
    readonly held?: readonly LockHolder[];
  },
): Outcome {
  const { because } = input;
  const during = deployment.state.state === "cancelling" ? "cancelling" : "executing";
  const held = input.held === undefined ? {} : { held: input.held };
  return decision({
    changes: [...(input.changes ?? []), move(deployment, { state: "needs_attention", since: input.now, because, during, ...held })],
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
    return attention(deployment, { because: `${command.unreachable.join(", ")} did not answer while it was being stopped`, now });
  const live = partlyLive(snapshot, deployment, command, now);
  if (deployment.kind === "rollback")
    return attention(deployment, {
      because: `${actorName(state.by)} stopped the rollback half-way`,
      now,
      changes: [...live, { kind: "mixed", mixed: true }],
    });
  const because = `stopped by ${actorName(state.by)}`;
  const after = { ...withLive(snapshot, live), open: snapshot.open.filter((other) => other.id !== deployment.id) };
  const back =
    state.thenRollBack && command.switched.length > 0
      ? enterRollback(after, deployment, {
          by: state.by,
          id: command.id,
          now,
          because,
          ended: true,
          touched: command.switched,
          ...backTo(state),
        })
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
    ...(back?.effects ?? []),
    ...(state.thenRollBack && back === null ? [note(deployment, "not_back", whyNotBack(after, deployment, command.switched))] : []),
  ];
  return decision({ changes: [...live, ended, ...(back?.changes ?? [])], effects, history });
}

/** Whoever pressed was told that the servers go back. */
function whyNotBack(snapshot: Snapshot, deployment: Deployment, switched: readonly string[]): string {
  if (switched.length === 0) return `Stopped. Nothing goes back: ${standsStill(deployment)}`;
  const way = wayOf(snapshot, deployment);
  const why = way === null ? "There is no earlier version here that may be taken." : way.back.because;
  return `Stopped, and nothing went back. ${why} Changed already: ${named(switched)}. The ways out are on the card.`;
}

function hostNames(deployment: Deployment): string {
  return named(deployment.plan.hosts.map((host) => host.name));
}

function named(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** The mention of a person; nobody is mentioned for what a rule or the operator did. */
function mentionOf(actor: Actor): readonly string[] {
  return actor.kind === "slack" ? [`<@${actor.id}>`] : [];
}
