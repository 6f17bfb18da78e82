import { recentRuns } from "../db/runs.ts";
import type { App } from "../domain/config.ts";
import { parseSha, type Sha } from "../domain/ids.ts";
import type { Engine } from "./engine.ts";

/** Runs that a short id is looked for in when the code host does not know it. */
const RUNS = 200;

/** A full id, or what the code host, else the stored runs, know by that name; null: nothing, or more than one. */
export async function revisionNamed(engine: Engine, app: App, ref: string): Promise<Sha | null> {
  const full = parseSha(ref);
  if (full !== null) return full;
  const told = await engine.codeHost(app.repository).resolve(app.repository.path, ref);
  if (told !== null || !/^[0-9a-f]{7,39}$/u.test(ref)) return told;
  const begun = (await recentRuns(engine.db, app.name, RUNS)).filter((stored) => stored.run.revision.startsWith(ref));
  return begun.length === 1 ? (begun[0]?.run.revision ?? null) : null;
}
