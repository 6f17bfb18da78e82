import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { startApp, type Running } from "./app/app.ts";
import { openEngine, type Opened } from "./app/open.ts";
import { faultOfKeys } from "./app/outside.ts";
import { startSentence } from "./app/start-fault.ts";
import { checkEnv } from "./config/check-env.ts";
import { formatEnvFaults } from "./config/env-fault.ts";
import { configPathOf, loadEnv, secretsOf, type Env } from "./config/env.ts";
import { formatFaults } from "./config/fault.ts";
import { loadConfig } from "./config/load.ts";
import { findRunning, startEmbedded } from "./db/embedded.ts";
import { activeConfiguration } from "./db/leases.ts";
import { reachDatabase } from "./db/reach.ts";
import type { Config } from "./domain/config.ts";
import { openTelemetry, type Telemetry } from "./telemetry.ts";

/** Beside the configuration in force: the embedded database and the history key, if they are not given. */
const FOLDER = ".greenlight";
const RELEASE = "greenlight@0.1.0";
/** A stop that takes longer is cut; whatever runs on hosts goes on, and the next start picks it up. */
const STOP_MS = 9_000;
/** A database that starts together with the bot is waited for; a command of a person who waits is told sooner. */
const DATABASE_PATIENCE_MS = { start: 60_000, command: 5_000 } as const;

/** The start command: reads, checks, starts, and drains on SIGTERM. Faults of configuration are told all at once, exit code 1. */
export async function start(): Promise<void> {
  const settings = await readSettings();
  if (settings === null) return;
  const { config, env } = settings;
  // As process 1 of a container a signal that nobody listens to is ignored; before the bot works there is nothing to drain.
  process.on("SIGTERM", leave);
  process.on("SIGINT", leave);
  const telemetry = await openTelemetry({
    level: env.logLevel,
    secrets: secretsOf(env),
    sentryDsn: env.sentryDsn,
    release: RELEASE,
  });
  endOnStrayFault(telemetry);
  try {
    const database = await openOwnOrGiven(env, telemetry, DATABASE_PATIENCE_MS.start);
    const running = await startApp({
      env,
      config,
      connectionString: database.connectionString,
      historyKey: await historyKey(env),
      telemetry,
    });
    drainOnSignal(running, database.stop, telemetry);
  } catch (fault) {
    const sentence = startSentence(fault, env.port);
    if (sentence === null) telemetry.report(fault, { where: "start" });
    else telemetry.logger.fatal({ where: "start" }, sentence);
    await telemetry.flush();
    process.exit(1);
  }
}

/** What nobody caught leaves the process in an unknown state: reported without secrets, then the next start goes on from the database. */
function endOnStrayFault(telemetry: Telemetry): void {
  const end = (fault: unknown): void => {
    telemetry.report(fault, { where: "nobody caught it" });
    void telemetry.flush().finally(() => process.exit(1));
  };
  process.on("unhandledRejection", end);
  process.on("uncaughtException", end);
}

function leave(): void {
  process.exit(0);
}

async function readSettings(): Promise<{ readonly config: Config; readonly env: Env } | null> {
  const config = await loadConfig(configPathOf(process.env));
  const env = config.ok ? loadEnv(process.env, config.value.connections) : null;
  const says: string[] = [];
  if (!config.ok) says.push(formatFaults(config.refusal));
  if (env !== null && !env.ok) says.push(formatEnvFaults(env.refusal));
  if (config.ok && env?.ok === true) {
    const faults = checkEnv(env.value, config.value);
    const keys = faults.length === 0 ? faultOfKeys(env.value) : null;
    if (faults.length === 0 && keys === null) return { config: config.value, env: env.value };
    says.push(keys ?? formatEnvFaults(faults));
  }
  process.stderr.write(`${says.join("\n")}\nGreenlight was not started. Nothing has changed.\n`);
  process.exitCode = 1;
  return null;
}

