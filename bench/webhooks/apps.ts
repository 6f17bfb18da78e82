import { fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { findRunning } from "../../src/db/embedded.ts";
import { bot } from "../../test/slack-simulator/seed.ts";
import { spawnBot } from "../../test/support/bot-process.ts";
import { nextMessage } from "../next-message.ts";
import { quietHost } from "../quiet-host.ts";
import { APPS } from "./deliveries.ts";
import { channelOf, type FarSide } from "./far-side.ts";

/** Said by the bare server when it listens. */
export type Started = { readonly port: number };

export const SECRET = "of-the-benchmark-of-webhooks";

export type AppUnderTest = AsyncDisposable & { readonly name: "bare" | "greenlight"; readonly url: string };
export type Greenlight = AppUnderTest & { readonly connectionString: string; readonly pool: Pool };

const CONFIG = [
  "apps:",
  ...Array.from({ length: APPS }, (_, app) => [
    `  app-${app}:`,
    `    repository: github:acme/app-${app}`,
    `    channel: ${channelOf(app)}`,
    "    environments:",
    "      production:",
    "        requires: [never]",
    "        approval: { from: [U01ANN], count: 1, expires: 24h }",
    `        target: { type: ssh, hosts: [deploy@127.0.0.1], directory: /srv/app-${app}, recipe: django }`,
  ]).flat(),
  "",
].join("\n");

/** The real bot with a PostgreSQL of its own, which waits for the disk at each commit. */
export async function startGreenlight(far: FarSide): Promise<Greenlight> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  const file = join(folder, "greenlight.yml");
  writeFileSync(file, CONFIG);
  const running = await spawnBot(folder, {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: folder,
    LOG_LEVEL: "error",
    GREENLIGHT_CONFIG: file,
    SLACK_API_URL: far.apiUrl,
    SLACK_BOT_TOKEN: bot.botToken,
    SLACK_SIGNING_SECRET: bot.signingSecret,
    GITHUB_WEBHOOK_SECRET: SECRET,
    ...quietHost(folder),
  });
  await running.ready();
  const connectionString = await findRunning(join(folder, ".greenlight"));
  if (connectionString === null) throw new Error("the bot runs no database of its own");
  const pool = new Pool({ connectionString, max: 2 });
  const { rows } = await pool.query<{ synchronous_commit: string; fsync: string }>(
    "select current_setting('synchronous_commit') as synchronous_commit, current_setting('fsync') as fsync",
  );
  if (rows[0]?.synchronous_commit !== "on" || rows[0].fsync !== "on") throw new Error("the database does not wait for the disk");
  // Something is live everywhere, as it is after the first day: no server is asked what it runs.
  await pool.query(
    "insert into live (environment_id, host, revision, since, source) select id, '127.0.0.1', $1, now(), 'ours' from environments",
    ["0".repeat(40)],
  );
  return {
    name: "greenlight",
    url: `${running.url}/webhooks/github`,
    connectionString,
    pool,
    async [Symbol.asyncDispose]() {
      await pool.end();
      const ended = await running.end("SIGTERM");
      if (running.said().includes('"level":"error"')) console.error(running.said().slice(-4_000));
      if (ended.code !== 0) console.error(`the bot ended with ${ended.code}`);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** In a database of its own on the same server. */
export async function startBare({ connectionString, pool }: Greenlight): Promise<AppUnderTest> {
  await pool.query("create database bare");
  // Its socket is named behind the question mark, which leaves no host for a URL.
  const database = connectionString.replace(/\/greenlight\?/u, "/bare?");
  const child = fork(new URL("bare.ts", import.meta.url), [database, SECRET], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const started = await nextMessage<Started>(child, "the bare server");
  return {
    name: "bare",
    url: `http://127.0.0.1:${started.port}/`,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.disconnect();
      await ended;
    },
  };
}
