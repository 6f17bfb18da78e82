import { saveGate } from "../db/gates.ts";
import { lockRun } from "../db/runs.ts";
import type { App } from "../domain/config.ts";
import type { RunId } from "../domain/ids.ts";
import type { GateAskedEvent } from "../domain/pipeline.ts";
import type { Engine } from "./engine.ts";

/** CI stands before an environment and asks. It is stored, and the pipeline's rules are asked first. False: no environment is meant. */
export async function takeGate(engine: Engine, app: App, event: GateAskedEvent): Promise<boolean> {
  const meant = app.environments.find(({ release }) => release.mode === "approval" && isSameName(release.gate?.name, event.environment));
  if (meant === undefined) return false;
  const { repository, workflowRun, environment, revision, at } = event;
  await engine.db.transaction(async (tx) => {
    const { run } = await lockRun(tx, { id: engine.newId() as RunId, app: app.name, revision }, engine.clock());
    const asked = { repository, workflowRun, environment, revision, askedAt: at };
    await saveGate(tx, { ...asked, connection: app.repository.connection, environmentId: meant.id });
    await engine.jobs.send(tx, "consider", { run: run.id });
  });
  return true;
}

function isSameName(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
