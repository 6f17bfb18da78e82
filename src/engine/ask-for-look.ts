import { addReply } from "../db/replies.ts";
import { deploymentsOfRun } from "../db/deployments.ts";
import type { StoredRun } from "../db/runs.ts";
import { isEnvironmentMixed, loadAfter, loadLive, loadValidations } from "../db/snapshot.ts";
import { refText } from "../domain/authorize.ts";
import type { App, Environment } from "../domain/config.ts";
import { newestRecord } from "../domain/companion.ts";
import { environmentId } from "../domain/ids.ts";
import { threadReply } from "../domain/thread-reply.ts";
import { validated, wordsFor } from "../domain/validation.ts";
import type { Engine } from "./engine.ts";

/**
 * A revision has passed all but people's look at it: whoever says yes later is asked to look, once, in the thread of its card. True: it
 * waits for that word, so it is not offered yet.
 */
export async function askForLook(engine: Engine, app: App, environment: Environment, stored: StoredRun): Promise<boolean> {
  const where = environment.after?.environment;
  if (where === undefined) return false;
  const { revision } = stored.run;
  const id = environmentId(app.name, where);
  const ran = await loadAfter(engine.db, id);
  const said = validated(wordsFor(await loadValidations(engine.db, id), revision, ran), revision);
  if (said.kind === "looks_good") return false;
  if (said.kind === "not_yet" || !(await isAllThatIsLive(engine, id, revision))) return true;
  const deployment = (await deploymentsOfRun(engine.db, stored.run.id)).findLast((one) => one.environmentId === id && one.liveAt !== null);
  if (deployment === undefined) return true;
  const number = stored.changes?.changes.length ?? 0;
  const what = number === 0 ? "a version" : number === 1 ? "1 change" : `${number} changes`;
  const { release } = environment;
  // With other companions it is something else to look at.
  const brought = (newestRecord(ran, revision)?.companions ?? []).map((companion) => companion.revision);
  const body = threadReply({
    key: ["look", revision, ...brought, environment.name].join(":"),
    kind: "ping",
    ping: "approval",
    mention: release.mode === "approval" ? release.approval.from.map(refText) : [],
    text: `Validation needed: ${app.name} in ${where}, ${what} to look at before ${environment.name}. The card has the link, Looks good and Not yet.`,
  });
  await engine.db.transaction((tx) => addReply(tx, { id: engine.newId(), deployment: deployment.id, body, at: engine.clock() }));
  return true;
}

async function isAllThatIsLive(engine: Engine, id: Environment["id"], revision: string): Promise<boolean> {
  const live = await loadLive(engine.db, id);
  return live.length > 0 && live.every((host) => host.revision === revision) && !(await isEnvironmentMixed(engine.db, id));
}
