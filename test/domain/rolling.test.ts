import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { Host, Roll } from "../../src/domain/config.ts";
import { planOf, type Plan } from "../../src/domain/plan.ts";
import { progressOf, switchedHosts, type StepRecord } from "../../src/domain/progress.ts";
import { batchesOf, inARow } from "../../src/domain/rolling.ts";
import { dice, pick } from "../support/dice.ts";
import { AUTOMATIC, environmentOf, MONDAY, sha } from "./model.ts";

const STEADY: Roll = { canary: 0, batch: 1, maxFailures: 0, pauseSeconds: 0, verifyTimes: 1, verifyEverySeconds: 2 };

function hosts(count: number): readonly Host[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `web-${index + 1}`,
    address: `web-${index + 1}.acme.test`,
    port: 22,
    user: "deploy",
    directory: "/srv/shop",
  }));
}

type Wish = { readonly count: number; readonly roll: Partial<Roll>; readonly onFailure?: Plan["onFailure"]; readonly kind?: Plan["kind"] };

function planned({ count, roll, onFailure = "hold", kind = "deploy" }: Wish): Plan {
  const environment = environmentOf([AUTOMATIC]);
  const commands = { ...environment.target.commands, verify: ["curl", "--fail", "http://localhost/revision"] };
  const target = { ...environment.target, hosts: hosts(count), roll: { ...STEADY, ...roll }, commands };
  return planOf({ ...environment, target, onFailure }, { kind, from: sha(1), revision: sha(2) });
}

function names(plan: Plan): readonly string[] {
  const phases = [...new Set(plan.steps.map((step) => step.phase))].filter((phase) => phase >= plan.roll.firstPhase);
  return phases.map((phase) => {
    const steps = plan.steps.filter((step) => step.phase === phase);
    return `${steps[0]?.name} ${steps.map((step) => step.host).join(" ")}`;
  });
}

describe("the plan of a roll", () => {
  test("without settings: one host after the other, each verified before the next", () => {
    expect(names(planned({ count: 2, roll: {} }))).toEqual(["restart web-1", "verify web-1", "restart web-2", "verify web-2"]);
  });

  test("the canary first, then batches side by side", () => {
    expect(names(planned({ count: 6, roll: { canary: 1, batch: 2 } }))).toEqual([
      "restart web-1",
      "verify web-1",
      "restart web-2 web-3",
      "verify web-2 web-3",
      "restart web-4 web-5",
      "verify web-4 web-5",
      "restart web-6",
      "verify web-6",
    ]);
  });

  test.each([
    { count: 3, canary: 5, batch: 1, sizes: [3] },
    { count: 5, canary: 0, batch: 9, sizes: [5] },
    { count: 5, canary: 2, batch: 3, sizes: [2, 3] },
  ])("$count hosts, canary $canary, batch $batch", ({ count, canary, batch, sizes }) => {
    expect(batchesOf(hosts(count), { ...STEADY, canary, batch }).map((one) => one.length)).toEqual(sizes);
  });

  test("migrates once, on the first host, before any host changes over", () => {
    const plan = planned({ count: 4, roll: { batch: 2 } });
    const migrate = plan.steps.filter((step) => step.name === "migrate");
    expect(migrate.map((step) => step.host)).toEqual(["web-1"]);
    expect(migrate.every((step) => step.phase < plan.roll.firstPhase)).toBe(true);
  });

  test("a rollback does not pause: what is live does harm meanwhile", () => {
    expect(planned({ count: 3, roll: { pauseSeconds: 60 } }).roll.pauses).toHaveLength(2);
    expect(planned({ count: 3, roll: { pauseSeconds: 60 }, kind: "rollback" }).roll.pauses).toEqual([]);
  });
});

