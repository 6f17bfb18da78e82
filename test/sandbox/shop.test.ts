import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startSandboxSentry } from "../../sandbox/sentry/server.ts";
import type { SandboxSentry } from "../../sandbox/sentry/server.ts";
import { badChange, goodChanges } from "../../sandbox/shop/changes.ts";
import { sentryModule, shopFiles } from "../../sandbox/shop/source.ts";
import { startVisitors } from "../../sandbox/shop/visitors.ts";
import { eventually } from "./receiver.ts";

const GOOD = "a".repeat(40);
const BAD = "b".repeat(40);

let folder: string;
let port: number;
let sentry: SandboxSentry;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandbox-shop-"));
  port = await freePort();
  sentry = await startSandboxSentry({ org: "acme", project: "shop", token: "t" });
  await checkOut(GOOD);
  await checkOut(BAD, badChange.files);
});

afterEach(async () => {
  await run(GOOD, "service.mjs", "stop");
  await sentry.close();
  await rm(folder, { recursive: true, force: true });
});

test("Django's words tell what is pending, apply it once, and say so", async () => {
  expect(await run(GOOD, "manage.mjs", "check")).toMatchObject({ code: 0, stdout: "System check identified no issues (0 silenced).\n" });
  expect((await run(GOOD, "manage.mjs", "collectstatic", "--noinput")).stdout).toMatch(/1 static file copied to '.*staticfiles'/);
  const plan = await run(GOOD, "manage.mjs", "migrate", "--plan");
  expect(plan.stdout).toBe(
    "Planned operations:\norders.0001_initial\n    Create model Order\norders.0002_order_total\n    Add field total to order\n",
  );
  expect((await run(GOOD, "manage.mjs", "showmigrations", "--plan")).stdout).toBe(
    "[ ]  orders.0001_initial\n[ ]  orders.0002_order_total\n",
  );
  const migrated = await run(GOOD, "manage.mjs", "migrate", "--noinput");
  expect(migrated).toMatchObject({ code: 0, stdout: expect.stringContaining("  Applying orders.0002_order_total... OK\n") });
  expect((await run(GOOD, "manage.mjs", "migrate", "--noinput")).stdout).toContain("  No migrations to apply.");
  expect((await run(GOOD, "manage.mjs", "migrate", "--plan")).stdout).toContain("  No planned migration operations.");
  const later = goodChanges.find((change) => Object.keys(change.files).some((path) => path.includes("0003")));
  await checkOut("c".repeat(40), later?.files);
  expect((await run("c".repeat(40), "manage.mjs", "migrate", "--plan")).stdout).toContain("    Add field delivery_date to order\n");
});

test("a sabotaged step fails as the real one would", async () => {
  await mkdir(join(folder, "state"), { recursive: true });
  await writeFile(join(folder, "state", "fail-migrate"), "could not obtain lock on relation");
  const migrated = await run(GOOD, "manage.mjs", "migrate", "--noinput");
  expect(migrated).toMatchObject({ code: 1, stderr: expect.stringContaining("OperationalError: could not obtain lock") });
  expect((await run(GOOD, "manage.mjs", "showmigrations", "--plan")).stdout).toContain("[ ]  orders.0001_initial");
  expect((await run(GOOD, "manage.mjs", "dance")).code).toBe(1);
});

test("each command leaves one line with the witness", async () => {
  await run(GOOD, "manage.mjs", "migrate", "--plan");
  await run(GOOD, "manage.mjs", "migrate", "--noinput");
  await run(BAD, "manage.mjs", "check");
  await run(BAD, "verify.mjs", "--revision", BAD, "--tries", "1");
  const lines = (await readFile(join(folder, "witness"), "utf8")).trim().split("\n");
  expect(lines.map((line) => line.replace(/ \d+$/, " PID"))).toEqual([
    `migrate-plan ${GOOD} PID`,
    `migrate ${GOOD} PID`,
    `check ${BAD} PID`,
    `verify ${BAD} PID`,
  ]);
});

test("the service runs one revision, and verify knows which", async () => {
  expect((await run(GOOD, "service.mjs", "status")).code).toBe(3);
  const started = await run(GOOD, "service.mjs", "restart");
  expect(started).toMatchObject({ code: 0, stdout: expect.stringContaining("Started shop.service") });
  expect((await run(GOOD, "verify.mjs", "--revision", GOOD)).code).toBe(0);
  expect((await run(GOOD, "verify.mjs", "--revision", BAD, "--tries", "2")).code).toBe(1);
  expect((await run(BAD, "service.mjs", "restart")).stdout).toMatch(/Stopping[^]*Stopped[^]*Started/);
  expect((await run(BAD, "verify.mjs", "--revision", BAD)).code).toBe(0);
  expect((await run(BAD, "service.mjs", "status")).stdout).toContain(`Revision: ${BAD}`);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain("Acme shop");
});

test("the bad revision fails part of its visitors and Sentry hears of it; the good one does not", async () => {
  await run(GOOD, "service.mjs", "restart");
  const visitors = startVisitors({ urls: [`http://127.0.0.1:${port}`], perSecond: 40, users: 300 });
  try {
    await eventually("visits of the good version", () => visitors.counts().ok >= 40);
    expect(visitors.counts()).toMatchObject({ failed: 0 });
    expect(sentry.counts()).toMatchObject({ unhandled: 0 });
    await run(BAD, "service.mjs", "restart");
    await eventually("events of the bad version", () => sentry.counts({ release: BAD, environment: "production" }).events >= 30);
    expect(sentry.counts({ release: BAD })).toMatchObject({ issues: 1 });
    expect(sentry.issues()).toMatchObject([{ type: "TypeError", culprit: "discountOf (pricing.mjs)", firstRelease: BAD }]);
    expect(sentry.counts({ release: BAD }).users).toBeGreaterThan(20);
    const { ok, failed } = visitors.counts();
    expect(ok).toBeGreaterThan(0);
    expect(failed).toBeGreaterThan(0);
  } finally {
    await visitors.stop();
  }
});

/** A release folder as a host has it: the files and the REVISION marker. */
async function checkOut(revision: string, changes: Readonly<Record<string, string>> = {}): Promise<void> {
  const files = { ...(await shopFiles()), ...changes, REVISION: `${revision}\n` };
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, "releases", revision, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

function run(revision: string, script: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    PATH: process.env["PATH"],
    SHOP_ENVIRONMENT: "production",
    SHOP_PORT: String(port),
    SHOP_SERVER: "web-1",
    SHOP_STATE: join(folder, "state"),
    SHOP_DATABASE: join(folder, "database"),
    SHOP_WITNESS: join(folder, "witness"),
    SHOP_SENTRY_DSN: sentry.dsn,
    SHOP_SENTRY_MODULE: sentryModule(),
    SHOP_PACE: "0.05",
    SHOP_STUMBLE_MINUTES: "0",
  };
  return new Promise((done) => {
    execFile(
      process.execPath,
      [script, ...args],
      { cwd: join(folder, "releases", revision), env, timeout: 60_000 },
      (fault, stdout, stderr) => {
        done({ code: fault === null ? 0 : typeof fault.code === "number" ? fault.code : -1, stdout, stderr });
      },
    );
  });
}

function freePort(): Promise<number> {
  return new Promise((found) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => found(address === null || typeof address === "string" ? 0 : address.port));
    });
  });
}
