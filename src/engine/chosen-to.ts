import { loadSnapshot } from "../db/snapshot.ts";
import { backScope } from "../domain/back-scope.ts";
import type { App, Environment } from "../domain/config.ts";
import type { BackTo, Deployment } from "../domain/deployment.ts";
import { parseSha } from "../domain/ids.ts";
import { waysBack, wayKey } from "../domain/way-back.ts";
import type { Engine } from "./engine.ts";

/**
 * What a person named to go back to: a way as a form has it, a full id, the beginning of one that was live there, or what the code host
 * calls so. Nothing: none was named; null: nothing by that name is known. Whether it may be taken is decided in the transaction.
 */
export async function chosenTo(
  engine: Engine,
  place: { readonly app: App; readonly environment: Environment },
  deployment: Deployment,
  named: string | null | undefined,
): Promise<BackTo | null> {
  if (named === null || named === undefined) return {};
  const full = parseSha(named);
  if (full !== null) return { to: full };
  const snapshot = await loadSnapshot(engine.db, place.environment, engine.config);
  const ways = waysBack(snapshot, deployment);
  const usual = backScope(snapshot, deployment)?.to;
  const exact = [...(usual === undefined ? [] : [usual]), ...ways].find((way) => wayKey(way) === named);
  if (exact !== undefined) return { to: exact.revision, toSet: exact.companions ?? [] };
  const [begun, ...more] = new Set(ways.map((way) => way.revision).filter((revision) => named.length >= 4 && revision.startsWith(named)));
  if (begun !== undefined && more.length === 0) return { to: begun };
  const { repository } = place.app;
  const to = await engine.codeHost(repository).resolve(repository.path, named);
  return to === null ? null : { to };
}
