import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deploymentNumbered, openDeployments } from "../../src/db/deployments.ts";
import { lockRun, saveRun } from "../../src/db/runs.ts";
import type { DiffPart, HistoryLine, QueuePart, WhyPart } from "../../src/domain/answers.ts";
import type { ChangeSet } from "../../src/domain/deployment.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { environmentId, parseSha, type DeploymentId, type EnvironmentId, type RunId, type Sha } from "../../src/domain/ids.ts";
import type { Answer, Intent } from "../../src/domain/intent.ts";
import type { Run, StageStatus } from "../../src/domain/pipeline.ts";
import { act } from "../../src/engine/act.ts";
import { apply } from "../../src/engine/apply.ts";
import { cancelOf } from "../../src/engine/cancel-of.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";
import type { Replica } from "../support/engine-replica.ts";
import { PRODUCTION, standingOf } from "../support/engine-world.ts";

const STAGING = environmentId("shop", "staging");
const target = (name: string): string => `target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/${name}, recipe: django }`;
const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      staging: { requires: [build], deploy: automatically, ${target("staging")} }
      production:
        requires: [acceptance]
        after: { environment: staging, for: 0s }
        needs: validation
        approval: { from: ["@product-owners"], count: 1, expires: 24h }
        ${target("production")}
`;
const BOB = { name: "Bob", email: null, login: "bob", slackId: null };
let desk: Desk;
let one: Replica;

beforeAll(async () => {
  desk = await openDesk();
  one = await desk.open("one", { config: CONFIG });
});
afterAll(() => desk[Symbol.asyncDispose]());

function sha(number: number): Sha {
  const revision = parseSha(`${number}`.repeat(40));
  if (revision === null) throw new Error("a revision of a test is none");
  return revision;
}

function newId(): DeploymentId {
  return one.engine.newId() as DeploymentId;
}

function changesTo(revision: Sha, count = 1): ChangeSet {
  const titles = Array.from({ length: count }, (_, index) => `feat(pay): step ${index + 1}`);
  return {
    ...NO_CHANGES,
    changes: titles.map((title) => ({ revision, title, author: BOB, url: null, pullRequest: null })),
    authors: [BOB],
    compareUrl: "https://git.acme.test/compare",
  };
}

/** What CI says of a revision of main, newest last. */
async function ciSaid(revision: Sha, stages: Readonly<Record<string, StageStatus>>): Promise<RunId> {
  const { engine } = one;
  const at = engine.clock();
  return engine.db.transaction(async (tx) => {
    const { run } = await lockRun(tx, { id: engine.newId() as RunId, app: "shop", revision }, at);
    const stage = { stage: null, allowFailure: false, url: null, startedAt: at, finishedAt: at, updatedAt: at };
    const workflow: Run["workflows"][number] = {
      workflowRun: `ci-${revision.slice(0, 7)}`,
      provider: "github",
      attempt: 1,
      name: "ci",
      path: null,
      trigger: "push",
      branch: "main",
      tag: false,
      ownRepository: true,
      parent: null,
      status: "running",
      url: null,
      startedAt: at,
      updatedAt: at,
      jobs: Object.entries(stages).map(([name, status]) => ({ ...stage, job: name, name, status })),
    };
    await saveRun(
      tx,
      {
        ...run,
        branch: "main",
        push: { at, pusher: BOB, before: null, changes: changesTo(revision).changes, compareUrl: null },
        workflows: [workflow],
      },
      at,
    );
    return run.id;
  });
}

async function offered(id: EnvironmentId, revision: Sha, runId: RunId, position: number): Promise<void> {
  const candidate = { revision, runId, since: one.engine.clock(), position };
  await apply(one.engine, id, { kind: "offer", candidate, changes: changesTo(revision), containsBlocked: null, id: newId() });
}

async function carriedOut(id: EnvironmentId): Promise<void> {
  const open = (await openDeployments(one.engine.db, id)).map((deployment) => deployment.id);
  await apply(one.engine, id, { kind: "recheck", entitled: ["UPETRA"], asked: open, unfit: {}, id: newId() });
  const running = (await openDeployments(one.engine.db, id)).find((deployment) => deployment.state.state === "executing");
  if (running === undefined) throw new Error(`nothing started in ${id}`);
  await apply(one.engine, id, { kind: "steps_ended", deployment: running.id, outcome: { kind: "done" }, id: newId() });
}

async function approved(): Promise<void> {
  const waiting = (await openDeployments(one.engine.db, PRODUCTION)).find((open) => open.state.state === "awaiting_approval");
  if (waiting === undefined) throw new Error("nothing waits for a yes");
  const digest = digestOf({ revision: waiting.revision, environment: PRODUCTION, planHash: waiting.planHash });
  const outcome = await apply(one.engine, PRODUCTION, {
    kind: "approve",
    standing: standingOf("UPETRA"),
    deployment: waiting.id,
    digest,
    override: null,
    approverNames: [],
  });
  if (!outcome.ok) throw new Error(outcome.refusal.title);
}

async function asked(intent: Intent, guest = false): Promise<Answer> {
  const known = await one.engine.directory.person("UDORA");
  const person = known === null ? null : { ...known, guest };
  return act(one.engine, intent, { actor: { kind: "slack", id: "UDORA", name: "Dora" }, person, ours: true }, async () => undefined);
}

async function why(environment: string): Promise<WhyPart["stand"]> {
  const answer = await asked({ kind: "why", app: "shop", environment });
  const [part] = answer.kind === "why" ? answer.environments : [];
  if (part === undefined) throw new Error(`no answer but ${JSON.stringify(answer)}`);
  return part.stand;
}

async function diff(): Promise<DiffPart> {
  const answer = await asked({ kind: "diff", app: "shop", environment: "production" });
  const [part] = answer.kind === "diff" ? answer.environments : [];
  if (part === undefined) throw new Error(`no answer but ${JSON.stringify(answer)}`);
  return part;
}

async function history(environment: string): Promise<readonly HistoryLine[]> {
  const answer = await asked({ kind: "history", app: "shop", environment });
  return answer.kind === "history" ? (answer.environments[0]?.entries ?? []) : [];
}

async function queue(): Promise<readonly QueuePart[]> {
  const answer = await asked({ kind: "queue", app: "shop" });
  return answer.kind === "queue" ? answer.environments : [];
}

/** Rules and what lifts them. */
function stopped(stand: WhyPart["stand"]): readonly (readonly [string, string, string | null])[] {
  return stand.kind === "stopped" ? stand.reasons.map((reason) => [reason.rule, reason.text, reason.lifts] as const) : [];
}

// One story: each step begins where the one before it ended.
describe("questions, from the first push to a rollback", () => {
  test("before anything is known they say so", async () => {
    expect(await asked({ kind: "why", app: "shop", environment: null })).toMatchObject({ newest: null, environments: [] });
    expect(await diff()).toMatchObject({ live: null, candidate: null, changes: null, next: null });
    expect(await history("production")).toEqual([]);
    expect(await queue()).toEqual([]);
    expect(await asked({ kind: "why", app: "shop", environment: "nowhere" })).toMatchObject({ kind: "refused" });
  });

  test("a version whose stage failed is not live because of that stage, whose it is and what lifts it", async () => {
    await ciSaid(sha(1), { build: "failed" });
    expect(stopped(await why("staging"))).toEqual([
      ["requirements", "Stage build failed.", "CI has to run it again, or a fix has to be pushed."],
    ]);
    const { next } = await diff();
    expect(next).toMatchObject({ revision: sha(1), title: "feat(pay): step 1" });
    expect(next?.waitsFor.map((blocker) => blocker.text)).toEqual([
      "Stage acceptance has not run for this version.",
      "It has not been live on staging yet.",
    ]);
  });

  test("what may go there and is not asked for stands free, with what to type", async () => {
    const run = await ciSaid(sha(2), { build: "passed" });
    expect(await why("staging")).toEqual({ kind: "free", words: "shop 2222222 to staging" });
    await offered(STAGING, sha(2), run, 2);
    expect((await queue())[0]?.waiting).toMatchObject([{ number: 1, state: "queued", place: "next", blockers: [] }]);
    expect(await why("staging")).toEqual({ kind: "on_its_way", number: 1, state: "queued" });
    await carriedOut(STAGING);
    expect(await why("staging")).toMatchObject({ kind: "live" });
    expect(await queue()).toEqual([]);
  });

  test("each rule of the gate is a reason, and an older one that may go is named", async () => {
    const run = await ciSaid(sha(2), { build: "passed", acceptance: "passed" });
    await offered(PRODUCTION, sha(2), run, 2);
    await asked({ kind: "lock", app: "shop", environment: "production", reason: "the sale is on", forMs: 3_600_000 });
    const reasons = stopped(await why("production"));
    expect(reasons.map(([rule]) => rule).toSorted()).toEqual(["approval", "lock", "validation"]);
    expect(Object.fromEntries(reasons.map(([rule, , lifts]) => [rule, lifts]))).toMatchObject({
      approval: "They press Approve & Deploy on the card of #1.",
      lock: "They, or somebody who may approve here, type `/deploy unlock shop production`.",
      validation: "Somebody else than its authors types `/deploy looks-good shop staging`.",
    });
    const [part] = await queue();
    expect(part?.waiting).toMatchObject([{ number: 1, place: null, state: "awaiting_approval" }]);
    expect(part?.waiting[0]?.blockers.find((blocker) => blocker.rule === "lock")).toMatchObject({
      owner: "Dora",
      liftsAt: expect.any(Date),
    });
    await asked({ kind: "unlock", app: "shop", environment: "production" });
  });

  test("the newest may wait while an older one may go: both are said", async () => {
    await ciSaid(sha(3), { build: "running" });
    const { candidate, changes, next } = await diff();
    expect(candidate?.revision).toBe(sha(2));
    expect(changes?.total).toBe(1);
    expect(next).toMatchObject({ revision: sha(3) });
    expect(stopped(await why("staging"))).toEqual([["requirements", "Stage build is running.", "CI has to pass it."]]);
  });

  test("500 changes are counted, and cut to what an answer shows", async () => {
    const { codeHost } = one.far;
    const before = codeHost.compare;
    Object.assign(codeHost, { compare: async (_repository: string, _base: Sha | null, head: Sha) => changesTo(head, 500) });
    const { changes } = await diff();
    Object.assign(codeHost, { compare: before });
    expect(changes).toMatchObject({ total: 500, complete: true, authors: ["Bob"], compareUrl: "https://git.acme.test/compare" });
    expect(changes?.titles).toHaveLength(20);
    expect(changes?.titles.at(-1)?.title).toBe("feat(pay): step 500");
  });

  test("a cancellation by names concerns the one that waits; with two nobody guesses", async () => {
    const place = { app: "shop", environment: "production", number: null };
    expect(await cancelOf(one.engine, { ...place, environment: "staging" })).toEqual({ kind: "none" });
    expect(await cancelOf(one.engine, place)).toMatchObject({ kind: "one" });
    expect(await cancelOf(one.engine, { ...place, environment: null })).toMatchObject({ kind: "one" });
    await apply(one.engine, PRODUCTION, {
      kind: "request",
      standing: standingOf("UDORA"),
      revision: sha(1),
      runId: null,
      changes: NO_CHANGES,
      missing: [],
      containsBlocked: null,
      id: newId(),
    });
    expect(await cancelOf(one.engine, place)).toMatchObject({
      kind: "several",
      found: [
        { environment: "production", number: 1, state: "awaiting_approval" },
        { environment: "production", number: 2, state: "awaiting_approval" },
      ],
    });
    const second = await cancelOf(one.engine, { ...place, number: 2 });
    if (second.kind !== "one") throw new Error("the second is not found by its number");
    await asked({ kind: "reject", reason: "wrong one", ...second.pressed });
    expect(await cancelOf(one.engine, { ...place, number: 9 })).toEqual({ kind: "none" });
    await asked({ kind: "cancel", thenRollBack: false, ...second.pressed });
  });

  test("the history tells who wanted it, who said yes, how it ended and what took it back", async () => {
    await apply(one.engine, STAGING, { kind: "validate", standing: standingOf("UPETRA") });
    await approved();
    await carriedOut(PRODUCTION);
    const lines = await history("production");
    expect(lines.map(({ number }) => number)).toEqual([2, 1]);
    expect(lines[0]).toMatchObject({ state: "cancelled", askedBy: "UDORA", approvedBy: [], tookMs: null });
    expect(lines[1]).toMatchObject({
      state: "succeeded_unverified",
      title: "feat(pay): step 1",
      askedBy: "Greenlight",
      approvedBy: ["UPETRA"],
      tookMs: expect.any(Number),
      rolledBackBy: null,
    });
    expect(await diff()).toMatchObject({ live: { revision: sha(2) }, candidate: { revision: sha(2) }, changes: null });
  });

  test("what was rolled back says by whom, and what has to happen before it comes again", async () => {
    const run = await ciSaid(sha(4), { build: "passed" });
    await offered(STAGING, sha(4), run, 4);
    await carriedOut(STAGING);
    const live = (await openDeployments(one.engine.db, STAGING)).at(-1)?.id;
    const [gone] = await history("staging");
    expect(gone).toMatchObject({ number: 2, revision: sha(4), rolledBackBy: null });
    const id = live ?? (await deploymentNumbered(one.engine.db, STAGING, 2))?.id;
    if (id === undefined) throw new Error("the second deployment is gone");
    await apply(one.engine, STAGING, {
      kind: "roll_back",
      standing: standingOf("UPETRA"),
      deployment: id,
      reason: "it is slow",
      id: newId(),
    });
    expect((await queue())[0]?.running).toMatchObject([{ number: 3, kind: "rollback", state: "executing", askedBy: "UPETRA" }]);
    const back = (await openDeployments(one.engine.db, STAGING)).find((deployment) => deployment.kind === "rollback");
    if (back === undefined) throw new Error("nothing goes back");
    expect((await history("staging"))[1]).toMatchObject({ number: 2, rolledBackBy: null });
    await apply(one.engine, STAGING, { kind: "steps_ended", deployment: back.id, outcome: { kind: "done" }, id: newId() });
    expect((await history("staging")).slice(0, 2)).toMatchObject([
      { number: 3, kind: "rollback", rollsBack: 2, revision: sha(2) },
      { number: 2, kind: "deploy", rolledBackBy: { number: 3, by: "UPETRA" } },
    ]);
    const reasons = stopped(await why("staging"));
    expect(reasons.map(([rule]) => rule)).toEqual(["ended", "blocked_commit"]);
    // Asking again would not help: it is blocked until somebody allows it.
    expect(reasons[0]?.[2]).toBeNull();
  });

  test("a guest who is let in nowhere is told nothing", async () => {
    for (const kind of ["history", "diff", "why"] as const) {
      const answer = await asked({ kind, app: "shop", environment: "production" }, true);
      expect([kind, answer.kind]).toEqual([kind, "refused"]);
      expect(JSON.stringify(answer)).not.toContain("2222222");
    }
  });
});
