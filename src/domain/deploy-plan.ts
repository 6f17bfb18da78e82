import { runningOn } from "./drift.ts";
import { liveRevision, type Snapshot } from "./environment.ts";
import type { Sha } from "./ids.ts";
import { planOf, type Plan } from "./plan.ts";

/** The plan that brings a revision there from what is live now. */
export function deployPlan(snapshot: Snapshot, revision: Sha): Plan {
  const { environment, live } = snapshot;
  return planOf(environment, {
    kind: "deploy",
    from: liveRevision(snapshot)?.revision ?? null,
    running: runningOn(environment.target.hosts, live),
    revision,
  });
}
