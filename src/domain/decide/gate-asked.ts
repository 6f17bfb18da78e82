import type { Deployment } from "../deployment.ts";
import type { Change, CommandOf, Effect, Snapshot, StepsOutcome } from "../environment.ts";
import type { Candidate } from "../recorded.ts";
import { byRule, decision, end, entry, note, type Outcome } from "./decision.ts";
import { firstEffects, newDeployment, supersede } from "./offer.ts";

/** CI stands before this environment, asks whether it may go on, and the revision has all that is required: people are asked. */
export function gateAsked(snapshot: Snapshot, command: CommandOf<"offer">, now: Date): Outcome {
  const { candidate } = command;
  const waiting = waitingFor(snapshot, candidate.revision);
  if (waiting !== undefined) return decision({ answer: waiting.id });
  const actor = byRule("CI asks whether it may deploy it");
  const deployment = newDeployment(snapshot, {
    id: command.id,
    revision: candidate.revision,
    runId: candidate.runId,
    prepared: command,
    by: actor,
    automatic: false,
    now,
  });
  const replaced = supersede({ ...snapshot, open: snapshot.open.filter((other) => !isLater(snapshot, other, candidate)) }, deployment, now);
  return decision({
    changes: [{ kind: "candidate", candidate }, ...replaced.changes, { kind: "insert", deployment }],
    effects: [...replaced.effects, ...firstEffects(snapshot, deployment)],
    history: [entry("candidate", null, actor, { revision: candidate.revision }), ...replaced.history, entry("asked", deployment, actor)],
    answer: deployment.id,
  });
}

/** CI's runs ask in any order: an earlier version that asks late replaces none that comes after it. */
function isLater({ candidates }: Snapshot, { revision }: Deployment, than: Candidate): boolean {
  return candidates.some((known) => known.revision === revision && known.position > than.position);
}

/** The open question that a gate's revision belongs to; undefined: there is none. */
function waitingFor(snapshot: Snapshot, revision: Deployment["revision"]): Deployment | undefined {
  return snapshot.open.find(
    (other) => other.revision === revision && (other.state.state === "awaiting_approval" || other.state.state === "queued"),
  );
}

/** CI has deployed it, or could not: its own word. What is live there is recorded by what CI says is live, and never as our doing. */
export function gateEnded(deployment: Deployment, outcome: StepsOutcome, now: Date): Outcome {
  const again: readonly Effect[] = [{ kind: "recheck", at: null }];
  if (outcome.kind === "done") {
    const set = { liveAt: now };
    const changes: Change[] = [end(deployment, "succeeded_unverified", { now, because: "CI deployed it, and nobody watched", set })];
    const text = `CI deployed it: ${deployment.revision.slice(0, 7)} is live.`;
    return decision({
      changes,
      effects: [...again, { kind: "reconsider" }, note(deployment, "live", text)],
      history: [entry("live", deployment, byRule("CI said so"))],
    });
  }
  const because = "because" in outcome ? outcome.because : "CI did not deploy it";
  return decision({
    changes: [end(deployment, "failed", { now, because })],
    effects: [...again, note(deployment, "failed", `Failed: ${because}`, { kind: "ping", ping: "failed" })],
    history: [entry("failed", deployment, byRule(because))],
  });
}
