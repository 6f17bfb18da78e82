import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { newKeyPair } from "../../sandbox/host/keys.ts";
import { spawnBot, type BotProcess, type Environment } from "../support/bot-process.ts";
import { databaseUrl, SECRETS } from "../support/bot-world.ts";
import { freshBareDatabase, freshDatabase } from "../support/database.ts";
import { until } from "../support/until.ts";

const folder = mkdtempSync(join(tmpdir(), "greenlight-start-"));
const bots: BotProcess[] = [];
const GOOD = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      production:
        deploy: automatically
        target: { type: ssh, hosts: [deploy@127.0.0.1], directory: /srv/shop, recipe: script, commands: { restart: [touch, "{revision}"] } }
`;

afterAll(async () => {
  for (const bot of bots) if (bot.ended() === null) await bot.end("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function environment(over: Record<string, string>, config = GOOD): Environment {
  writeFileSync(join(folder, "greenlight.yml"), config);
  writeFileSync(join(folder, "key"), newKeyPair().privateKey, { mode: 0o600 });
  writeFileSync(
    join(folder, "known_hosts"),
    "127.0.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmY6bAd9yk0Yc7nRkeaTx9d5dKdnrcPYTmkKP5PXqHn\n",
  );
  const files = { SSH_PRIVATE_KEY_FILE: join(folder, "key"), SSH_KNOWN_HOSTS_FILE: join(folder, "known_hosts") };
  // Port 9 of this machine: a Slack that refuses every connection.
  return { ...SECRETS, ...files, PATH: process.env["PATH"] ?? "", HOME: folder, SLACK_API_URL: "http://127.0.0.1:9/api/", ...over };
}

async function ended(env: Environment, port?: number): Promise<{ code: number | null; said: string }> {
  const bot = await spawnBot(folder, env, port);
  bots.push(bot);
  await until(
    () => bot.ended() !== null,
    () => `it does not end: ${bot.said()}`,
    150_000,
  );
  return { code: bot.ended()?.code ?? null, said: bot.said() };
}

test("missing variables are told all at once, and what to write", async () => {
  const { code, said } = await ended({ PATH: process.env["PATH"] ?? "", ...pick(environment({ DATABASE_URL: "postgresql://h/db" })) });
  expect(code).toBe(1);
  for (const name of ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"]) expect(said).toContain(`${name}: says nothing. Write: `);
  expect(said).toContain("Greenlight was not started. Nothing has changed.");
  expect(said).not.toMatch(/\n\s+at /u);
});

function pick(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name === "DATABASE_URL"));
}

test("HISTORY_KEY is asked for when the database is given", async () => {
  const { HISTORY_KEY: _, ...env } = environment({ DATABASE_URL: "postgresql://127.0.0.1:9/db" });
  const { code, said } = await ended(env);
  expect(code).toBe(1);
  expect(said).toContain("HISTORY_KEY: says nothing, but DATABASE_URL is set. Write: ");
});

test("a passphrase that does not open the key is told without key, passphrase or stack, before anything is changed", async () => {
  const key = join(folder, "locked");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "the right passphrase", "-f", key]);
  const { code, said } = await ended(
    environment({
      DATABASE_URL: "postgresql://127.0.0.1:9/db",
      SSH_PRIVATE_KEY_FILE: key,
      SSH_PRIVATE_KEY_PASSPHRASE: "another-passphrase",
    }),
  );
  expect(code).toBe(1);
  expect(said).toContain("SSH_PRIVATE_KEY_FILE is not opened by the passphrase given for it");
  expect(said).toContain("Greenlight was not started. Nothing has changed.");
  expect(said).not.toMatch(/another-passphrase|BEGIN|\n\s+at /u);
});

test("several faults of greenlight.yml are told at once with file, line and what to write", async () => {
  const broken = GOOD.replace("deploy: automatically", "deploy: sometimes")
    .replace("channel", "chanel")
    .replace("recipe: script", "recipe: perl");
  const { code, said } = await ended(environment({}, broken));
  expect(code).toBe(1);
  for (const line of [4, 7, 8]) expect(said).toMatch(new RegExp(`greenlight\\.yml:${line}\\b.*[Ww]rite`, "u"));
  expect(said).not.toMatch(/\n\s+at /u);
});

test("a database that refuses or does not exist is told at once, without user and password", async () => {
  await using bare = await freshBareDatabase();
  const { code, said } = await ended(environment({ DATABASE_URL: databaseUrl(bare.connectionString).replace("/t_", "/nothing_") }));
  expect(code).toBe(1);
  expect(said).toMatch(/PostgreSQL at \S+ refuses us \(3D000\): check user, password and database name in DATABASE_URL/u);
  expect(said).not.toMatch(/"stack"|\n\s+at /u);
});

test("a database that is not there yet is waited for, with a line that names host and port", async () => {
  const bot = await spawnBot(folder, environment({ DATABASE_URL: "postgresql://someone:planted-password@127.0.0.1:9/db" }));
  bots.push(bot);
  await until(() => bot.said().includes("PostgreSQL at 127.0.0.1:9 does not answer (ECONNREFUSED); trying again"), bot.said, 60_000);
  expect(bot.ended()).toBeNull();
  expect(bot.said()).not.toContain("planted-password");
  expect(bot.said()).not.toMatch(/"stack"|\n\s+at /u);
  expect(await bot.end("SIGTERM")).toMatchObject({ code: 0, signal: null });
});

test("a schema from the future is refused with both versions", async () => {
  await using database = await freshDatabase();
  await database.pool.query("insert into drizzle.__drizzle_migrations (hash, created_at) values ('of-tomorrow', 9999999999999)");
  const { code, said } = await ended(environment({ DATABASE_URL: databaseUrl(database.connectionString) }));
  expect(code).toBe(1);
  expect(said).toMatch(/The database is at schema version \d+, this Greenlight knows only up to version \d+/u);
  expect(said).not.toMatch(/"stack"|\n\s+at /u);
});

test("a port that is taken is told, and the configuration of the replica that works stays the active one", async () => {
  await using database = await freshDatabase();
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, () => done()));
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { code, said } = await ended(environment({ DATABASE_URL: databaseUrl(database.connectionString) }), port);
  other.close();
  expect(code).toBe(1);
  expect(said).toContain(`Port ${port} is taken by another process`);
  expect(said).not.toMatch(/"stack"|\n\s+at /u);
  expect((await database.pool.query("select from configurations")).rowCount).toBe(0);
});
