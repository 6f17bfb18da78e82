import type { StoredRun } from "../db/runs.ts";
import { loadAfter } from "../db/snapshot.ts";
import { missingFor } from "../domain/candidate.ts";
import type { App, Environment } from "../domain/config.ts";
import type { CommandOf } from "../domain/environment.ts";
import { environmentId } from "../domain/ids.ts";
import { prepare, vouch } from "./consider.ts";
import type { Engine } from "./engine.ts";
import { readLive } from "./read-live.ts";

/** What asking for a revision needs beside the right to ask. */
export type Askable = Pick<CommandOf<"request">, "changes" | "containsBlocked" | "missing">;

/** What a run's revision still lacks to be asked for here, by our record and by the provider's own word, and what it would change. */
export async function askable(engine: Engine, app: App, environment: Environment, stored: StoredRun): Promise<Askable> {
  const after = environment.after === null ? null : await loadAfter(engine.db, environmentId(app.name, environment.after.environment));
  const missing = [...missingFor(app, environment, stored.run, after)];
  const doubt = missing.length > 0 ? null : await vouch(engine, app, environment, stored);
  if (doubt !== null) missing.push({ rule: "requirements", text: doubt, owner: null, liftsAt: null });
  await readLive(engine, environment);
  return { ...(await prepare(engine, app, environment, stored.run.revision, stored)), missing };
}
