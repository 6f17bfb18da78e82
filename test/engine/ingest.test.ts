import { afterAll, beforeAll, expect, test } from "vitest";
import { runOf } from "../../src/db/runs.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import { emptyRun, type PipelineEvent, type Run, type StageStatus, type WorkflowEvent } from "../../src/domain/pipeline.ts";
import { reduce } from "../../src/domain/pipeline/reduce.ts";
import { stagesOf } from "../../src/domain/pipeline/stages.ts";
import { consider } from "../../src/engine/consider.ts";
import { environmentOf } from "../../src/engine/engine.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { vouch } from "../../src/engine/vouch.ts";
import { newRunId } from "../domain/model.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";
import { PRODUCTION } from "../support/engine-world.ts";

const GITHUB = { source: "github", connection: "default" };

let desk: Desk;
let bot: Replica;
beforeAll(async () => {
  desk = await openDesk();
  bot = await desk.open("one");
});
afterAll(() => desk[Symbol.asyncDispose]());

function revisionOf(letter: string): Sha {
  const revision = parseSha(letter.repeat(40));
  if (revision === null) throw new Error(`${letter} makes no revision`);
  return revision;
}

function job(revision: Sha, attempt: number, name: string, status: StageStatus): PipelineEvent {
  const finishedAt = status === "passed" || status === "failed" ? new Date("2026-03-02T09:10:00Z") : null;
  return {
    kind: "job",
    repository: "acme/shop",
    workflowRun: "77",
    attempt,
    job: `${name}-${attempt}`,
    name,
    stage: null,
    workflowName: "CI",
    branch: "main",
    revision,
    status,
    allowFailure: false,
    reopens: false,
    url: null,
    startedAt: new Date("2026-03-02T09:00:00Z"),
    finishedAt,
    updatedAt: finishedAt ?? new Date("2026-03-02T09:00:00Z"),
  };
}

function workflow(revision: Sha, attempt: number, status: StageStatus): WorkflowEvent {
  return {
    kind: "workflow",
    provider: "github",
    repository: "Acme/Shop",
    workflowRun: "77",
    attempt,
    name: "CI",
    path: ".github/workflows/ci.yml",
    trigger: "push",
    branch: "main",
    tag: false,
    ownRepository: true,
    revision,
    status,
    reopens: false,
    parent: null,
    url: "https://github.test/77",
    startedAt: null,
    updatedAt: new Date("2026-03-02T09:10:00Z"),
  };
}

/** Heap's algorithm. */
function permutations<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const [first, ...rest] = items;
  if (first === undefined) return [[]];
  return permutations(rest).flatMap((shorter) =>
    Array.from({ length: shorter.length + 1 }, (_, place) => [...shorter.slice(0, place), first, ...shorter.slice(place)]),
  );
}

const SEEN = revisionOf("a");
const EVENTS: readonly PipelineEvent[] = [
  workflow(SEEN, 1, "queued"),
  workflow(SEEN, 1, "failed"),
  job(SEEN, 1, "unit", "running"),
  job(SEEN, 1, "unit", "failed"),
  workflow(SEEN, 2, "passed"),
  job(SEEN, 2, "unit", "running"),
  job(SEEN, 2, "unit", "passed"),
];

function summary(run: Run): unknown {
  return {
    workflows: run.workflows.map(({ attempt, status, trigger, ownRepository }) => ({ attempt, status, trigger, ownRepository })),
    stages: stagesOf(run).map(({ name, status }) => `${name} ${status}`),
  };
}

test("whatever order deliveries come in, the run ends the same, and no status ever falls", () => {
  const expected = {
    workflows: [{ attempt: 2, status: "passed", trigger: "push", ownRepository: true }],
    stages: ["unit passed"],
  };
  const orders = permutations(EVENTS);
  expect(orders).toHaveLength(5040);
  for (const order of orders) {
    let run = emptyRun(newRunId(), "shop", SEEN);
    let attempt = 0;
    for (const event of [...order, ...order]) {
      const [before] = run.workflows;
      run = reduce(run, event);
      const [after] = run.workflows;
      if ((after?.attempt ?? 0) < attempt) throw new Error("an attempt fell");
      if (before?.attempt === after?.attempt && before?.status === "failed" && after?.status !== "failed")
        throw new Error("an end was left");
      attempt = after?.attempt ?? 0;
    }
    expect(summary(run)).toEqual(expected);
  }
});

