import { refText } from "../authorize.ts";
import type { Deployment } from "../deployment.ts";
import type { Effect, Snapshot } from "../environment.ts";
import { askedUntil, requiredApprovals, validApprovals } from "../gate.ts";
import { note } from "./decision.ts";

/** Half of the time that people have: before it a reminder nags, long after it helps nobody. Null: nobody is asked here. */
export function reminderAt({ environment: { release } }: Snapshot, expiresAt: Date): Date | null {
  return release.mode === "approval" ? new Date(expiresAt.getTime() - release.approval.expiresMs / 2) : null;
}

/** The one reminder of a deployment that still waits: it repeats "approval needed", and its key makes it one. */
export function reminder(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Effect[] {
  const { state } = deployment;
  const { environment } = snapshot;
  if (state.state !== "awaiting_approval" || environment.release.mode !== "approval") return [];
  const until = askedUntil(snapshot, deployment, now) ?? state.expiresAt;
  const at = reminderAt(snapshot, until);
  if (at === null || now < at || now >= until) return [];
  const missing = requiredApprovals(snapshot, deployment) - validApprovals(snapshot, deployment, now).length;
  const yeses = missing === 1 ? "one yes" : `${missing} yeses`;
  const text = `Approval needed: ${environment.app} to ${environment.name} still waits for ${yeses}`;
  return [
    note(deployment, `reminder:${deployment.id}`, text, {
      kind: "ping",
      ping: "approval",
      mention: environment.release.approval.from.map(refText),
      deadline: until,
    }),
  ];
}