async function openOwnOrGiven(
  env: Env,
  telemetry: Telemetry,
  patienceMs: number,
): Promise<{ readonly connectionString: string; stop(): Promise<void> }> {
  if (env.databaseUrl !== null) {
    const connectionString = env.databaseUrl.reveal();
    await reachDatabase(connectionString, { patienceMs, onWait: (sentence) => telemetry.logger.warn(sentence) });
    return { connectionString, stop: async () => undefined };
  }
  return startEmbedded({
    folder: FOLDER,
    onLog: (line) => telemetry.logger.debug({ line }, "postgresql"),
    onUnexpectedEnd(lastWords) {
      telemetry.logger.fatal(
        { lastWords },
        "the database ended by itself; Greenlight ends too and continues where it was when it is started again",
      );
      process.exit(1);
    },
  });
}

/** One key seals the history. With a database of others it must be given: a key that is lost with a container proves nothing. */
async function historyKey(env: Env): Promise<string> {
  if (env.historyKey !== null) return env.historyKey.reveal();
  if (env.databaseUrl !== null)
    throw new Error(
      "HISTORY_KEY is missing: with DATABASE_URL the history needs a key of its own. Make one with `openssl rand -hex 32` and keep it.",
    );
  await mkdir(FOLDER, { recursive: true, mode: 0o700 });
  const file = path.join(FOLDER, "history-key");
  await writeFile(file, randomBytes(32).toString("hex"), { flag: "wx", mode: 0o600 }).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code !== "EEXIST") throw fault;
  });
  return (await readFile(file, "utf8")).trim();
}

/**
 * The engine on the bot's own database, beside the running bot or alone. What is asked of it is carried out by the bot that runs,
 * or by the next one that is started. Null: the settings are at fault, and that was said.
 */
export async function withEngine<Value>(work: (opened: Opened) => Promise<Value>): Promise<Value | null> {
  const settings = await readSettings();
  if (settings === null) return null;
  const { config, env } = settings;
  const level = env.logLevel === "info" ? "warn" : env.logLevel;
  const telemetry = await openTelemetry({ level, secrets: secretsOf(env), sentryDsn: null, release: RELEASE });
  try {
    const beside = env.databaseUrl === null ? await findRunning(FOLDER) : null;
    const database =
      beside === null
        ? await openOwnOrGiven(env, telemetry, DATABASE_PATIENCE_MS.command)
        : { connectionString: beside, stop: async () => undefined };
    try {
      const opened = await openEngine({
        env,
        config,
        connectionString: database.connectionString,
        historyKey: await historyKey(env),
        telemetry,
      });
      return await work(await inForce(opened)).finally(() => opened.close());
    } finally {
      await database.stop();
    }
  } catch (fault) {
    const sentence = startSentence(fault, env.port);
    if (sentence === null) throw fault;
    process.stderr.write(`${sentence}\n`);
    return null;
  }
}

/** A file that was changed after the bot was started is not in force yet: nobody passes a rule by editing it. */
async function inForce(opened: Opened): Promise<Opened> {
  const active = await activeConfiguration(opened.engine.db);
  if (active === null || active.hash === opened.engine.config.hash) return opened;
  process.stderr.write(
    "The configuration was changed since the bot was started. This command goes by the one in force; restart the bot for the new one.\n",
  );
  return { ...opened, engine: { ...opened.engine, config: active } };
}

export type { Opened };

function drainOnSignal(running: Running, stopDatabase: () => Promise<void>, telemetry: Telemetry): void {
  let stopping = false;
  const drain = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    telemetry.logger.info({ signal }, "stopping; what runs on servers goes on");
    setTimeout(() => process.exit(0), STOP_MS).unref();
    void running
      .stop()
      .then(stopDatabase)
      .then(
        () => process.exit(0),
        (fault: unknown) => {
          telemetry.report(fault, { where: "stop" });
          process.exit(1);
        },
      );
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.off(signal, leave).on(signal, drain);
}
