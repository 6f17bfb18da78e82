import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hearStep, newRun, shellStep, sshPlaces } from "../../support/ssh-places.ts";
import type { SshPlace } from "../../support/ssh-places.ts";
import { until } from "../../support/until.ts";

describe.each(sshPlaces.filter(({ place }) => place === "OpenSSH sshd"))("a host that another run holds on $place", ({ skip, open }) => {
  let place: SshPlace;
  beforeEach(async (context) => {
    if (skip !== null) context.skip(skip);
    place = await open();
  });
  afterEach(() => place?.close());
  const state = (...path: string[]) => join(place.directory, ".greenlight", ...path);

  /** A run whose bot is gone for good, and the one that would have the host now. */
  async function held() {
    const dead = newRun({ number: 7 });
    expect(await place.target().acquire(place.host, dead)).toMatchObject({ kind: "acquired" });
    const target = place.target();
    const next = newRun({ number: 8 });
    return { dead, next, target, take: (takeOver: string) => target.acquire(place.host, next, { takeOver }) };
  }
  const waiting = (name: string) =>
    shellStep(`echo $$ >${place.home}/${name}.pid; echo begun; while [ ! -e ${place.home}/go ]; do sleep 0.05; done`);
  const pidOf = (name: string) => Number(readFileSync(join(place.home, `${name}.pid`), "utf8"));

  test("the refusal says who, since when, and that nothing of it runs; a takeover closes the old run before it holds the host", async () => {
    const { dead, next, target, take } = await held();
    const busy = await target.acquire(place.host, next);
    expect(busy).toMatchObject({ kind: "busy", holder: dead.deployment, running: false });
    expect(busy.kind === "busy" && busy.since !== null && Math.abs(Date.now() - busy.since.getTime()) < 600_000).toBe(true);
    expect(await take(dead.deployment)).toMatchObject({ kind: "acquired" });
    expect(readFileSync(state("closed", dead.deployment), "utf8")).toMatch(/^7 - taken - \d+\n$/);
    // Whatever the old one still says is late.
    const late = place.target();
    const mark = join(place.home, "late");
    expect((await hearStep(late, place.host, { ...dead, epoch: 99 }, shellStep(`touch ${mark}`))).outcome).toEqual({ kind: "closed" });
    expect(await late.acquire(place.host, { ...dead, epoch: 99 })).toEqual({ kind: "closed" });
    expect(await late.cancel(place.host, dead, { graceSeconds: 1 })).toEqual({ kind: "nothing_running" });
    expect(await late.release(place.host, dead, { succeeded: true, revision: null })).toEqual({ kind: "released" });
    expect(existsSync(mark)).toBe(false);
    expect((await hearStep(target, place.host, next, shellStep("true"))).outcome).toMatchObject({ kind: "exited", code: 0 });
    expect(await target.acquire(place.host, newRun({ number: 9 }))).toMatchObject({ kind: "busy", holder: next.deployment });
  });

  test("while a step of it runs nothing is taken, nor while its orphan lives; afterwards it is", async () => {
    const { dead, take } = await held();
    const old = place.target();
    const following = hearStep(old, place.host, dead, waiting("step"));
    await until(() => existsSync(join(place.home, "step.pid")) && pidOf("step") > 0);
    expect(await take(dead.deployment)).toMatchObject({ kind: "busy", holder: dead.deployment, running: true });
    const folder = state("runs", dead.deployment, "step.1");
    await until(() => existsSync(join(folder, "child")) && readFileSync(join(folder, "child"), "utf8").endsWith("\n"));
    process.kill(Number(readFileSync(join(folder, "pid"), "utf8").split(" ")[0]), "SIGKILL");
    expect((await following).outcome).toEqual({ kind: "orphan" });
    expect(await take(dead.deployment)).toMatchObject({ kind: "busy", running: true });
    writeFileSync(join(place.home, "go"), "");
    await until(async () => (await take(dead.deployment)).kind === "acquired");
  });

  test("what outlived a killed runner and a killed step is an orphan: nothing is taken, started again or signalled", async () => {
    const { dead, take } = await held();
    const old = place.target();
    const step = shellStep(`sleep 300 & echo $! >${place.home}/left.pid; echo begun; wait`);
    const following = hearStep(old, place.host, dead, step);
    await until(() => existsSync(join(place.home, "left.pid")) && pidOf("left") > 0);
    const folder = state("runs", dead.deployment, "step.1");
    const idIn = (file: string) => Number(readFileSync(join(folder, file), "utf8").split(" ")[0]);
    await until(() => existsSync(join(folder, "child")) && idIn("child") > 0);
    const child = idIn("child");
    process.kill(idIn("pid"), "SIGKILL");
    process.kill(child, "SIGKILL");
    expect(["orphan", "unreachable"]).toContain((await following).outcome.kind);
    expect((await hearStep(old, place.host, dead, step)).outcome).toEqual({ kind: "orphan" });
    expect((await hearStep(old, place.host, dead, step, { attempt: 2 })).outcome).toMatchObject({ kind: "refused" });
    expect(await take(dead.deployment)).toMatchObject({ kind: "busy", running: true });
    expect(await old.cancel(place.host, dead, { graceSeconds: 1 })).toMatchObject({ kind: "refused" });
    process.kill(pidOf("left"), "SIGKILL");
    await until(async () => (await hearStep(old, place.host, dead, step)).outcome.kind === "lost");
    expect(await take(dead.deployment)).toMatchObject({ kind: "acquired" });
  });

  test("a person who confirmed another holder takes nothing", async () => {
    const { dead, take } = await held();
    expect(await take(newRun().deployment)).toMatchObject({ kind: "busy", holder: dead.deployment });
    expect(await take("unknown")).toMatchObject({ kind: "busy", holder: dead.deployment });
    expect(await take("-; id")).toMatchObject({ kind: "refused" });
    expect(existsSync(state("closed", dead.deployment))).toBe(false);
  });

  test("of three who take at once one holds the host, the others learn who", async () => {
    const { dead } = await held();
    const takers = [8, 9, 10].map((number) => newRun({ number, highest: 10 }));
    const outcomes = await Promise.all(
      takers.map((run) =>
        place
          .target()
          .acquire(place.host, run, { takeOver: dead.deployment })
          .then((outcome) => ({ run, outcome })),
      ),
    );
    const [winner, ...more] = outcomes.filter(({ outcome }) => outcome.kind === "acquired");
    expect(more).toEqual([]);
    const others = outcomes.filter(({ outcome }) => outcome.kind !== "acquired").map(({ outcome }) => outcome);
    expect(others).toMatchObject([
      { kind: "busy", holder: winner?.run.deployment },
      { kind: "busy", holder: winner?.run.deployment },
    ]);
  });

  test("a lock that nobody can read is taken only when nothing at all runs", async () => {
    const { dead, next, target, take } = await held();
    const following = hearStep(place.target(), place.host, dead, waiting("step"));
    await until(() => existsSync(join(place.home, "step.pid")));
    for (const cut of ["", dead.deployment, `${dead.deployment} x y\n`]) {
      writeFileSync(state("lock"), cut);
      expect(await take("unknown")).toEqual({ kind: "busy", holder: "unknown", since: null, running: true });
    }
    writeFileSync(join(place.home, "go"), "");
    expect((await following).outcome).toMatchObject({ kind: "exited" });
    expect(await target.acquire(place.host, next)).toMatchObject({ kind: "busy", holder: "unknown", running: false });
    expect(await take("unknown")).toMatchObject({ kind: "acquired" });
  });

  test("the lock of a closed run holds nobody up: whoever released it died before the host was free", async () => {
    const { dead, next, target } = await held();
    writeFileSync(state("closed", dead.deployment), "");
    expect(await target.acquire(place.host, next)).toMatchObject({ kind: "acquired" });
  });

  test("neither a lower number nor another installation takes anything", async () => {
    const { dead } = await held();
    const options = { takeOver: dead.deployment };
    expect(await place.target().acquire(place.host, newRun({ number: 6 }), options)).toMatchObject({ kind: "foreign", highestNumber: 7 });
    expect(await place.target().acquire(place.host, newRun({ number: 9, installation: newRun().deployment }), options)).toMatchObject({
      kind: "foreign",
    });
    expect(existsSync(state("closed", dead.deployment))).toBe(false);
  });

  test("tombstones are bounded, and a run whose own is gone stays closed", async () => {
    const target = place.target();
    const first = newRun({ number: 2000 });
    await target.acquire(place.host, first);
    const old = Array.from({ length: 1001 }, (_, index) => newRun({ number: index + 1, highest: 2000 }));
    for (const [index, run] of old.entries()) {
      writeFileSync(state("closed", run.deployment), `${run.number} 1 failed - 0\n`);
      utimesSync(state("closed", run.deployment), index, index);
    }
    await target.release(place.host, first, { succeeded: true, revision: null });
    const left = old.filter((run) => existsSync(state("closed", run.deployment)));
    expect(left).toHaveLength(499);
    const [forgotten = first, known = first] = [old[0], old[1000]];
    for (const run of [forgotten, known]) {
      expect(await target.acquire(place.host, { ...run, epoch: 50 })).toEqual({ kind: "closed" });
      expect((await hearStep(target, place.host, run, shellStep(`touch ${place.home}/late`))).outcome.kind).toMatch(/closed|not_acquired/);
    }
    expect(existsSync(join(place.home, "late"))).toBe(false);
    // An older candidate that is approved now has a number above all that was forgotten.
    expect(await target.acquire(place.host, newRun({ number: 1500, highest: 2000 }))).toMatchObject({ kind: "acquired" });
    expect(readFileSync(state("memory"), "utf8")).toContain(` 2000 ${first.deployment} 502`);
  });
});
