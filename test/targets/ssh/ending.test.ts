import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hearStep, newRun, shellStep, sshPlaces } from "../../support/ssh-places.ts";
import type { SshPlace } from "../../support/ssh-places.ts";
import { until } from "../../support/until.ts";

describe.each(sshPlaces)("ending a step on $place", ({ skip, open }) => {
  let place: SshPlace;
  let deployments = 0;
  beforeAll(async () => {
    if (skip === null) place = await open();
  });
  beforeEach((context) => {
    if (skip !== null) context.skip(skip);
  });
  afterAll(() => place?.close());

  async function acquired() {
    deployments += 1;
    const target = place.target();
    const run = newRun({ number: deployments });
    expect(await target.acquire(place.host, run)).toMatchObject({ kind: "acquired" });
    const pids = join(place.home, `pids-${deployments}`);
    const folder = join(place.directory, ".greenlight/runs", run.deployment, "step.1");
    return { target, run, pids, folder, release: () => target.release(place.host, run, { succeeded: false, revision: null }) };
  }

  test("cancel ends the whole group", async () => {
    const { target, run, pids, release } = await acquired();
    const following = hearStep(target, place.host, run, shellStep(family(pids)));
    await until(both(pids));
    expect(await target.cancel(place.host, run, { graceSeconds: 20 })).toEqual({ kind: "ended" });
    expect((await following).outcome).toEqual({ kind: "exited", code: 143, bytes: 6 });
    expect(idsIn(pids).filter(lives)).toEqual([]);
    expect(await target.cancel(place.host, run, { graceSeconds: 1 })).toEqual({ kind: "nothing_running" });
    expect(await release()).toEqual({ kind: "released" });
  });

  test("what ignores TERM is killed after the grace, and is not a success", async () => {
    const { target, run, pids, release } = await acquired();
    const step = shellStep(family(pids, `trap "" TERM;`));
    const following = hearStep(target, place.host, run, step);
    await until(both(pids));
    expect(await target.cancel(place.host, run, { graceSeconds: 1 })).toEqual({ kind: "ended" });
    // The runner dies with its group: whoever followed learns `lost` or the canceller's 137, whichever was first.
    expect(["exited", "lost"]).toContain((await following).outcome.kind);
    expect((await hearStep(target, place.host, run, step)).outcome).toEqual({ kind: "exited", code: 137, bytes: 6 });
    expect(idsIn(pids).filter(lives)).toEqual([]);
    expect(await release()).toEqual({ kind: "released" });
  });

  test("a grandchild that outlives the step's own process is ended too", async () => {
    const { target, run, pids, release } = await acquired();
    const step = shellStep(`(trap "" TERM; sleep 300) & echo $$ >>${pids}; echo $! >>${pids}; wait`);
    const following = hearStep(target, place.host, run, step);
    await until(both(pids));
    expect(await target.cancel(place.host, run, { graceSeconds: 1 })).toEqual({ kind: "ended" });
    expect((await following).outcome).toMatchObject({ kind: "exited", code: 143 });
    expect(idsIn(pids).filter(lives)).toEqual([]);
    await release();
  });

  test.each([
    { what: "a cut pid file", text: () => "1\n" },
    { what: "an empty pid file", text: () => "" },
    { what: "a pid file with another start time", text: (good: string) => good.replace(/ (\d+) /, " 1 ") },
    { what: "a pid file of an earlier boot", text: (good: string) => good.replace(/\S+\n$/, "00000000-0000-0000-0000-000000000000\n") },
  ])("$what: no signal is sent", { timeout: 120_000 }, async ({ text }) => {
    const { target, run, pids, folder, release } = await acquired();
    const following = hearStep(target, place.host, run, shellStep(family(pids)));
    await until(both(pids));
    const good = readFileSync(join(folder, "pid"), "utf8");
    writeFileSync(join(folder, "pid"), text(good));
    expect(await target.cancel(place.host, run, { graceSeconds: 1 })).toMatchObject({ kind: "refused" });
    expect(idsIn(pids).filter(lives)).toHaveLength(2);
    writeFileSync(join(folder, "pid"), good);
    expect(await target.cancel(place.host, run, { graceSeconds: 20 })).toEqual({ kind: "ended" });
    await following;
    await release();
  });

  test("total time over: the remote group is ended", async () => {
    const { target, run, pids, release } = await acquired();
    const step = shellStep(family(pids), { timeoutSeconds: 1 });
    expect((await hearStep(target, place.host, run, step)).outcome).toEqual({ kind: "timed_out", after: "total" });
    expect(idsIn(pids).filter(lives)).toEqual([]);
    expect((await hearStep(target, place.host, run, step, { offset: 6 })).outcome).toEqual({ kind: "timed_out", after: "total" });
    await release();
  });

  test("silent for too long: the remote group is ended; output sets the time back", async () => {
    const { target, run, pids, release } = await acquired();
    const step = shellStep(`for i in 1 2 3 4 5 6; do echo $i; sleep 0.4; done; ${family(pids)}`, { silentSeconds: 2 });
    const { outcome, bytes } = await hearStep(target, place.host, run, step);
    expect(outcome).toEqual({ kind: "timed_out", after: "silent" });
    expect(bytes.toString()).toBe("1\n2\n3\n4\n5\n6\nbegun\n");
    expect(idsIn(pids).filter(lives)).toEqual([]);
    await release();
  });

  test("time without any follower counts: whoever attaches too late ends it", async () => {
    const { target, run, pids, folder, release } = await acquired();
    const step = shellStep(family(pids), { timeoutSeconds: 100 });
    const slice = new AbortController();
    expect((await hearStep(target, place.host, run, step, { signal: slice.signal, onOutput: () => slice.abort() })).outcome).toEqual({
      kind: "running",
    });
    await until(both(pids));
    // Two minutes pass: the claim remembers when the step started.
    const [digest, epoch, since] = readFileSync(join(folder, "claim"), "utf8").trim().split(" ");
    writeFileSync(join(folder, "claim"), `${digest} ${epoch} ${Number(since) - 120}\n`);
    expect((await hearStep(target, place.host, run, step, { offset: 6 })).outcome).toEqual({ kind: "timed_out", after: "total" });
    expect(idsIn(pids).filter(lives)).toEqual([]);
    await release();
  });

  test("a process that a step leaves behind neither holds it up nor keeps it running", async () => {
    const { target, run, pids, release } = await acquired();
    const { outcome } = await hearStep(target, place.host, run, shellStep(`sleep 300 & echo $! >${pids}`));
    expect(outcome).toEqual({ kind: "exited", code: 0, bytes: 0 });
    expect(await target.cancel(place.host, run, { graceSeconds: 1 })).toEqual({ kind: "nothing_running" });
    const [left] = idsIn(pids);
    expect(left !== undefined && lives(left)).toBe(true);
    process.kill(left ?? 0, "SIGKILL");
    expect(await release()).toEqual({ kind: "released" });
  });

  test("release is refused while a step runs, and more followers than sessions leave room for a cancel", async () => {
    const { target, run, pids, release } = await acquired();
    const following = Array.from({ length: 10 }, () => hearStep(target, place.host, run, shellStep(family(pids))));
    await until(both(pids));
    expect(await release()).toMatchObject({ kind: "refused", because: expect.stringContaining("still runs") });
    expect(await target.cancel(place.host, run, { graceSeconds: 20 })).toEqual({ kind: "ended" });
    for (const { outcome } of await Promise.all(following)) expect(outcome).toEqual({ kind: "exited", code: 143, bytes: 6 });
    expect(await release()).toEqual({ kind: "released" });
  });
});

function idsIn(path: string): number[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1).map(Number) : [];
}

/** A zombie does not live. */
function lives(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Writes the ids of itself and of a child that would live for long. */
function family(pids: string, trap = ""): string {
  return `${trap} sleep 300 & echo $$ >>${pids}; echo $! >>${pids}; echo begun; wait; wait`;
}

function both(pids: string): () => boolean {
  return () => idsIn(pids).length === 2;
}