/** A host with steps done up to a phase, at one time; `over` says otherwise of some. */
function recorded(plan: Plan, upTo: number, over: Readonly<Record<string, StepRecord["status"]>> = {}): readonly StepRecord[] {
  return plan.steps
    .filter((step) => step.phase <= upTo)
    .map((step) => ({
      step: step.id,
      host: step.host,
      attempt: 1,
      status: over[`${step.name} ${step.host}`] ?? "done",
      note: null,
      finishedAt: over[`${step.name} ${step.host}`] === "running" ? null : MONDAY,
    }));
}

function phaseOf(plan: Plan, name: string, host: string): number {
  return plan.steps.find((step) => step.name === name && step.host === host)?.phase ?? -1;
}

describe("what is due in a roll", () => {
  test("a pause is counted from what was recorded, and only before the batch", () => {
    const plan = planned({ count: 2, roll: { pauseSeconds: 60 } });
    const next = progressOf(plan, recorded(plan, phaseOf(plan, "verify", "web-1")));
    expect(next).toMatchObject({ kind: "next", notBefore: new Date(MONDAY.getTime() + 60_000) });
    const begun = progressOf(plan, recorded(plan, phaseOf(plan, "restart", "web-2")));
    expect(begun).toMatchObject({ kind: "next", steps: [{ step: { name: "verify", host: "web-2" } }], notBefore: null });
    expect(progressOf(plan, recorded(plan, phaseOf(plan, "restart", "web-1")))).toMatchObject({ notBefore: null });
  });

  test("within max_failures the roll goes on without the broken host, and ends as failed", () => {
    const plan = planned({ count: 3, roll: { maxFailures: 1 } });
    const broken = { "restart web-1": "failed" } as const;
    const next = progressOf(plan, recorded(plan, phaseOf(plan, "restart", "web-1"), broken));
    expect(next).toMatchObject({ kind: "next", steps: [{ step: { name: "restart", host: "web-2" } }] });
    const all = recorded(plan, Number.POSITIVE_INFINITY, broken).filter((record) => record.host !== "web-1" || record.step !== "verify");
    expect(progressOf(plan, all)).toMatchObject({ kind: "failed", finished: true });
    const two = { ...broken, "restart web-2": "failed" } as const;
    expect(progressOf(plan, recorded(plan, phaseOf(plan, "restart", "web-2"), two))).toMatchObject({ kind: "failed", finished: false });
  });

  test.each(["hold", "finish", "rollback"] as const)("a canary that fails stops the roll, with %s too", (onFailure) => {
    const plan = planned({ count: 3, roll: { canary: 1, maxFailures: 2 }, onFailure });
    const records = recorded(plan, phaseOf(plan, "verify", "web-1"), { "verify web-1": "failed" });
    expect(progressOf(plan, records)).toMatchObject({ kind: "failed", finished: false });
  });

  test("what runs in the same batch is followed to its end before anything is decided", () => {
    const plan = planned({ count: 2, roll: { batch: 2 } });
    const over = { "restart web-1": "failed", "restart web-2": "running" } as const;
    const next = progressOf(plan, recorded(plan, phaseOf(plan, "restart", "web-1"), over));
    expect(next).toMatchObject({ kind: "next", steps: [{ step: { host: "web-2" }, begun: true }] });
  });

  test("a lost outcome beside a failure needs a person first: nobody knows what runs there", () => {
    const plan = planned({ count: 2, roll: { batch: 2, maxFailures: 1 } });
    const over = { "restart web-1": "failed", "restart web-2": "unknown" } as const;
    expect(progressOf(plan, recorded(plan, phaseOf(plan, "restart", "web-1"), over)).kind).toBe("unknown");
  });
});

function startOf(step: string, host: string) {
  return { step, host, status: "running" as const };
}

