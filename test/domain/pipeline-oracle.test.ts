import { describe, expect, test } from "vitest";
import { emptyRun, isTerminal, type Run, type RunEvent } from "../../src/domain/pipeline.ts";
import type { CheckEvent, CheckSource, StageStatus } from "../../src/domain/pipeline.ts";
import { reduce } from "../../src/domain/pipeline/reduce.ts";
import { dice, pick, type Roll } from "../support/dice.ts";
import { newRunId, sha } from "./model.ts";
import { play, shownOfRun, type Manner } from "./pipeline-provider.ts";

const EMPTY = emptyRun(newRunId(), "shop", sha(1));

function shuffled<Item>(items: readonly Item[], roll: Roll): Item[] {
  const drawn = items.map((item) => ({ item, lot: roll(1_000_000_000) }));
  return drawn.toSorted((one, other) => one.lot - other.lot).map(({ item }) => item);
}

/** Folds one delivery in, and looks whether GitHub's word was taken back: an end left, or an attempt gone. */
function fold(run: Run, event: RunEvent, manner: Manner): Run {
  const after = reduce(run, event);
  if (manner === "gitlab") return after;
  for (const before of run.workflows) {
    const now = after.workflows.find((workflow) => workflow.workflowRun === before.workflowRun);
    if (now === undefined || now.attempt < before.attempt) throw new Error("an attempt fell");
    if (now.attempt > before.attempt) continue;
    if (isTerminal(before.status) && now.status !== before.status) throw new Error(`${before.status} was left for ${now.status}`);
    for (const job of before.jobs) {
      const status = now.jobs.find((one) => one.job === job.job)?.status;
      if (isTerminal(job.status) && status !== job.status) throw new Error(`a job left ${job.status} for ${status}`);
    }
  }
  return after;
}

/** Every order of the rest; what orders share is folded once. */
function inEveryOrder(run: Run, rest: readonly RunEvent[], manner: Manner, ended: (run: Run) => void): void {
  if (rest.length === 0) return ended(run);
  for (const [index, event] of rest.entries()) inEveryOrder(fold(run, event, manner), rest.toSpliced(index, 1), manner, ended);
}

describe.each(["github", "gitlab"] as const)("two workflows, three jobs, run again, in the manner of %s", (manner) => {
  test("in whatever order the last 7 deliveries come, the run ends as the provider shows it", () => {
    let orders = 0;
    const wrong: unknown[] = [];
    for (let seed = 1; seed <= 8; seed += 1) {
      const roll = dice(seed);
      const { deliveries, shown } = play(roll, manner);
      const mixed = shuffled(deliveries, roll);
      const begun = mixed.slice(0, -7).reduce((run, event) => fold(run, event, manner), EMPTY);
      const expected = JSON.stringify(shown);
      inEveryOrder(begun, mixed.slice(-7), manner, (run) => {
        orders += 1;
        if (JSON.stringify(shownOfRun(run)) !== expected) wrong.push({ seed, ends: shownOfRun(run), shown });
      });
    }
    expect(wrong.slice(0, 1)).toEqual([]);
    expect(orders).toBe(8 * 5040);
  });

  test("5,000 times at random, with duplicates", () => {
    const wrong: unknown[] = [];
    const seen = { waiting: 0, cancelled: 0, forks: 0, attempts: 0, most: 0 };
    for (let seed = 1; seed <= 5000; seed += 1) {
      const roll = dice(seed * 7919);
      const { deliveries, shown } = play(roll, manner);
      const twice = deliveries.filter(() => roll(3) === 0);
      const run = shuffled([...deliveries, ...twice], roll).reduce((before, event) => fold(before, event, manner), EMPTY);
      if (JSON.stringify(shownOfRun(run)) !== JSON.stringify(shown)) wrong.push({ seed, ends: shownOfRun(run), shown });
      seen.waiting += deliveries.some((event) => event.kind === "job" && event.status === "waiting") ? 1 : 0;
      seen.cancelled += run.workflows.some((workflow) => workflow.status === "cancelled") ? 1 : 0;
      seen.forks += run.workflows.some((workflow) => workflow.ownRepository === false) ? 1 : 0;
      seen.attempts += run.workflows.some((workflow) => workflow.attempt > 1) ? 1 : 0;
      seen.most = Math.max(seen.most, deliveries.length);
    }
    expect(wrong.slice(0, 1)).toEqual([]);
    // The scenes that matter were really played.
    expect(Math.min(seen.waiting, seen.cancelled, seen.forks)).toBeGreaterThan(500);
    expect(seen.attempts > 2000).toBe(manner === "github");
    expect(seen.most).toBeGreaterThan(25);
  });
});

/** What services report of one commit, a second between any two words, and how it stands in the end. */
function reported(roll: Roll): { readonly deliveries: readonly CheckEvent[]; readonly shown: readonly string[] } {
  const deliveries: CheckEvent[] = [];
  let seconds = 0;
  let id = 90 + roll(20);
  const tell = (name: string, source: CheckSource, check: string, status: StageStatus, at = (seconds += 1)) => {
    const updatedAt = new Date(Date.UTC(2026, 10, 23, 9, 0, at));
    const nothing = { branch: null, ownRepository: null, url: null, startedAt: null, finishedAt: null };
    deliveries.push({ kind: "check", repository: "acme/shop", revision: sha(1), name, source, check, status, updatedAt, ...nothing });
  };
  const last = new Map<string, string>();
  for (let step = 0; step < 8; step += 1) {
    const name = pick(["e2e", "style"], roll);
    const status = pick(["passed", "failed", "skipped"] as const, roll);
    if (roll(2) === 0) {
      const slug = pick(["farm", "evil"], roll);
      id += 1;
      // It is queued and begins at one moment, as far as its body says.
      const at = (seconds += 1);
      tell(name, { kind: "app", slug, id: null }, String(id), "queued", at);
      tell(name, { kind: "app", slug, id: null }, String(id), "running", at);
      tell(name, { kind: "app", slug, id: null }, String(id), status);
      last.set(`app ${slug} ${name}`, status);
    } else {
      const creator = pick(["ci", "mallory"], roll);
      tell(name, { kind: "status", creator }, name, "running");
      tell(name, { kind: "status", creator }, name, status);
      last.set(`status ${name}`, `${status} by ${creator}`);
    }
  }
  return { deliveries, shown: [...last].map(([key, word]) => `${key} ${word}`).toSorted() };
}

test("checks and statuses end as their newest word, 2,000 times at random, with duplicates", () => {
  const wrong: unknown[] = [];
  for (let seed = 1; seed <= 2000; seed += 1) {
    const roll = dice(seed * 104_729);
    const { deliveries, shown } = reported(roll);
    const mixed = shuffled([...deliveries, ...deliveries.filter(() => roll(3) === 0)], roll);
    const ends = mixed.reduce<Run>(reduce, EMPTY).checks.map(({ source, name, status }) => {
      return source.kind === "app" ? `app ${source.slug} ${name} ${status}` : `status ${name} ${status} by ${source.creator ?? "?"}`;
    });
    if (ends.toSorted().join() !== shown.join()) wrong.push({ seed, ends: ends.toSorted(), shown });
  }
  expect(wrong.slice(0, 1)).toEqual([]);
});
