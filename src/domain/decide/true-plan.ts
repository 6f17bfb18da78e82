import { refText } from "../authorize.ts";
import { hashOf } from "../canonical.ts";
import type { Deployment } from "../deployment.ts";
import { shownMigrations } from "../django/record.ts";
import type { Change, Effect, Snapshot, StepsOutcome } from "../environment.ts";
import { approvalExpiry } from "../expiry.ts";
import { requiredApprovals } from "../gate.ts";
import { byRule, decision, end, entry, move, note, type Outcome } from "./decision.ts";
import { pendingNote } from "./pending.ts";

/**
 * What the new code would do to the database is worse than what people were shown. Nothing was migrated and the earlier code lies where
 * it lay, so they are asked again, with the true plan; their yes was for another one. Where nobody is asked it has failed.
 */
export function worsened(
  snapshot: Snapshot,
  deployment: Deployment,
  outcome: Extract<StepsOutcome, { kind: "worse" }>,
  now: Date,
): Outcome {
  const changes = { ...deployment.changes, migrations: outcome.migrations };
  const drive: Effect = { kind: "drive", deployment: deployment.id };
  const said = `what it does to the database is worse than what was shown: ${outcome.because}`;
  const { release } = snapshot.environment;
  if (requiredApprovals(snapshot, deployment) === 0 || release.mode !== "approval") {
    const nothingDone = { ...changes, migrations: { ...outcome.migrations, applied: [] } };
    const because = `${said}. Nobody is asked here, so nothing was migrated.`;
    const text = `Failed: ${because} No server runs it. Migrate by hand, or give the environment an \`approval\`.`;
    return decision({
      changes: [end(deployment, "failed", { now, because, set: { changes: nothingDone } })],
      effects: [drive, { kind: "recheck", at: null }, note(deployment, "failed", text, { kind: "ping", ping: "failed" })],
      history: [entry("failed", deployment, byRule(because), { switched: [] })],
    });
  }
  const plan = { ...deployment.plan, migrations: shownMigrations(outcome.migrations) };
  const expiresAt = approvalExpiry(release.approval, now);
  const replan: Change = { kind: "replan", id: deployment.id, plan, planHash: hashOf(plan) };
  return decision({
    changes: [
      replan,
      move(deployment, { state: "awaiting_approval", since: now, expiresAt, voided: said }, { startedAt: null, changes }),
      { kind: "start_over", id: deployment.id },
    ],
    effects: [
      drive,
      { kind: "recheck", at: null },
      { kind: "recheck", at: expiresAt },
      note(deployment, `worse:${deployment.counter}`, `It needs a new yes: ${said}. Nothing was migrated, and no server runs it.`, {
        kind: "ping",
        ping: "approval",
        mention: release.approval.from.map(refText),
      }),
      ...pendingNote(deployment, outcome.migrations, `true:${deployment.counter}`),
    ],
    history: [entry("approvals_void", deployment, byRule(said), { migrations: plan.migrations })],
  });
}
