import { acceptanceOf } from "../db/acceptances.ts";
import { loadAfter, loadValidations } from "../db/snapshot.ts";
import type { App, Environment } from "../domain/config.ts";
import { environmentId } from "../domain/ids.ts";
import type { Run } from "../domain/pipeline.ts";
import { whyNotValidated, wordsFor } from "../domain/validation.ts";
import type { Engine } from "./engine.ts";
import { notProven } from "./vouch.ts";

/** Has it all that the environment requires, by what is stored? And if not, is that because what was tested does not count? */
export async function readiness(
  engine: Engine,
  app: App,
  environment: Environment,
  run: Run,
): Promise<{ readonly ready?: boolean; readonly doubt?: string }> {
  const before = app.environments.find(({ name }) => name === environment.after?.environment);
  const id = before === undefined ? null : environmentId(app.name, before.name);
  const missing = await notProven(engine, app, environment, run);
  if (missing.length === 0) {
    const place = { command: engine.config.command, app: app.name, where: before?.name ?? environment.name };
    const all = await loadValidations(engine.db, id ?? environment.id);
    const words = wordsFor(all, run.revision, id === null ? null : await loadAfter(engine.db, id));
    return environment.needsValidation && whyNotValidated(words, run.revision, place) !== null ? {} : { ready: true };
  }
  const stale = missing.find(({ text }) => text.includes(" is stale: "));
  if (stale !== undefined) return { doubt: stale.text };
  const asked = id === null ? null : await acceptanceOf(engine.db, id, run.revision);
  const failed = asked?.failedBecause ?? null;
  return failed === null ? {} : { doubt: `Acceptance was not started: ${failed}` };
}
