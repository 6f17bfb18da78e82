import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, cp, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { holderOf, lockFolder } from "../../src/db/embedded-lock.ts";
import { serversIn } from "../../src/db/embedded-procfs.ts";
import { findRunning, startEmbedded } from "../../src/db/embedded.ts";
import { stoppedDatabase, temporaryFolder, until } from "./embedded-support.ts";

const run = promisify(execFile);
const HOLDER = fileURLToPath(new URL("embedded-holder.ts", import.meta.url));
let stopped: Awaited<ReturnType<typeof stoppedDatabase>>;

beforeAll(async () => {
  stopped = await stoppedDatabase();
});
afterAll(() => stopped.remove());

test("a bot killed with -9 takes its server along, and no acknowledged row is lost", async () => {
  await using folder = await stopped.copy();
  const holder = await startHolder(folder.path);
  await until("300 acknowledged rows", () => holder.acknowledged() >= 300);
  await holder.kill();
  await until("the server to end by itself", async () => (await serversIn(path.join(folder.path, "postgres"))).length === 0);
  expect(await rowsAfterRestart(folder.path)).toBeGreaterThanOrEqual(holder.acknowledged());
});

test("after a kill -9 of bot and server at once the next start recovers every acknowledged row", async () => {
  await using folder = await stopped.copy();
  const holder = await startHolder(folder.path);
  await until("300 acknowledged rows", () => holder.acknowledged() >= 300);
  process.kill(holder.serverPid, "SIGKILL");
  await holder.kill();
  expect(await rowsAfterRestart(folder.path)).toBeGreaterThanOrEqual(holder.acknowledged());
});

test("a start right after the kill waits for the dying server", async () => {
  await using folder = await stopped.copy();
  const holder = await startHolder(folder.path);
  await holder.kill();
  expect(await rowsAfterRestart(folder.path)).toBeGreaterThanOrEqual(holder.acknowledged());
});

test("a server that outlived its bot is ended at the next start", async () => {
  await using folder = await stopped.copy();
  // Without setpriv the kernel tells nobody that the bot is gone.
  const holder = await startHolder(folder.path, { PATH: await pathWith(folder.path, ["unshare", "sh", "id"]) });
  await until("50 acknowledged rows", () => holder.acknowledged() >= 50);
  await holder.kill();
  expect((await serversIn(path.join(folder.path, "postgres"))).map(({ pid }) => pid)).toContain(holder.serverPid);
  const lines: string[] = [];
  expect(await rowsAfterRestart(folder.path, (line) => lines.push(line))).toBeGreaterThanOrEqual(holder.acknowledged());
  expect(lines.join("\n")).toMatch(new RegExp(`earlier PostgreSQL \\(pid .*${holder.serverPid}.*SIGINT`));
});

test("a kill in the middle of the first start leaves nothing that hinders the next", async () => {
  await using folder = await temporaryFolder();
  const child = spawn(process.execPath, [HOLDER, folder.path], { stdio: "ignore" });
  await until("initdb at work", async () =>
    (await readdir(folder.path, { recursive: true }).catch((): string[] => [])).some((name) => name.endsWith("PG_VERSION")),
  );
  child.kill("SIGKILL");
  await once(child, "close");
  const database = await startEmbedded({ folder: folder.path, durable: false });
  expect(await readdir(path.join(folder.path, "postgres"))).toContain("postmaster.pid");
  await database.stop();
});

test("a second process is refused by name while the first lives", async () => {
  await using folder = await stopped.copy();
  const holder = await startHolder(folder.path);
  await expect(startEmbedded({ folder: folder.path })).rejects.toThrow(new RegExp(`process ${holder.pid} \\(.*embedded-holder\\.ts`));
  await holder.kill();
});

test("a pid file left behind does not keep the server from starting, whomever it names", async () => {
  await using folder = await stopped.copy();
  const zombie = await makeZombie();
  const pidFile = path.join(folder.path, "postgres", "postmaster.pid");
  for (const pid of [process.pid, zombie.pid, 4_194_300]) {
    await writeFile(pidFile, `${pid}\n${path.dirname(pidFile)}\n1700000000\n5432\n/tmp\n\n  1234567  12345\nready   \n`, { mode: 0o600 });
    const database = await startEmbedded({ folder: folder.path });
    expect(await readFile(pidFile, "utf8")).toMatch(new RegExp(`^${database.pid}\n`));
    await database.stop();
  }
  zombie.parent.kill("SIGKILL");
});

