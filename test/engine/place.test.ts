import { afterAll, beforeAll, expect, test } from "vitest";
import { openDeployments } from "../../src/db/deployments.ts";
import { newerRun, runOf } from "../../src/db/runs.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import type { PipelineEvent, PushEvent } from "../../src/domain/pipeline.ts";
import { consider } from "../../src/engine/consider.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";
import { PRODUCTION } from "../support/engine-world.ts";

const GITHUB = { source: "github", connection: "default" };
const AT = new Date("2026-03-02T09:00:00Z");

let desk: Desk;
let bot: Replica;
beforeAll(async () => {
  desk = await openDesk();
  bot = await desk.open("one");
});
afterAll(() => desk[Symbol.asyncDispose]());

function revision(digits: string): Sha {
  const parsed = parseSha(digits.repeat(20));
  if (parsed === null) throw new Error(`${digits} makes no revision`);
  return parsed;
}

function push(after: Sha, before: Sha): PushEvent {
  const pusher = { name: "Ann", email: null, login: "ann", slackId: null };
  return { kind: "push", repository: "acme/shop", ref: "refs/heads/main", before, after, changes: [], pusher, compareUrl: null, at: AT };
}

/** Its CI has passed. */
function passed(of: Sha): readonly PipelineEvent[] {
  const id = String(Number.parseInt(of.slice(0, 6), 16));
  const shared = { repository: "acme/shop", workflowRun: id, attempt: 1, branch: "main", revision: of, status: "passed" as const };
  const rest = { reopens: false, url: null, startedAt: AT, updatedAt: AT };
  const nature = { name: "CI", path: "ci.yml", trigger: "push", tag: false, ownRepository: true, parent: null };
  const job = { job: id, name: "unit", stage: null, workflowName: "CI", allowFailure: false, finishedAt: AT };
  return [
    { kind: "workflow", provider: "github", ...shared, ...rest, ...nature },
    { kind: "job", ...shared, ...rest, ...job },
  ];
}

/** Its events arrive now; what waits for a yes afterwards. */
async function waiting(engine: Engine, of: Sha, events: readonly PipelineEvent[]): Promise<readonly Sha[]> {
  await ingest(engine, GITHUB, events);
  const stored = await runOf(engine.db, "shop", of);
  if (stored === null) throw new Error("no run");
  await consider(engine, stored.run.id);
  return (await openDeployments(engine.db, PRODUCTION)).map((deployment) => deployment.revision);
}

test("of two commits the later one is offered, whichever the webhooks told of first, and whichever passed first", async () => {
  const [live, older, newer] = [revision("10"), revision("11"), revision("12")];
  const { engine } = bot;
  expect(await waiting(engine, newer, [push(newer, older), ...passed(newer)])).toEqual([newer]);
  expect(await waiting(engine, older, [push(older, live), ...passed(older)])).toEqual([newer]);
  const stored = await runOf(engine.db, "shop", newer);
  expect(stored === null ? "no run" : await newerRun(engine.db, "shop", "main", stored)).toBeNull();

  const [later, latest] = [revision("13"), revision("14")];
  await ingest(engine, GITHUB, [push(latest, later)]);
  expect(await waiting(engine, later, [push(later, newer), ...passed(later)])).toEqual([later]);
  expect(await waiting(engine, latest, passed(latest))).toEqual([latest]);
});

test("where no push says it, the code host does", async () => {
  const [older, newer] = [revision("21"), revision("22")];
  const contains = async (_repository: string, one: Sha, other: Sha) => one === newer && (other === older || other === revision("14"));
  const engine = { ...bot.engine, codeHost: () => ({ ...bot.far.codeHost, contains }) };
  expect(await waiting(engine, newer, passed(newer))).toEqual([newer]);
  expect(await waiting(engine, older, passed(older))).toEqual([newer]);
});
