import { refText } from "../authorize.ts";
import { hashOf } from "../canonical.ts";
import { deployPlan } from "../deploy-plan.ts";
import { driftWords } from "../drift.ts";
import { approvalExpiry } from "../expiry.ts";
import type { Change, CommandOf, Effect, Snapshot } from "../environment.ts";
import { requiredApprovals } from "../gate.ts";
import { byRule, decision, entry, find, move, note, type Outcome } from "./decision.ts";
import { foundLiveOn, withLive } from "./live.ts";
import { tooLate, unknown } from "./refusals.ts";

/**
 * Somebody changed the hosts by hand since this was planned, and nothing has been started. What is really there is recorded, and the
 * deployment is planned anew from it: an approval was for another plan, so people are asked again; where nobody is asked it goes on
 * and says so. What it brings stays the same: another companion that has passed meanwhile is for another deployment. A rollback goes on:
 * it was asked for whatever is there.
 */
export function drifted(snapshot: Snapshot, command: CommandOf<"drifted">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  if (deployment.state.state !== "executing") return tooLate("recorded", deployment);
  const words = driftWords(command.hosts, snapshot.live, deployment.plan.from);
  const live = foundLiveOn(snapshot, command.hosts, now);
  const history = [entry("drifted", deployment, byRule("read from the hosts"), { hosts: command.hosts })];
  const drive: Effect = { kind: "drive", deployment: deployment.id };
  const say = (text: string, rest: Parameters<typeof note>[3] = {}): Effect => note(deployment, `drift:${deployment.counter}`, text, rest);
  if (deployment.kind === "rollback")
    return decision({
      changes: live,
      effects: [drive, say(`${words} (changed by hand?). It goes back all the same.`)],
      history,
    });
  const plan = deployPlan(withLive(snapshot, live), { ...deployment.plan, companions: deployment.plan.companions ?? [] });
  const replan: Change = { kind: "replan", id: deployment.id, plan, planHash: hashOf(plan) };
  const { release } = snapshot.environment;
  if (requiredApprovals(snapshot, deployment) === 0 || release.mode !== "approval")
    return decision({
      changes: [...live, replan],
      effects: [drive, say(`${words} (changed by hand?). Planned anew from that; it goes on.`)],
      history,
    });
  const expiresAt = approvalExpiry(release.approval, now);
  const voided = `${words} (changed by hand?)`;
  return decision({
    changes: [...live, replan, move(deployment, { state: "awaiting_approval", since: now, expiresAt, voided }, { startedAt: null })],
    effects: [
      drive,
      { kind: "recheck", at: null },
      { kind: "recheck", at: expiresAt },
      say(`It needs a new yes: ${voided}. Nothing was started on any server.`, {
        kind: "ping",
        ping: "approval",
        mention: release.approval.from.map(refText),
      }),
    ],
    history: [...history, entry("approvals_void", deployment, byRule(voided))],
  });
}