test("the same delivery folded by two replicas at once is one run and one card", async () => {
  const other = await desk.open("other");
  const revision = revisionOf("b");
  const events = [workflow(revision, 1, "running"), job(revision, 1, "unit", "running")];
  const both = [bot.engine, other.engine, bot.engine, other.engine];
  await Promise.all(both.map((engine) => ingest(engine, GITHUB, events)));
  const counted = await desk.database.pool.query<{ runs: string; cards: string }>(
    "select (select count(*) from runs where revision = $1) as runs, (select count(*) from cards c join runs r on r.id = c.run_id where r.revision = $1) as cards",
    [revision],
  );
  expect(counted.rows[0]).toEqual({ runs: "1", cards: "1" });
});

test("what no app watches is said to be ignored; a pull request, a tag and a fork make no card", async () => {
  const revision = revisionOf("c");
  expect(await ingest(bot.engine, GITHUB, [{ ...workflow(revision, 1, "passed"), repository: "acme/other" }])).toEqual({
    accepted: false,
    reason: "no app watches this repository and branch",
  });
  const pull = { ...workflow(revision, 1, "passed"), trigger: "pull_request", branch: "feature" };
  const tag = { ...workflow(revision, 1, "passed"), workflowRun: "78", tag: true };
  const fork = { ...workflow(revision, 1, "passed"), workflowRun: "79", ownRepository: false };
  for (const event of [pull, tag, fork]) expect((await ingest(bot.engine, GITHUB, [event])).accepted).toBe(true);
  const cards = await desk.database.pool.query("select 1 from cards c join runs r on r.id = c.run_id where r.revision = $1", [revision]);
  expect(cards.rowCount).toBe(0);
});

test("a provider's answer that was overtaken by a delivery does not move the run backwards", async () => {
  const revision = revisionOf("d");
  await ingest(bot.engine, GITHUB, [workflow(revision, 1, "running"), job(revision, 1, "unit", "running")]);
  const stored = await runOf(bot.engine.db, "shop", revision);
  const known = environmentOf(bot.engine, PRODUCTION);
  if (stored === null || known === null) throw new Error("nothing was stored");
  const slow = {
    ...bot.engine,
    codeHost: () => ({
      ...bot.far.codeHost,
      async reread(_repository: string, run: Run) {
        await ingest(bot.engine, GITHUB, [job(revision, 1, "unit", "passed")]);
        return run;
      },
    }),
  };
  await vouch(slow, known.app, known.environment, stored, { kind: "set", set: [] });
  const now = await runOf(bot.engine.db, "shop", revision);
  expect(now === null ? null : summary(now.run)).toMatchObject({ stages: ["unit passed"] });
});

test("what an environment hears while it asks the provider is considered for all of them, though its delivery then tells nothing new", async () => {
  const revision = revisionOf("e");
  const both = `
apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      staging: { requires: [unit], deploy: automatically, target: { type: ssh, hosts: [deploy@a.test], directory: /srv/a, recipe: django } }
      production: { requires: [unit, integration], approval: { from: ["@product-owners"], count: 1, expires: 24h }, target: { type: ssh, hosts: [deploy@b.test], directory: /srv/b, recipe: django } }
`;
  const two = await desk.open("two environments", { config: both });
  await ingest(two.engine, GITHUB, [workflow(revision, 1, "running"), job(revision, 1, "unit", "passed")]);
  const stored = await runOf(two.engine.db, "shop", revision);
  if (stored === null) throw new Error("nothing was stored");
  const late = job(revision, 1, "integration", "passed");
  const host = { ...two.far.codeHost, reread: async (_repository: string, run: Run) => reduce(run, late) };
  const engine = { ...two.engine, codeHost: () => host };
  // Each time all that was asked for is looked at, as the queue does.
  async function considered(): Promise<number> {
    const { rowCount } = await desk.database.pool.query("delete from pgboss.job where name = 'consider' and data ->> 'run' = $1", [
      stored?.run.id,
    ]);
    if ((rowCount ?? 0) > 0) await consider(engine, stored?.run.id ?? newRunId());
    return rowCount ?? 0;
  }
  expect(await considered()).toBe(1);
  await ingest(engine, GITHUB, [late]);
  expect(await considered()).toBe(1);
  expect(await considered()).toBe(0);
  const offered = await desk.database.pool.query("select environment_id as place from candidates where revision = $1 order by 1", [
    revision,
  ]);
  expect(offered.rows).toEqual([{ place: "shop/production" }, { place: "shop/staging" }]);
});
