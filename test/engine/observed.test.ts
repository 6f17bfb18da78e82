import { afterAll, beforeAll, expect, test } from "vitest";
import { openDeployments } from "../../src/db/deployments.ts";
import { runOf } from "../../src/db/runs.ts";
import { loadLive } from "../../src/db/snapshot.ts";
import type { WhyAnswer } from "../../src/domain/answers.ts";
import { environmentId, parseSha, type Sha } from "../../src/domain/ids.ts";
import type { DeployedEvent, JobEvent, PipelineEvent, PushEvent, WorkflowEvent } from "../../src/domain/pipeline.ts";
import { act } from "../../src/engine/act.ts";
import { loadCardModel } from "../../src/engine/card-model.ts";
import { consider, reconsider } from "../../src/engine/consider.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { renderAnswer } from "../../src/slack/render/answer.ts";
import { drawRun } from "../../src/slack/render/run.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";

const GITHUB = { source: "github", connection: "default" };
const STAGING = environmentId("shop", "staging");
const PRODUCTION = environmentId("shop", "production");
const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      staging: { deploy: by_ci, by_ci: { environment: Staging } }
      preview: { deploy: by_ci, by_ci: { stage: ship } }
      production:
        requires: [unit]
        after: { environment: staging, for: 0s }
        approval: { from: ["@product-owners"], count: 1, expires: 24h }
        target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop, recipe: django }
`;
const BOB = { name: "Bob", email: null, login: "bob", slackId: null };
const NOON = new Date("2026-03-02T12:00:00Z");

let desk: Desk;
let bot: Replica;
beforeAll(async () => {
  desk = await openDesk();
  bot = await desk.open("one", { config: CONFIG });
});
afterAll(() => desk[Symbol.asyncDispose]());

function revision(letter: string): Sha {
  const parsed = parseSha(letter.repeat(40));
  if (parsed === null) throw new Error(`${letter} makes no revision`);
  return parsed;
}

function after(minutes: number): Date {
  return new Date(NOON.getTime() + minutes * 60_000);
}

function pushed(to: Sha): PushEvent {
  const change = { revision: to, title: "fix: tax", author: BOB, url: null, pullRequest: null };
  const where = { repository: "acme/shop", ref: "refs/heads/main", before: null, after: to };
  return { kind: "push", ...where, changes: [change], pusher: BOB, compareUrl: null, at: NOON };
}

function ci(of: Sha, name: string, finished: number): readonly PipelineEvent[] {
  const shared = { repository: "acme/shop", workflowRun: `run-${of.slice(0, 4)}`, attempt: 1, branch: "main", revision: of };
  const workflow: WorkflowEvent = {
    kind: "workflow",
    ...shared,
    provider: "github",
    name: "CI",
    path: ".github/workflows/ci.yml",
    trigger: "push",
    tag: false,
    ownRepository: true,
    status: "passed",
    reopens: false,
    parent: null,
    url: "https://git.acme.test/run",
    startedAt: NOON,
    updatedAt: after(finished),
  };
  const job: JobEvent = {
    kind: "job",
    ...shared,
    job: `${name}-${of.slice(0, 4)}`,
    name,
    stage: null,
    workflowName: "CI",
    status: "passed",
    allowFailure: false,
    reopens: false,
    url: "https://git.acme.test/job",
    startedAt: NOON,
    finishedAt: after(finished),
    updatedAt: after(finished),
  };
  return [workflow, job];
}

function deployed(to: Sha, externalId: string, state: DeployedEvent["state"], minutes: number): DeployedEvent {
  return {
    kind: "deployed",
    repository: "acme/shop",
    revision: to,
    externalId,
    environment: "staging",
    tier: null,
    state,
    transient: false,
    url: "https://staging.acme.test",
    log: `https://git.acme.test/deployments/${externalId}`,
    by: BOB,
    ours: null,
    workflowRun: null,
    at: after(minutes),
  };
}

async function lookAt(of: Sha): Promise<void> {
  const stored = await runOf(bot.engine.db, "shop", of);
  if (stored !== null) await consider(bot.engine, stored.run.id);
  await reconsider(bot.engine, STAGING);
}

async function cardOf(of: Sha): Promise<string> {
  const { rows } = await bot.engine.db.execute<{ id: string }>(
    `select c.id from cards c join runs r on r.id = c.run_id where r.revision = '${of}'`,
  );
  const drawn = await loadCardModel(bot.engine, rows[0]?.id ?? "");
  if (drawn?.model.kind !== "run") throw new Error("no card of a run");
  return JSON.stringify(drawRun(drawn.model, { now: after(60) } as Parameters<typeof drawRun>[1]));
}

