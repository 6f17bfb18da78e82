import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hearStep, newRun, shellStep, sshPlaces } from "../../support/ssh-places.ts";
import type { SshPlace } from "../../support/ssh-places.ts";
import { until } from "../../support/until.ts";

describe.each(sshPlaces)("a step on $place", ({ skip, open }) => {
  let place: SshPlace;
  let deployments = 0;
  beforeAll(async () => {
    if (skip === null) place = await open();
  });
  beforeEach((context) => {
    if (skip !== null) context.skip(skip);
  });
  afterAll(() => place?.close());

  /** A run that holds the host; the one before is released. */
  async function acquired(target = place.target()) {
    deployments += 1;
    const run = newRun({ number: deployments });
    expect(await target.acquire(place.host, run)).toMatchObject({ kind: "acquired" });
    return {
      target,
      run,
      count: join(place.home, `count-${deployments}`),
      release: () => target.release(place.host, { ...run, epoch: 900 }, { succeeded: true, revision: null }),
    };
  }

  test.each([0, 1, 7, 126, 255])("exit code %i arrives as it is, and again when asked again", async (code) => {
    const { target, run, release, count } = await acquired();
    const step = shellStep(`echo x >>${count}; echo out; echo err >&2; exit ${code}`);
    for (let asked = 0; asked < 2; asked += 1) {
      const { outcome, bytes } = await hearStep(target, place.host, run, step);
      expect(outcome).toEqual({ kind: "exited", code, bytes: 8 });
      expect(bytes.toString()).toBe("out\nerr\n");
    }
    expect(lines(count)).toBe(1);
    expect(await release()).toEqual({ kind: "released" });
  });

  test("output is byte-exact, also when it is binary and large", async () => {
    const { target, run, release } = await acquired();
    const blob = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7 + (index >> 8)) & 255));
    writeFileSync(join(place.directory, "blob"), blob);
    const { outcome, bytes } = await hearStep(target, place.host, run, shellStep("cat blob"));
    expect(outcome).toEqual({ kind: "exited", code: 0, bytes: blob.length });
    expect(bytes.equals(blob)).toBe(true);
    await release();
  });

  test("arguments, folder and environment arrive as they are", async () => {
    const { target, run, release } = await acquired();
    mkdirSync(join(place.directory, "sub dir"), { recursive: true });
    const words = ["a b", "it's", "$HOME `id`", 'quo"te\\', "new\nline", "", "*"];
    const step = shellStep("", {
      argv: ["sh", "-c", 'pwd; printf "%s|" "$A" "$@"', "sh", ...words],
      cwd: "sub dir",
      environment: { A: "x'y\nz" },
    });
    const { bytes } = await hearStep(target, place.host, run, step);
    expect(bytes.toString()).toBe(`${place.directory}/sub dir\n${["x'y\nz", ...words].join("|")}|`);
    await release();
  });

  test("of four simultaneous starters one starts it and all hear it", async () => {
    const { run, release, count } = await acquired();
    const step = shellStep(`echo x >>${count}; echo begun; sleep 0.3; echo done; exit 3`);
    const heard = await Promise.all([1, 2, 3, 4].map(() => hearStep(place.target(), place.host, run, step)));
    for (const one of heard) {
      expect(one.outcome).toEqual({ kind: "exited", code: 3, bytes: 11 });
      expect(one.bytes.toString()).toBe("begun\ndone\n");
    }
    expect(lines(count)).toBe(1);
    await release();
  });

  test("a connection lost in mid-output: the step goes on, and attaching at the offset loses no byte", async () => {
    const { target, run, release, count } = await acquired();
    const step = shellStep(
      `echo x >>${count}; i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); [ $((i % 300)) = 0 ] && sleep 0.1; done; exit 5`,
    );
    const parts: Buffer[] = [];
    let offset = 0;
    let drops = 0;
    for (;;) {
      const { outcome } = await hearStep(target, place.host, run, step, {
        offset,
        onOutput(chunk, after) {
          parts.push(Buffer.from(chunk));
          offset = after;
          if (drops < 2 && offset > 5000 * (drops + 1)) {
            drops += 1;
            place.dropConnections();
          }
        },
      });
      if (outcome.kind === "unreachable") continue;
      expect(outcome).toEqual({ kind: "exited", code: 5, bytes: offset });
      break;
    }
    expect(drops).toBe(2);
    expect(Buffer.concat(parts).toString()).toBe(Array.from({ length: 3000 }, (_, index) => `line ${index}\n`).join(""));
    expect(lines(count)).toBe(1);
    await release();
  });

  test("a late command with a lower epoch starts nothing", async () => {
    const { target, run, release, count } = await acquired();
    expect(await place.target().acquire(place.host, { ...run, epoch: 5 })).toMatchObject({ kind: "acquired" });
    const late = await hearStep(target, place.host, { ...run, epoch: 4 }, shellStep(`echo x >>${count}`));
    expect(late.outcome).toEqual({ kind: "stale", seenEpoch: 5 });
    expect(await target.acquire(place.host, { ...run, epoch: 4 })).toEqual({ kind: "stale", seenEpoch: 5 });
    expect(await target.cancel(place.host, { ...run, epoch: 4 }, { graceSeconds: 1 })).toEqual({ kind: "stale", seenEpoch: 5 });
    expect(await target.release(place.host, { ...run, epoch: 4 }, { succeeded: true, revision: null })).toEqual({
      kind: "stale",
      seenEpoch: 5,
    });
    // A step with a higher epoch raises the fence by itself.
    const next = await hearStep(target, place.host, { ...run, epoch: 7 }, shellStep("true", { id: "next" }));
    expect(next.outcome).toMatchObject({ kind: "exited", code: 0 });
    expect((await hearStep(target, place.host, { ...run, epoch: 6 }, shellStep(`echo x >>${count}`))).outcome).toEqual({
      kind: "stale",
      seenEpoch: 7,
    });
    expect(lines(count)).toBe(0);
    await release();
  });

  test("after release nothing starts, neither a step nor the run again", async () => {
    const { target, run, release, count } = await acquired();
    await release();
    expect((await hearStep(target, place.host, { ...run, epoch: 999 }, shellStep(`echo x >>${count}`))).outcome).toEqual({
      kind: "closed",
    });
    expect(await target.acquire(place.host, { ...run, epoch: 999 })).toEqual({ kind: "closed" });
    expect(lines(count)).toBe(0);
  });

  test("a step without acquire starts nothing, and says who holds the host", async () => {
    const { target, run, release, count } = await acquired();
    const other = newRun({ number: 500 });
    expect((await hearStep(target, place.host, other, shellStep(`echo x >>${count}`))).outcome).toEqual({
      kind: "not_acquired",
      holder: run.deployment,
    });
    const busy = await target.acquire(place.host, other);
    expect(busy).toMatchObject({ kind: "busy", holder: run.deployment });
    expect(busy.kind === "busy" && busy.since !== null && Math.abs(Date.now() - busy.since.getTime()) < 600_000).toBe(true);
    await release();
    expect((await hearStep(target, place.host, other, shellStep(`echo x >>${count}`))).outcome).toEqual({
      kind: "not_acquired",
      holder: null,
    });
    expect(lines(count)).toBe(0);
  });

  test("a copy of the database, which knows run and epoch but is another installation, starts, ends and frees nothing", async () => {
    const { target, run, release, count } = await acquired();
    const step = shellStep(`echo x >>${count}; echo begun; while [ ! -e ${count}.go ]; do sleep 0.05; done`);
    let begun = false;
    const following = hearStep(target, place.host, run, step, { onOutput: () => void (begun = true) });
    await until(() => begun);
    const copy = { ...run, installation: newRun().deployment, epoch: 50 };
    const refused = { kind: "refused", because: expect.stringContaining("another installation") };
    expect((await hearStep(target, place.host, copy, shellStep("true", { id: "next" }))).outcome).toEqual(refused);
    expect((await hearStep(target, place.host, copy, step)).outcome).toEqual(refused);
    expect(await target.cancel(place.host, copy, { graceSeconds: 1 })).toEqual(refused);
    expect(await target.release(place.host, copy, { succeeded: true, revision: null })).toEqual(refused);
    expect(await target.acquire(place.host, copy)).toMatchObject({ kind: "foreign", installation: run.installation });
    writeFileSync(`${count}.go`, "");
    expect((await following).outcome).toEqual({ kind: "exited", code: 0, bytes: 6 });
    expect(lines(count)).toBe(1);
    await release();
  });

  test("the same step with another command is a mismatch and is not run", async () => {
    const { target, run, release, count } = await acquired();
    await hearStep(target, place.host, run, shellStep("true"));
    expect((await hearStep(target, place.host, run, shellStep(`echo x >>${count}`))).outcome).toEqual({ kind: "mismatch" });
    // Another attempt is another identity.
    expect((await hearStep(target, place.host, run, shellStep(`echo x >>${count}`), { attempt: 2 })).outcome).toMatchObject({
      kind: "exited",
      code: 0,
    });
    expect(lines(count)).toBe(1);
    await release();
  });

  test("the end of a slice leaves the step running", async () => {
    const { target, run, release, count } = await acquired();
    const step = shellStep(`echo x >>${count}; echo begun; while [ ! -e ${count}.go ]; do sleep 0.05; done; echo end`);
    const slice = new AbortController();
    const first = await hearStep(target, place.host, run, step, { signal: slice.signal, onOutput: () => slice.abort() });
    expect(first).toEqual({ outcome: { kind: "running" }, bytes: Buffer.from("begun\n") });
    writeFileSync(`${count}.go`, "");
    const second = await hearStep(target, place.host, run, step, { offset: 6 });
    expect(second).toEqual({ outcome: { kind: "exited", code: 0, bytes: 10 }, bytes: Buffer.from("end\n") });
    expect(lines(count)).toBe(1);
    await release();
  });

  test("when output cannot be stored, the fault is thrown and the step goes on", async () => {
    const { target, run, release, count } = await acquired();
    const step = shellStep(`echo x >>${count}; echo begun; while [ ! -e ${count}.go ]; do sleep 0.05; done; echo end`);
    const failing = hearStep(target, place.host, run, step, { onOutput: () => Promise.reject(new Error("the database is away")) });
    await expect(failing).rejects.toThrow("the database is away");
    writeFileSync(`${count}.go`, "");
    expect((await hearStep(target, place.host, run, step)).bytes.toString()).toBe("begun\nend\n");
    expect(lines(count)).toBe(1);
    await release();
  });

  test("slow storing holds the host back, keeps the order and is no silence of the step", async () => {
    const { target, run, release } = await acquired();
    let busy = 0;
    let most = 0;
    const { outcome, bytes } = await hearStep(
      target,
      place.host,
      run,
      shellStep("for i in 1 2 3; do echo $i; sleep 0.1; done", { silentSeconds: 1 }),
      {
        async onOutput() {
          busy += 1;
          most = Math.max(most, busy);
          await pause(1200);
          busy -= 1;
        },
      },
    );
    expect(outcome).toEqual({ kind: "exited", code: 0, bytes: 6 });
    expect(bytes.toString()).toBe("1\n2\n3\n");
    expect(most).toBe(1);
    await release();
  });

  test.each(["pid", "rc", "claim"])("an empty %s reads as lost and never starts again", async (file) => {
    const { target, run, release, count } = await acquired();
    const step = shellStep(`echo x >>${count}`);
    await hearStep(target, place.host, run, step);
    const folder = join(place.directory, ".greenlight/runs", run.deployment, "step.1");
    writeFileSync(join(folder, file), "");
    expect((await hearStep(target, place.host, run, step)).outcome).toEqual({ kind: "lost" });
    expect(lines(count)).toBe(1);
    await release();
  });

  test("a killed runner leaves an orphan while the step's process lives, then a lost step", async () => {
    const { target, run, release, count } = await acquired();
    const step = shellStep(`echo $$ >${count}.pid; while [ ! -e ${count}.go ]; do sleep 0.05; done; echo x >>${count}`);
    const following = hearStep(target, place.host, run, step);
    const folder = join(place.directory, ".greenlight/runs", run.deployment, "step.1");
    await until(() => lines(`${count}.pid`) === 1 && lines(join(folder, "child")) === 1);
    process.kill(Number(readFileSync(join(folder, "pid"), "utf8").split(" ")[0]), "SIGKILL");
    expect((await following).outcome).toEqual({ kind: "orphan" });
    expect((await hearStep(target, place.host, run, step)).outcome).toEqual({ kind: "orphan" });
    expect(await release()).toMatchObject({ kind: "refused" });
    writeFileSync(`${count}.go`, "");
    await until(async () => (await hearStep(target, place.host, { ...run, epoch: 900 }, step)).outcome.kind === "lost");
    expect(lines(count)).toBe(1);
    expect(await release()).toEqual({ kind: "released" });
  });
});

function lines(path: string): number {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0;
}
