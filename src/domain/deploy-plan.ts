import { companionsFor, liveSet } from "./companion.ts";
import { runningOn } from "./drift.ts";
import { liveRevision, type Snapshot } from "./environment.ts";
import { imageFor } from "./image.ts";
import type { Sha } from "./ids.ts";
import type { ShownMigration } from "./django/migration.ts";
import { planOf, type Plan } from "./plan.ts";

/** The plan that brings a revision there from what is live now, with the migrations that people are shown; null: nobody could read them. */
export function deployPlan(snapshot: Snapshot, revision: Sha, migrations: readonly ShownMigration[] | null): Plan {
  const { environment, live } = snapshot;
  const image = imageFor(environment, snapshot.images ?? [], revision);
  const companions = companionsFor(snapshot, revision);
  const fromCompanions = liveSet(snapshot);
  return planOf(environment, {
    kind: "deploy",
    from: liveRevision(snapshot)?.revision ?? null,
    running: runningOn(environment.target.hosts, live),
    revision,
    ...(companions.kind === "set" ? { companions: companions.set } : {}),
    ...(fromCompanions === null ? {} : { fromCompanions }),
    migrations,
    ...(image.kind === "choice" && image.digest !== null ? { digest: image.digest } : {}),
  });
}
