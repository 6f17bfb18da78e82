import { hostname } from "node:os";
import { v7 as uuidv7 } from "uuid";
import type { Env } from "../config/env.ts";
import { openDatabase } from "../db/client.ts";
import { recognise } from "../db/incarnation.ts";
import { startJobs, type JobQueue } from "../db/jobs.ts";
import { migrateDatabase, withStartLock } from "../db/migrate.ts";
import type { Config } from "../domain/config.ts";
import type { Engine } from "../engine/engine.ts";
import { createSlack } from "../slack/app.ts";
import type { Telemetry } from "../telemetry.ts";
import { slackDeps, slackOptions } from "./fronts.ts";
import { outside } from "./outside.ts";

export type Parts = {
  readonly env: Env;
  readonly config: Config;
  readonly connectionString: string;
  readonly historyKey: string;
  readonly telemetry: Telemetry;
};

export type Opened = {
  readonly engine: Engine;
  readonly slack: Awaited<ReturnType<typeof createSlack>>;
  readonly jobs: JobQueue;
  /** Why this database is not the one it says it is; null: it is. */
  readonly restored: string | null;
  /** Lets go of what runs on hosts: the remote steps go on. */
  letGo(): void;
  close(): Promise<void>;
};

/** Everything but listening and working: what the command line needs too. */
export async function openEngine(parts: Parts): Promise<Opened> {
  const { config, telemetry, connectionString } = parts;
  const database = openDatabase(connectionString, {
    onConnectionLost: (error) => telemetry.logger.warn({ err: error }, "a database connection broke; it is replaced"),
  });
  const { db } = database;
  const stopping = new AbortController();
  const jobs = await withStartLock(database.pool, async () => {
    await migrateDatabase(database.pool);
    return startJobs(connectionString, { onError: (fault) => telemetry.report(fault, { where: "jobs" }) });
  });
  const { installation, restored } = await recognise(db, uuidv7);
  const replica = `${hostname()}:${process.pid}:${uuidv7().slice(-6)}`;
  const slack = await createSlack(
    slackOptions(parts),
    slackDeps(parts, () => engine),
  );
  const engine: Engine = {
    ...outside(parts),
    db,
    jobs,
    config,
    installation,
    replica,
    directory: slack.directory,
    historyKey: parts.historyKey,
    stopping: stopping.signal,
  };
  return {
    engine,
    slack,
    jobs,
    restored,
    letGo: () => stopping.abort(),
    async close() {
      stopping.abort();
      await jobs.stop();
      await engine.target.close();
      await database.close();
      await telemetry.flush();
    },
  };
}
