import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hearStep, newRun, shellStep, sshPlaces } from "../../support/ssh-places.ts";
import type { SshPlace } from "../../support/ssh-places.ts";

describe.each(sshPlaces)("holding a host on $place", ({ skip, open }) => {
  let place: SshPlace;
  beforeEach(async (context) => {
    if (skip !== null) context.skip(skip);
    place = await open();
  });
  afterEach(() => place?.close());
  const state = (...path: string[]) => join(place.directory, ".greenlight", ...path);
  const succeeded = { succeeded: true, revision: null };

  test("acquire tells what is live, and may be repeated by the same run", async () => {
    const sha = checkout(place.directory, "https://bot:se@cret@git.acme.test/acme/shop.git");
    const target = place.target();
    const run = newRun({ number: 812 });
    const facts = { live: sha, clean: true, origin: "https://git.acme.test/acme/shop.git", highestNumber: 812 };
    const first = await target.acquire(place.host, run);
    expect(first).toMatchObject({ kind: "acquired", facts });
    expect(first.kind === "acquired" && first.facts.freeBytes > 0 && first.facts.freeInodes > 0).toBe(true);
    expect(await target.acquire(place.host, { ...run, epoch: 2 })).toMatchObject({ kind: "acquired", facts });
    expect(statSync(state()).mode & 0o777).toBe(0o700);
    writeFileSync(join(place.directory, "file"), "changed");
    expect(await target.read(place.host)).toMatchObject({ kind: "read", facts: { ...facts, clean: false } });
  });

  test("a directory below the home, with a REVISION file, is read without a trace", async () => {
    mkdirSync(join(place.home, "it's/current"), { recursive: true });
    writeFileSync(join(place.home, "it's/current/REVISION"), `${"b".repeat(40)}\n`);
    const host = { ...place.host, directory: "~/it's", layout: "releases" as const };
    expect(await place.target().read(host)).toMatchObject({
      kind: "read",
      facts: { live: "b".repeat(40), highestNumber: 0, origin: null, clean: true },
    });
    expect(readdirSync(join(place.home, "it's"))).toEqual(["current"]);
    writeFileSync(join(place.home, "it's/current/REVISION"), "<!channel> $(id)\n");
    expect(await place.target().read(host)).toMatchObject({ kind: "read", facts: { live: null } });
  });

  test.each([
    { what: "a missing directory", prepare: (dir: string) => rmSync(dir, { recursive: true }), says: "does not exist" },
    { what: "a state folder that is a link", prepare: (dir: string) => symlinkSync("/tmp", join(dir, ".greenlight")), says: "is a link" },
    {
      what: "a state folder that others can enter",
      prepare: (dir: string) => (mkdirSync(join(dir, ".greenlight")), chmodSync(join(dir, ".greenlight"), 0o755)),
      says: "open to other users",
    },
    { what: "a state folder that is a file", prepare: (dir: string) => writeFileSync(join(dir, ".greenlight"), ""), says: "no folder" },
  ])("$what is refused", async ({ prepare, says }) => {
    prepare(place.directory);
    expect(await place.target().acquire(place.host, newRun())).toEqual({ kind: "refused", because: expect.stringContaining(says) });
  });

  test("too little free space is refused, and leaves no lock", async () => {
    expect(await place.target({ minimumFreeBytes: 2 ** 60 }).acquire(place.host, newRun())).toMatchObject({
      kind: "refused",
      because: expect.stringContaining("space"),
    });
    expect(existsSync(state("lock"))).toBe(false);
  });

  test.each([
    { what: "/ as directory", over: { directory: "/" } },
    { what: "a relative directory", over: { directory: "srv/shop" } },
    { what: "a directory of another user", over: { directory: "~root/shop" } },
    { what: "a directory with a newline", over: { directory: "/srv/\nshop" } },
  ])("$what is refused before anything is sent", async ({ over }) => {
    expect(await place.target({ knownHosts: "" }).acquire({ ...place.host, ...over }, newRun())).toMatchObject({ kind: "refused" });
  });

  test("a bot restored from an older backup, or another installation, is foreign", async () => {
    const target = place.target();
    const run = newRun({ number: 812 });
    await target.acquire(place.host, run);
    await target.release(place.host, run, succeeded);
    const remembered = { kind: "foreign", highestNumber: 812, installation: run.installation };
    expect(await target.acquire(place.host, newRun({ number: 811 }))).toEqual(remembered);
    expect(await target.acquire(place.host, newRun({ number: 812 }))).toEqual(remembered);
    expect(await target.acquire(place.host, newRun({ number: 900, installation: randomUUID() }))).toEqual(remembered);
    // An older candidate approved later is no restore: the installation has counted further than the host.
    expect(await target.acquire(place.host, newRun({ number: 811, highest: 813 }))).toMatchObject({
      kind: "acquired",
      facts: { highestNumber: 812 },
    });
  });

  test("release by a run that never came closes it, so that its late acquire holds nothing", async () => {
    const target = place.target();
    const run = newRun();
    expect(await target.release(place.host, run, succeeded)).toEqual({ kind: "released" });
    expect(await target.acquire(place.host, run)).toEqual({ kind: "closed" });
    expect(await target.release(place.host, run, succeeded)).toEqual({ kind: "released" });
  });

  test("release by another run does not free the host", async () => {
    const target = place.target();
    const run = newRun({ number: 5 });
    await target.acquire(place.host, run);
    await target.release(place.host, newRun({ number: 4 }), succeeded);
    expect(await target.acquire(place.host, newRun({ number: 6 }))).toMatchObject({ kind: "busy", holder: run.deployment });
  });

  test("a cut lock is busy with an unknown holder, never free", async () => {
    const target = place.target();
    await target.acquire(place.host, newRun());
    writeFileSync(state("lock"), "");
    expect(await target.acquire(place.host, newRun({ number: 2 }))).toEqual({
      kind: "busy",
      holder: "unknown",
      since: null,
      running: false,
    });
  });

  test("the last 20 runs keep their logs, older ones leave a tombstone", async () => {
    const target = place.target();
    const runs = Array.from({ length: 23 }, (_, index) => newRun({ number: index + 1 }));
    for (const run of runs) {
      expect(await target.acquire(place.host, run)).toMatchObject({ kind: "acquired" });
      await target.release(place.host, run, succeeded);
    }
    expect(readdirSync(state("runs"))).toHaveLength(20);
    expect(readdirSync(state("closed")).toSorted()).toEqual(runs.map((run) => run.deployment).toSorted());
    const [oldest = newRun()] = runs;
    expect(await target.acquire(place.host, oldest)).toEqual({ kind: "closed" });
    expect((await hearStep(target, place.host, oldest, shellStep("touch ran"))).outcome).toEqual({ kind: "closed" });
    expect(existsSync(join(place.directory, "ran"))).toBe(false);
  });

  test("a step runs with the login's umask, and its files are not ours", async () => {
    const target = place.target();
    const run = newRun();
    await target.acquire(place.host, run);
    await hearStep(target, place.host, run, shellStep("umask; (umask 027; touch made)"));
    expect((await hearStep(target, place.host, run, shellStep("umask", { id: "umask" }))).bytes.toString().trim()).not.toBe("0077");
  });

  test.each([
    { fault: "an id with a slash", step: shellStep("true", { id: "../x" }) },
    { fault: "no program", step: shellStep("", { argv: [] }) },
    { fault: "a folder above the directory", step: shellStep("true", { cwd: "a/../../b" }) },
    { fault: "an absolute folder", step: shellStep("true", { cwd: "/etc" }) },
    { fault: "a variable no shell accepts", step: shellStep("true", { environment: { "A;id": "x" } }) },
    { fault: "a NUL", step: shellStep("echo \0") },
    { fault: "a command of 65 KiB", step: shellStep("x".repeat(65 * 1024)) },
  ])("a step with $fault is refused before anything is sent", async ({ step }) => {
    expect((await hearStep(place.target({ knownHosts: "" }), place.host, newRun(), step)).outcome).toMatchObject({ kind: "refused" });
  });
});

function checkout(directory: string, origin: string): string {
  const git = (...words: string[]) =>
    execFileSync("git", ["-C", directory, "-c", "user.name=Ann", "-c", "user.email=ann@acme.test", ...words], { encoding: "utf8" });
  git("init", "-q");
  writeFileSync(join(directory, "file"), "one");
  git("add", "file");
  git("commit", "-q", "-m", "one");
  git("remote", "add", "origin", origin);
  return git("rev-parse", "HEAD").trim();
}
