import { loadSnapshot } from "../db/snapshot.ts";
import type { App, Environment } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import { parseSha, type Sha } from "../domain/ids.ts";
import { waysBack } from "../domain/way-back.ts";
import type { Engine } from "./engine.ts";

/**
 * The full revision that a person named to go back to: a full id, the beginning of one that was live there, or what the code host calls
 * so. Undefined: none was named; null: nothing by that name is known. Whether it may be taken is decided in the transaction.
 */
export async function chosenTo(
  engine: Engine,
  place: { readonly app: App; readonly environment: Environment },
  deployment: Deployment,
  named: string | null | undefined,
): Promise<Sha | null | undefined> {
  if (named === null || named === undefined) return undefined;
  const full = parseSha(named);
  if (full !== null) return full;
  const snapshot = await loadSnapshot(engine.db, place.environment, engine.config.hash);
  const begun = waysBack(snapshot, deployment).filter((way) => named.length >= 4 && way.revision.startsWith(named));
  if (begun.length === 1) return begun[0]?.revision;
  const { repository } = place.app;
  return engine.codeHost(repository).resolve(repository.path, named);
}