test("a lock is taken over when its holder is dead, was before a reboot, or it is unreadable", async () => {
  await using folder = await stopped.copy();
  const lockFile = path.join(folder.path, "postgres.lock");
  const first = await startEmbedded({ folder: folder.path, durable: false });
  const lock = await readFile(lockFile, "utf8");
  await first.stop();
  const deadLocks = [
    lock.replace(/"startTicks":"\d+"/, '"startTicks":"1"'),
    lock.replace(/"processTable":"[^ ]+/, '"processTable":"earlier'),
    "{",
  ];
  for (const dead of deadLocks) {
    await writeFile(lockFile, dead);
    const database = await startEmbedded({ folder: folder.path, durable: false });
    expect(await readFile(lockFile, "utf8")).toBe(lock);
    await database.stop();
  }
});

test("a copied lock holds nothing", async () => {
  await using folder = await temporaryFolder();
  await using copy = await temporaryFolder();
  await mkdir(path.join(folder.path, "postgres"));
  const unlock = await lockFolder(folder.path, path.join(folder.path, "postgres"));
  await cp(path.join(folder.path, "postgres.lock"), path.join(copy.path, "postgres.lock"));
  expect(await holderOf(folder.path)).toBe(process.pid);
  expect(await holderOf(copy.path)).toBeNull();
  await unlock();
  expect(await holderOf(folder.path)).toBeNull();
});

test.skipIf(process.geteuid?.() !== 0)(
  "a process that cannot see the holder, as in another container, is refused all the same",
  async () => {
    await using folder = await stopped.copy();
    const holder = await startHolder(folder.path);
    const container = ["--pid", "--fork", "--mount-proc", process.execPath, HOLDER, folder.path];
    const refused = run("unshare", container).catch((error: unknown) => error);
    expect(String(await refused)).toContain(`in use by process ${holder.pid} of another container`);
    const acknowledged = holder.acknowledged();
    await until("the holder to go on", () => holder.acknowledged() > acknowledged);
    await expect(startEmbedded({ folder: folder.path })).rejects.toThrow(`in use by process ${holder.pid} (`);
    await holder.kill();
  },
);

test.skipIf(process.geteuid?.() !== 0).each([
  { name: "an ordinary user", uid: 65534 },
  { name: "a user without a line in /etc/passwd", uid: 54_321 },
])("$name can run it", async ({ uid }) => {
  await using folder = await temporaryFolder("/tmp");
  await chown(folder.path, uid, uid);
  const holder = await startHolder(folder.path, {}, ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"]);
  await until("an acknowledged row", () => holder.acknowledged() > 0);
  expect((await stat(path.join(folder.path, "postgres"))).uid).toBe(uid);
  await holder.kill();
  await until("the server to end by itself", async () => (await serversIn(path.join(folder.path, "postgres"))).length === 0);
});

test("commands beside the bot find its database while it lives", async () => {
  await using folder = await stopped.copy();
  expect(await findRunning(folder.path)).toBeNull();
  const holder = await startHolder(folder.path);
  const client = new Client({ connectionString: (await findRunning(folder.path)) ?? "" });
  await client.connect();
  expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await client.end();
  await holder.kill();
  expect(await findRunning(folder.path)).toBeNull();
});

async function startHolder(folder: string, environment: NodeJS.ProcessEnv = {}, prefix: readonly string[] = []) {
  const [program = "", ...words] = [...prefix, process.execPath, HOLDER, folder];
  const child = spawn(program, words, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  });
  const pid = child.pid ?? Number.NaN;
  let serverPid = 0;
  let acknowledged = 0;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [word, number] = line.split(" ");
    if (word === "pid") serverPid = Number(number);
    if (word === "ack") acknowledged = Number(number);
  });
  await until("the child's database", () => serverPid !== 0);
  const kill = async () => {
    child.kill("SIGKILL");
    await once(child, "close").catch(() => undefined);
  };
  return { pid, serverPid, acknowledged: () => acknowledged, kill };
}

async function rowsAfterRestart(folder: string, onLog: (line: string) => void = () => undefined): Promise<number> {
  const database = await startEmbedded({ folder, onLog });
  const client = new Client({ connectionString: database.connectionString });
  await client.connect();
  const { rows } = await client.query<{ count: number; last: number }>(
    "select count(*)::int as count, coalesce(max(n), 0)::int as last from written",
  );
  await client.end();
  await database.stop();
  expect(rows[0]?.count).toBe(rows[0]?.last); // no hole
  return rows[0]?.count ?? 0;
}

/** A PATH that has these programs and no others. */
async function pathWith(folder: string, programs: readonly string[]): Promise<string> {
  const links = path.join(folder, "programs");
  await mkdir(links);
  for (const name of programs) await symlink(`/usr/bin/${name}`, path.join(links, name));
  return links;
}

/** A dead process whose parent, a sleeper, never reaps it. */
async function makeZombie() {
  // It ends only after the shell has become `sleep`: a shell would reap it. Nothing of ours is inherited, so a failure leaves nobody waiting.
  const parent = spawn("sh", ["-c", "sleep 0.5 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
  const [line]: string[] = await once(createInterface({ input: parent.stdout }), "line").then((words) => words.map(String));
  const pid = Number(line);
  await until("a zombie", async () => /\) Z /.test(await readFile(`/proc/${pid}/stat`, "utf8")));
  return { pid, parent };
}
