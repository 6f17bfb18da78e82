import { liveSet, type CompanionRevision } from "./companion.ts";
import { runningOn } from "./drift.ts";
import { liveRevision, type Snapshot } from "./environment.ts";
import { imageFor } from "./image.ts";
import type { Sha } from "./ids.ts";
import type { ShownMigration } from "./django/migration.ts";
import { planOf, type Plan } from "./plan.ts";

/** What a plan brings. `migrations`: those that people are shown; null: nobody could read them. */
export type Brought = {
  readonly revision: Sha;
  readonly companions: readonly CompanionRevision[];
  readonly migrations: readonly ShownMigration[] | null;
};

/** The plan that brings exactly this there from what is live now. */
export function deployPlan(snapshot: Snapshot, { revision, companions, migrations }: Brought): Plan {
  const { environment, live } = snapshot;
  const image = imageFor(environment, snapshot.images ?? [], revision);
  const fromCompanions = liveSet(snapshot);
  return planOf(environment, {
    kind: "deploy",
    from: liveRevision(snapshot)?.revision ?? null,
    running: runningOn(environment.target.hosts, live),
    revision,
    companions,
    ...(fromCompanions === null ? {} : { fromCompanions }),
    migrations,
    ...(image.kind === "choice" && image.digest !== null ? { digest: image.digest } : {}),
  });
}