test("a host counts as changed from the start of switch, else of pull; of containers, from their restart; by a fabfile, all at once", () => {
  const plan = planned({ count: 2, roll: {} });
  expect(switchedHosts(plan, [{ step: "pull", host: "web-2", status: "running" }])).toEqual(["web-2"]);
  expect(switchedHosts({ ...plan, target: "docker" }, [startOf("pull", "web-1"), startOf("restart", "web-2")])).toEqual(["web-2"]);
  expect(switchedHosts({ ...plan, target: "fabric" }, [startOf("run", "web-1")])).toEqual(["web-1", "web-2"]);
  const releases: Plan = { ...plan, steps: [...plan.steps, ...plan.steps.slice(0, 1).map((step) => ({ ...step, id: "switch" }))] };
  expect(
    switchedHosts(releases, [
      { step: "pull", host: "web-2", status: "running" },
      { step: "switch", host: "web-1", status: "done" },
    ]),
  ).toEqual(["web-1"]);
});

type World = {
  readonly records: StepRecord[];
  now: number;
  readonly log: { readonly step: string; readonly host: string; readonly phase: number }[];
};

/** Carries out what is due as the engine does, with outcomes by the dice; throws where a promise of the roll is broken. */
function simulated(plan: Plan, roll: (below: number) => number, failsOneIn: number): { readonly world: World; readonly end: string } {
  const world: World = { records: [], now: MONDAY.getTime(), log: [] };
  for (let round = 0; round < 2000; round += 1) {
    const progress = progressOf(plan, world.records);
    if (progress.kind !== "next") return { world, end: progress.kind };
    // The process may die and another one look again: it must find the same.
    expect(progressOf(plan, structuredClone(world.records))).toEqual(progress);
    if (progress.notBefore !== null && progress.notBefore.getTime() > world.now) {
      world.now = progress.notBefore.getTime() - (roll(2) === 0 ? 0 : 1);
      if (progress.notBefore.getTime() > world.now) continue;
    }
    for (const { step, begun } of progress.steps) if (!begun) begins(plan, world, { step: step.id, host: step.host, phase: step.phase });
    for (const { step, attempt, begun } of progress.steps) {
      const before = world.records.findIndex((one) => one.step === step.id && one.host === step.host && one.attempt === attempt);
      if (before === -1 && begun) throw new Error(`${step.id} on ${step.host} is followed but was never begun`);
      world.now += roll(5000);
      const status = roll(4) === 0 ? "running" : roll(failsOneIn) === 0 ? "failed" : roll(30) === 0 ? "unknown" : "done";
      const finishedAt = status === "running" ? null : new Date(world.now);
      const record: StepRecord = { step: step.id, host: step.host, attempt, status, note: null, finishedAt };
      world.records.splice(before === -1 ? world.records.length : before, before === -1 ? 0 : 1, record);
    }
  }
  throw new Error("it never ends");
}

function begins(plan: Plan, world: World, next: { readonly step: string; readonly host: string; readonly phase: number }): void {
  const { roll } = plan;
  const failed = new Set(world.records.filter((record) => record.status === "failed").map((record) => record.host));
  const isDone = (step: Plan["steps"][number]): boolean =>
    world.records.some((record) => record.step === step.id && record.host === step.host && record.status === "done");
  const open = plan.steps.find((step) => step.phase < next.phase && !failed.has(step.host) && !isDone(step));
  if (open !== undefined) throw new Error(`${next.step} on ${next.host} began before ${open.id} on ${open.host} was done`);
  if (failed.has(next.host)) throw new Error(`${next.step} began on ${next.host}, which is broken`);
  if (failed.size > 0 && next.phase < roll.firstPhase) throw new Error(`${next.step} began after a failure before the roll`);
  if (failed.size > roll.maxFailures && plan.onFailure !== "finish") throw new Error(`${failed.size} hosts are broken and it goes on`);
  if (roll.canary.some((host) => failed.has(host))) throw new Error("a canary is broken and it goes on");
  const pause = roll.pauses.find((one) => one.phase === next.phase);
  const isFirst = !world.log.some((begun) => begun.phase >= next.phase);
  const lastEnd = Math.max(...world.records.map((record) => record.finishedAt?.getTime() ?? 0));
  if (pause !== undefined && isFirst && world.now < lastEnd + pause.seconds * 1000) throw new Error("it did not pause");
  const trying = plan.steps.some((step) => roll.canary.includes(step.host) && step.phase >= roll.firstPhase && !isDone(step));
  if (next.phase >= roll.firstPhase && trying && !roll.canary.includes(next.host)) throw new Error(`${next.host} began before the canary`);
  world.log.push(next);
}

