import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { TargetStep } from "../../../src/ports.ts";
import type { SshDeps } from "../../../src/targets/ssh/protocol.ts";
import { hearStep, newRun, shellStep, sshPlaces } from "../../support/ssh-places.ts";
import type { SshPlace } from "../../support/ssh-places.ts";
import { until } from "../../support/until.ts";

/** Each test waits for seconds of the host's own clock; each has a directory of its own, so they wait together. */
describe.concurrent.each(sshPlaces.filter(({ place }) => place === "OpenSSH sshd"))("a guard on $place", ({ skip, open }) => {
  let place: SshPlace;
  let hosts = 0;
  beforeAll(async () => {
    if (skip === null) place = await open();
  });
  beforeEach((context) => {
    if (skip !== null) context.skip(skip);
  });
  afterAll(() => place?.close());

  /** A run on a directory of its own, whose bot can go away. */
  async function acquired(deps: Partial<SshDeps> = {}) {
    const number = (hosts += 1);
    const host = { ...place.host, directory: join(place.home, `shop-${number}`) };
    mkdirSync(host.directory);
    const run = newRun();
    const bot = place.target(deps);
    expect(await bot.acquire(host, run)).toMatchObject({ kind: "acquired" });
    const state = join(host.directory, ".greenlight");
    const folder = join(state, "runs", run.deployment);
    /** Starts a step and leaves as soon as it has printed something: nobody follows it. */
    async function startAndLeave(step: TargetStep): Promise<void> {
      const slice = new AbortController();
      const heard = await hearStep(bot, host, run, step, { signal: slice.signal, onOutput: () => slice.abort() });
      expect(heard.outcome).toEqual({ kind: "running" });
      await bot.close();
    }
    return { host, run, bot, state, folder, pids: join(place.home, `pids-${number}`), startAndLeave };
  }

  test("ends a step and its whole group at the total timeout although no bot is there, and says why to whoever comes next", async () => {
    const { host, run, folder, pids, startAndLeave } = await acquired();
    const step = shellStep(`trap "" HUP; ${family(pids)}`, { timeoutSeconds: 1 });
    await startAndLeave(step);
    await until(gone(pids));
    await until(() => wordsOf(join(folder, "step.1/rc"))[0] !== "---");
    expect(wordsOf(join(folder, "step.1/ended"))[0]).toBe("total");
    const late = place.target();
    expect(await hearStep(late, host, run, step)).toEqual({
      outcome: { kind: "timed_out", after: "total" },
      bytes: Buffer.from("begun\n"),
    });
    expect(await late.release(host, run, { succeeded: false, revision: null })).toEqual({ kind: "released" });
  });

  test("ends a step that has gone silent, and leaves one alone that speaks", async () => {
    const quiet = await acquired();
    const loud = await acquired();
    const limits = { silentSeconds: 3 };
    const go = join(place.home, "go");
    const steps = {
      quiet: shellStep(family(quiet.pids), limits),
      loud: shellStep(`while [ ! -e ${go} ]; do echo x; sleep 0.2; done; exit 7`, limits),
    };
    await Promise.all([quiet.startAndLeave(steps.quiet), loud.startAndLeave(steps.loud)]);
    await until(gone(quiet.pids));
    writeFileSync(go, "");
    const target = place.target();
    expect((await hearStep(target, quiet.host, quiet.run, steps.quiet)).outcome).toEqual({ kind: "timed_out", after: "silent" });
    expect((await hearStep(target, loud.host, loud.run, steps.loud)).outcome).toMatchObject({ kind: "exited", code: 7 });
  });

  test("a runaway log is ended before it fills the disk, followed or not; 50 MB are fine", { timeout: 120_000 }, async () => {
    const { host, run, bot, folder } = await acquired({ logBytes: 60_000_000 });
    const fine = shellStep("head -c 50000000 /dev/zero", { id: "fine" });
    expect(await bot.step(host, run, fine, silently())).toEqual({ kind: "exited", code: 0, bytes: 50_000_000 });
    const runaway = shellStep("while :; do head -c 1000000 /dev/zero; sleep 0.01; done", { id: "runaway" });
    const outcome = await bot.step(host, run, runaway, silently());
    expect(outcome.kind === "too_much_output" && outcome.bytes > 60_000_000).toBe(true);
    expect(wordsOf(join(folder, "runaway.1/ended"))[0]).toBe("output");
    // It is no guess of that one follower's.
    expect((await place.target().step(host, run, runaway, { ...silently(), offset: 60_000_000 })).kind).toBe("too_much_output");
  });

  test("a killed guard is replaced by the next step, and by whoever attaches", async () => {
    const { host, run, bot, folder, pids } = await acquired();
    const first = guardOf(folder);
    process.kill(first, "SIGKILL");
    const step = shellStep(family(pids), { timeoutSeconds: 4 });
    const slice = new AbortController();
    const following = hearStep(bot, host, run, step, { signal: slice.signal });
    await until(() => guardOf(folder) !== first && lives(guardOf(folder)));
    const second = guardOf(folder);
    slice.abort();
    await following;
    process.kill(second, "SIGKILL");
    const next = new AbortController();
    const attached = hearStep(bot, host, run, step, { signal: next.signal });
    await until(() => guardOf(folder) !== second && lives(guardOf(folder)));
    next.abort();
    await attached;
    await bot.close();
    await until(gone(pids));
    expect((await hearStep(place.target(), host, run, step)).outcome).toEqual({ kind: "timed_out", after: "total" });
  });

  test("it trusts no pid file but a whole one: with a cut one it ends nothing", async () => {
    const { host, run, folder, pids, startAndLeave } = await acquired();
    const step = shellStep(family(pids), { timeoutSeconds: 2 });
    await startAndLeave(step);
    await until(() => idsIn(pids).length === 2);
    const pid = join(folder, "step.1/pid");
    const good = readFileSync(pid, "utf8");
    const [runner = "", , boot = ""] = good.trim().split(" ");
    writeFileSync(pid, `${runner} 1 ${boot}\n`);
    const guard = guardOf(folder);
    // Long over its time, by the record of its start.
    const [digest, epoch, since] = wordsOf(join(folder, "step.1/claim"));
    writeFileSync(join(folder, "step.1/claim"), `${digest} ${epoch} ${Number(since) - 100}\n`);
    // Four looks, each with a sleep of its own between.
    const naps = new Set<string>();
    await until(() => naps.add(readFileSync(`/proc/${guard}/task/${guard}/children`, "utf8")).size > 4);
    expect(idsIn(pids).filter(lives)).toHaveLength(2);
    writeFileSync(pid, good);
    await until(gone(pids));
    await until(async () => (await hearStep(place.target(), host, run, step)).outcome.kind === "timed_out");
  });

  test("it goes with the release, with the directory, and when nothing has run for long", async () => {
    const released = await acquired();
    const removed = await acquired();
    const idle = await acquired({ guardIdleSeconds: 2 });
    const guards = [released, removed, idle].map(({ folder }) => guardOf(folder));
    expect(guards.every(lives)).toBe(true);
    await released.bot.release(released.host, released.run, { succeeded: true, revision: null });
    await until(() => !lives(guards[0] ?? 0));
    rmSync(removed.host.directory, { recursive: true });
    await until(() => !guards.some(lives));
    // The next step is not left without one.
    const step = shellStep("echo begun; sleep 300", { timeoutSeconds: 2 });
    const slice = new AbortController();
    const following = hearStep(idle.bot, idle.host, idle.run, step, { signal: slice.signal });
    await until(() => lives(guardOf(idle.folder)));
    slice.abort();
    await following;
    await idle.bot.close();
    await until(() => wordsOf(join(idle.folder, "step.1/ended"))[0] === "total");
  });

  test("it stays when a step was started while it waited for its turn to go", async () => {
    const { host, run, bot, state, folder, pids } = await acquired({ guardIdleSeconds: 2 });
    const step = shellStep(family(pids), { timeoutSeconds: 5 });
    const slice = new AbortController();
    const following = hearStep(bot, host, run, step, { signal: slice.signal });
    await until(() => idsIn(pids).length === 2 && lives(guardOf(folder)));
    slice.abort();
    await following;
    await bot.close();
    const busy = spawn("flock", [join(state, "mutex"), "sh", "-c", "echo held; read -r y"], { stdio: ["pipe", "pipe", "ignore"] });
    await once(busy.stdout, "data");
    // As if the step had been started just after the guard looked.
    const rc = join(folder, "step.1/rc");
    renameSync(rc, `${rc}.away`);
    await until(() => childrenOf(guardOf(folder)).some((pid) => nameOf(pid) === "flock"));
    renameSync(`${rc}.away`, rc);
    busy.stdin.end();
    await until(gone(pids));
    expect((await hearStep(place.target(), host, run, step)).outcome).toEqual({ kind: "timed_out", after: "total" });
  });

  test("a repeated acquire, also by another replica, leaves one guard", async () => {
    const { host, run, folder } = await acquired();
    const first = guardOf(folder);
    await Promise.all([2, 3, 4].map((epoch) => place.target().acquire(host, { ...run, epoch })));
    expect(guardOf(folder)).toBe(first);
    expect(lives(first)).toBe(true);
  });
});

/** Follows without keeping. */
function silently() {
  return { attempt: 1, offset: 0, signal: new AbortController().signal, onOutput: () => undefined };
}

function guardOf(folder: string): number {
  return Number(wordsOf(join(folder, "guard"))[0] ?? 0);
}

function wordsOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").trim().split(/\s+/) : [];
}

function gone(pids: string): () => boolean {
  return () => existsSync(pids) && !idsIn(pids).some(lives);
}

function idsIn(path: string): number[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1).map(Number) : [];
}

function childrenOf(pid: number): string[] {
  return existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean) : [];
}

function nameOf(pid: string): string {
  return existsSync(`/proc/${pid}/comm`) ? readFileSync(`/proc/${pid}/comm`, "utf8").trim() : "";
}

/** A zombie does not live. */
function lives(pid: number): boolean {
  try {
    return pid > 1 && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Writes the ids of itself and of a child that would live for long. */
function family(pids: string): string {
  return `sleep 300 & echo $$ >>${pids}; echo $! >>${pids}; echo begun; wait; wait`;
}
