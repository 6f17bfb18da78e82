import { runOf } from "../db/runs.ts";
import { loadLive, loadValidations } from "../db/snapshot.ts";
import type { App, Environment } from "../domain/config.ts";
import type { LookedAt } from "../domain/standing.ts";
import { parseSha } from "../domain/ids.ts";
import { actorKey, type Actor } from "../domain/people.ts";
import type { Engine } from "./engine.ts";

/**
 * What somebody looked at before giving a word on it. Authors are those of all that is new to the environment that asks people: what was
 * brought here in three steps goes on as one. A `revision` that is none is what is live now.
 */
export async function lookedAt(
  engine: Engine,
  place: { readonly app: App; readonly environment: Environment },
  word: { readonly revision?: string; readonly actor: Actor },
): Promise<LookedAt> {
  const { app, environment } = place;
  const revision = word.revision === undefined ? null : parseSha(word.revision);
  const subject = revision ?? (await loadLive(engine.db, environment.id))[0]?.revision ?? null;
  const stored = subject === null ? null : await runOf(engine.db, app.name, subject);
  const said = await loadValidations(engine.db, environment.id);
  const before = said.some((one) => one.revision === subject && actorKey(one.actor) === actorKey(word.actor));
  return { revision, authors: stored?.changes?.authors ?? [], before: revision !== null && before };
}