test("600 random rolls keep every promise: canary first, barriers, pauses, and no more broken hosts than allowed", () => {
  const ends = new Set<string>();
  for (let seed = 1; seed <= 600; seed += 1) {
    const roll = dice(seed);
    const count = 1 + roll(9);
    const plan = planned({
      count,
      roll: { canary: roll(3), batch: 1 + roll(4), maxFailures: roll(3), pauseSeconds: roll(2) * 30 },
      onFailure: pick(["hold", "finish", "rollback"] as const, roll) ?? "hold",
      kind: roll(4) === 0 ? "rollback" : "deploy",
    });
    const { world, end } = simulated(plan, roll, pick([6, 25, 1000], roll) ?? 25);
    ends.add(end);
    const done = world.records.filter((record) => record.status === "done").length;
    if (end === "done" && done !== plan.steps.length) throw new Error(`seed ${seed}: done, but ${done} of ${plan.steps.length} steps are`);
    const twice = world.log.filter(
      (one, index) => world.log.findIndex((other) => other.step === one.step && other.host === one.host) !== index,
    );
    const repeatable = new Set(plan.steps.filter((step) => step.repeatable).map((step) => step.id));
    if (twice.some((one) => !repeatable.has(one.step))) throw new Error(`seed ${seed}: ${twice[0]?.step} was started twice`);
  }
  expect([...ends].toSorted()).toEqual(["done", "failed", "unknown"]);
});

function run(script: string, over: Partial<Roll>, seconds = 20): { readonly code: number | null; readonly out: string } {
  const [program = "", ...words] = inARow(["sh", "-c", script], { ...STEADY, ...over }, seconds);
  const { status, stdout } = spawnSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return { code: status, out: stdout };
}

describe("verify N times in a row, as one command", () => {
  test("once is the command itself", () => {
    expect(inARow(["probe"], STEADY, 60)).toEqual(["probe"]);
  });

  test("succeeds after so many in a row", () => {
    expect(run("true", { verifyTimes: 3, verifyEverySeconds: 0 })).toEqual({
      code: 0,
      out: "seen 1 of 3 times in a row\nseen 2 of 3 times in a row\nseen 3 of 3 times in a row\n",
    });
  });

  test("one failure begins the count anew", () => {
    const file = execFileSync("mktemp", { encoding: "utf8" }).trim();
    const flaky = `echo x >>${file}; [ $(wc -l <${file}) -ne 2 ]`;
    expect(run(flaky, { verifyTimes: 2, verifyEverySeconds: 0 }).out).toBe(
      "seen 1 of 2 times in a row\nseen 1 of 2 times in a row\nseen 2 of 2 times in a row\n",
    );
  });

  test("what never succeeds ends with the probe's own exit code before the step's time is over", () => {
    expect(run("exit 7", { verifyTimes: 2, verifyEverySeconds: 1 }, 7)).toEqual({ code: 7, out: "" });
  });

  test("words of the probe are words, whatever they hold", () => {
    const argv = inARow(["printf", "%s\\n", "$(id) ; `id` 'x' \"y\""], { ...STEADY, verifyTimes: 2, verifyEverySeconds: 0 }, 20);
    expect(execFileSync(argv[0] ?? "", argv.slice(1), { encoding: "utf8" })).toContain("$(id) ; `id` 'x' \"y\"\n");
  });
});