async function asked(intent: Parameters<typeof act>[1]): ReturnType<typeof act> {
  const by = { actor: { kind: "cli" as const, user: "root" }, person: null, ours: true };
  return act(bot.engine, intent, by, async () => undefined);
}

test("what CI deployed is recorded as CI's, and production's candidates come from it", async () => {
  const a = revision("a");
  await ingest(bot.engine, GITHUB, [pushed(a), ...ci(a, "unit", 5)]);
  await lookAt(a);
  expect(await openDeployments(bot.engine.db, PRODUCTION)).toEqual([]);
  await ingest(bot.engine, GITHUB, [deployed(a, "71", "started", 6)]);
  expect(await cardOf(a)).toContain("is being deployed <https://git.acme.test/deployments/71|by CI>");
  await ingest(bot.engine, GITHUB, [deployed(a, "71", "live", 8)]);
  await lookAt(a);
  expect(await loadLive(bot.engine.db, STAGING)).toEqual([{ host: "ci", revision: a, since: after(8), deploymentId: null, source: "ci" }]);
  expect(await openDeployments(bot.engine.db, STAGING)).toEqual([]);
  expect((await openDeployments(bot.engine.db, PRODUCTION)).map((one) => one.revision)).toEqual([a]);
  expect(await cardOf(a).catch(() => "handed over")).toBe("handed over");
});

test("a stage that passed can mean it too, on the branch alone", async () => {
  const b = revision("b");
  await ingest(bot.engine, GITHUB, [pushed(b), ...ci(b, "ship", 12)]);
  await lookAt(b);
  const [live] = await loadLive(bot.engine.db, environmentId("shop", "preview"));
  expect(live).toMatchObject({ revision: b, source: "ci", since: after(12) });
  const c = revision("c");
  const foreign = ci(c, "ship", 30).map((event) => (event.kind === "workflow" ? { ...event, ownRepository: false } : event));
  await ingest(bot.engine, GITHUB, foreign);
  await lookAt(c);
  expect((await loadLive(bot.engine.db, environmentId("shop", "preview")))[0]).toEqual(live);
  // A later one took its place; a fork's run of the earlier one, over since, changes nothing.
  const f = revision("f");
  await ingest(bot.engine, GITHUB, [pushed(f), ...ci(f, "ship", 32)]);
  await lookAt(f);
  const its = { workflowRun: "run-of-a-fork", branch: "main" };
  const forks = ci(b, "ship", 40).map((event) =>
    event.kind === "workflow" ? { ...event, ...its, ownRepository: false } : { ...event, ...its, job: "ship-of-a-fork" },
  );
  await ingest(bot.engine, GITHUB, forks as readonly PipelineEvent[]);
  await lookAt(b);
  expect((await loadLive(bot.engine.db, environmentId("shop", "preview")))[0]).toMatchObject({ revision: f, since: after(32) });
});

test("late and repeated deliveries do not move it back, and one of another sender's connection says nothing", async () => {
  const [d, e] = [revision("d"), revision("e")];
  await ingest(bot.engine, GITHUB, [deployed(e, "81", "live", 20), deployed(d, "80", "live", 18), deployed(d, "80", "inactive", 20)]);
  await ingest(bot.engine, GITHUB, [deployed(d, "80", "live", 18)]);
  expect((await ingest(bot.engine, { source: "github", connection: "other" }, [deployed(d, "99", "live", 40)])).accepted).toBe(false);
  expect((await loadLive(bot.engine.db, STAGING)).map((live) => live.revision)).toEqual([e]);
  const { rows } = await bot.engine.db.execute<{ count: string }>(
    `select count(*) from history where environment_id = '${STAGING}' and body ->> 'externalId' = '80'`,
  );
  expect(Number(rows[0]?.count)).toBe(2);
});

test("status, why and a wish to deploy say whose it is", async () => {
  const status = await asked({ kind: "status", app: "shop" });
  const staging = status.kind === "status" ? status.rows.find((row) => row.environment === "staging") : undefined;
  expect(staging).toMatchObject({
    live: { source: "ci", revision: "eeeeeee", url: "https://git.acme.test/deployments/81" },
    hosts: [],
  });
  const drawn = status.kind === "status" ? renderAnswer(status, { now: after(60) }).blocks : [];
  expect(JSON.stringify(drawn)).toContain("deployed <https://git.acme.test/deployments/81|by CI>");
  const why = (await asked({ kind: "why", app: "shop", environment: "staging" })) as WhyAnswer;
  expect(why.environments[0]?.stand).toMatchObject({ kind: "by_ci" });
  const refused = await asked({ kind: "deploy", app: "shop", environment: "staging", ref: revision("a") });
  expect(refused).toMatchObject({ kind: "refused", refusal: { title: "Not deployed: CI does that in staging." } });
});
