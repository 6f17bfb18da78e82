import { openEngine, type Opened } from "../app.ts";
import { secretsOf } from "../config/env.ts";
import { findRunning } from "../db/embedded.ts";
import { FOLDER, historyKey, openOwnOrGiven, readSettings } from "../main.ts";
import { openTelemetry } from "../telemetry.ts";
import { EXIT } from "./exit.ts";

/**
 * Runs one command on the bot's own database: beside the running bot, or alone. What it asks for is carried out by the bot that
 * runs, or by the next one that is started. Answers the exit code.
 */
export async function withEngine(work: (opened: Opened) => Promise<number>): Promise<number> {
  const settings = await readSettings();
  if (settings === null) return EXIT.no;
  const { config, env } = settings;
  const level = env.logLevel === "info" ? "warn" : env.logLevel;
  const telemetry = await openTelemetry({ level, secrets: secretsOf(env), sentryDsn: null, release: "greenlight" });
  const beside = env.databaseUrl === null ? await findRunning(FOLDER) : null;
  const database = beside === null ? await openOwnOrGiven(env, telemetry) : { connectionString: beside, stop: async () => undefined };
  try {
    const opened = await openEngine({
      env,
      config,
      connectionString: database.connectionString,
      historyKey: await historyKey(env),
      telemetry,
    });
    try {
      return await work(opened);
    } finally {
      await opened.close();
    }
  } finally {
    await database.stop();
  }
}
