import type { Blocker, Deployment } from "../deployment.ts";
import type { Effect, Snapshot } from "../environment.ts";
import { validApprovals } from "../gate.ts";
import { TOLD_BEFORE_MS } from "./approve.ts";
import { note } from "./decision.ts";

/**
 * A start at a chosen time is told shortly before, with the way to stop it; and when the time has come and something else is in the
 * way, whoever chose it hears what. The yes is kept. The keys carry the time: each is said once, however often it is looked at.
 */
export function startsSoon(snapshot: Snapshot, deployment: Deployment, blockers: readonly Blocker[], now: Date): readonly Effect[] {
  const { state } = deployment;
  if (state.state !== "queued") return [];
  const name = `${snapshot.environment.app} to ${snapshot.environment.name}`;
  const at = startOf(blockers);
  if (at !== null) {
    if (at.getTime() - now.getTime() > TOLD_BEFORE_MS) return [];
    const others = blockers.filter((blocker) => blocker.rule !== "later").map((blocker) => blocker.text);
    const still = others.length === 0 ? "" : ` As long as this is in the way it waits: ${others.join(" ")}`;
    const text = `It starts at ${at.toISOString()}, as approved.${still}`;
    return [
      note(deployment, `soon:${at.toISOString()}`, text, { stopButton: true }),
      ...told(
        snapshot,
        deployment,
        `ask:soon:${deployment.id}:${at.toISOString()}`,
        `${name} starts at ${at.toISOString()}. Stop it on its card.`,
        now,
      ),
    ];
  }
  const was = startOf(state.blockers);
  if (was === null) return [];
  const why = blockers.map((blocker) => blocker.text).join(" ");
  const kept = "Your yes is kept: it starts by itself as soon as it may.";
  return [
    note(
      deployment,
      `not-started:${was.toISOString()}`,
      `It was to start now, and may not: ${why} The yes is kept: it starts by itself as soon as it may.`,
    ),
    ...told(
      snapshot,
      deployment,
      `ask:not-started:${deployment.id}:${was.toISOString()}`,
      `${name} was to start now, and may not: ${why} ${kept}`,
      now,
    ),
  ];
}

function startOf(blockers: readonly Blocker[]): Date | null {
  return blockers.find((blocker) => blocker.rule === "later")?.liftsAt ?? null;
}

/** Those whose yeses it waits with. */
function told(snapshot: Snapshot, deployment: Deployment, key: string, text: string, now: Date): readonly Effect[] {
  return validApprovals(snapshot, deployment, now).flatMap(({ actor }) =>
    actor.kind === "slack"
      ? [{ kind: "notice" as const, deployment: deployment.id, app: snapshot.environment.app, to: actor.id, key, text }]
      : [],
  );
}
