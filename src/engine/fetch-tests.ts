import { runById } from "../db/runs.ts";
import { findApp } from "../domain/config.ts";
import type { RunId } from "../domain/ids.ts";
import { isTerminal } from "../domain/pipeline.ts";
import type { Engine } from "./engine.ts";
import { ingest } from "./ingest.ts";

/** Asks the provider once, after a workflow ended, what its tests said. Where it cannot be asked, nothing is said of tests. */
export async function fetchTests(engine: Engine, id: RunId): Promise<void> {
  const stored = await runById(engine.db, id);
  const app = stored === null ? undefined : findApp(engine.config, stored.run.app);
  if (stored === null || app === undefined) return;
  const { kind, connection, path } = app.repository;
  const over = { ...stored.run, workflows: stored.run.workflows.filter(({ status }) => isTerminal(status)) };
  const told = await engine.codeHost(app.repository).tests(path, over);
  if (told !== null && told.length > 0) await ingest(engine, { source: kind, connection }, told);
}
