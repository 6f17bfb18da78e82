import { afterAll, beforeAll, expect, test } from "vitest";
import { openDeployments } from "../../src/db/deployments.ts";
import { runOf } from "../../src/db/runs.ts";
import { environmentId, parseSha, type Sha } from "../../src/domain/ids.ts";
import type { PipelineEvent, Run, StageStatus } from "../../src/domain/pipeline.ts";
import { reduce } from "../../src/domain/pipeline/reduce.ts";
import { SILENT_HOST } from "../../src/domain/silent-host.ts";
import { apply } from "../../src/engine/apply.ts";
import { consider } from "../../src/engine/consider.ts";
import { environmentOf, type Engine } from "../../src/engine/engine.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { whatGoesOn } from "../../src/engine/vouch.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { standingOf } from "../support/engine-world.ts";

const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    environments:
ENVIRONMENTS`;
const GITHUB = { source: "github", connection: "default" };
const AT = new Date("2026-03-02T09:00:00Z");
const NAMES = ["again", "red", "alone", "frozen"];

/** An environment for each story, each of which takes what passed by itself. */
let desk: Desk;
let engine: Engine;
beforeAll(async () => {
  desk = await openDesk();
  const lines = NAMES.map((name) => {
    const target = `{ type: ssh, hosts: [deploy@${name}.acme.test], directory: /srv/shop, recipe: django }`;
    return `      ${name}: { requires: [unit], deploy: automatically, target: ${target} }`;
  });
  engine = (await desk.open("one", { config: CONFIG.replace("ENVIRONMENTS", `${lines.join("\n")}\n`) })).engine;
});
afterAll(() => desk[Symbol.asyncDispose]());

function revision(name: string): Sha {
  const parsed = parseSha(NAMES.indexOf(name).toString().repeat(40));
  if (parsed === null) throw new Error(`${name} makes no revision`);
  return parsed;
}

function ci(name: string, attempt: number, status: StageStatus): readonly PipelineEvent[] {
  const shared = {
    repository: "acme/shop",
    workflowRun: `7${NAMES.indexOf(name)}`,
    attempt,
    branch: "main",
    revision: revision(name),
    status,
  };
  const rest = { reopens: false, url: null, startedAt: AT, updatedAt: AT };
  const nature = { name: "CI", path: "ci.yml", trigger: "push", tag: false, ownRepository: true, parent: null };
  const job = { job: `${attempt}`, name: "unit", stage: null, workflowName: "CI", allowFailure: false, finishedAt: AT };
  return [
    { kind: "workflow", provider: "github", ...shared, ...rest, ...nature },
    { kind: "job", ...shared, ...rest, ...job },
  ];
}

/** Its first attempt has passed, so that it waits in its environment; nothing has asked whether it may start. */
async function queued(name: string): Promise<void> {
  await ingest(engine, GITHUB, ci(name, 1, "passed"));
  const stored = await runOf(engine.db, "shop", revision(name));
  if (stored !== null) await consider({ ...engine, codeHost: () => SILENT_HOST }, stored.run.id);
  expect(await stateIn(name)).toMatchObject([{ state: "queued" }]);
}

async function stateIn(name: string): Promise<readonly unknown[]> {
  const open = await openDeployments(engine.db, environmentId("shop", name));
  return open.filter((deployment) => deployment.revision === revision(name)).map(({ state }) => state);
}

/** The code host shows what these events say, and counts how often it was asked. */
function showing(events: readonly PipelineEvent[]) {
  const asked: string[] = [];
  const host = {
    ...SILENT_HOST,
    async reread(_repository: string, run: Run) {
      asked.push(run.revision);
      return events.reduce(reduce, run);
    },
  };
  return { asked, engine: { ...engine, codeHost: () => host } };
}

test("what CI does once more is waited for, and starts when it has passed again", async () => {
  await queued("again");
  const place = environmentId("shop", "again");
  await recheck(showing(ci("again", 2, "running")).engine, place);
  expect(await stateIn("again")).toMatchObject([
    { state: "queued", blockers: [{ rule: "requirements", text: "Stage unit is running.", owner: "CI" }] },
  ]);
  await recheck(showing(ci("again", 2, "passed")).engine, place);
  expect(await stateIn("again")).toMatchObject([{ state: "executing" }]);
});

test("what fails when CI does it once more is not deployed, as the code host says or, where none can be asked, GitHub's webhooks", async () => {
  await queued("red");
  await recheck(showing(ci("red", 2, "failed")).engine, environmentId("shop", "red"));
  expect(await stateIn("red")).toEqual([]);

  await queued("alone");
  await ingest(engine, GITHUB, ci("alone", 2, "failed"));
  await recheck({ ...engine, codeHost: () => SILENT_HOST }, environmentId("shop", "alone"));
  expect(await stateIn("alone")).toEqual([]);
});

test("while something else holds it the code host is asked once in ten minutes, and again before it starts", async () => {
  await queued("frozen");
  const place = environmentId("shop", "frozen");
  const standing = standingOf("UPETRA");
  const until = new Date(engine.clock().getTime() + 3_600_000);
  expect(await apply(engine, place, { kind: "freeze", standing, reason: "stocktaking", until })).toMatchObject({ ok: true });
  const host = showing(ci("frozen", 1, "passed"));
  for (let half = 0; half < 5; half += 1) await recheck(host.engine, place);
  expect(await stateIn("frozen")).toMatchObject([{ state: "queued", blockers: [{ rule: "freeze" }] }]);
  expect(host.asked).toHaveLength(1);
  const later = { ...host.engine, clock: () => new Date(engine.clock().getTime() + 11 * 60_000) };
  for (let half = 0; half < 5; half += 1) await recheck(later, place);
  expect(host.asked).toHaveLength(2);
  expect(await apply(engine, place, { kind: "unfreeze", standing })).toMatchObject({ ok: true });
  await recheck(host.engine, place);
  expect(host.asked).toHaveLength(3);
  expect(await stateIn("frozen")).toMatchObject([{ state: "executing" }]);
});

test("a companion that CI does once more is waited for too, and what has failed is not", async () => {
  const config = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    with: [{ repository: github:acme/theme, directory: theme, origin: "git@git.test:acme/theme.git", requires: [unit] }]
    environments:
      themed: { deploy: automatically, target: { type: ssh, hosts: [deploy@themed.acme.test], directory: /srv/shop, recipe: django } }
`;
  const themed = (await desk.open("themed", { config })).engine;
  const place = environmentOf(themed, environmentId("shop", "themed"));
  if (place === null) throw new Error("no environment");
  const { app, environment } = place;
  const own = revision("again");
  const theme = revision("red");
  const chosen = {
    kind: "set" as const,
    set: [{ repository: "acme/theme", directory: "theme", origin: "git@git.test:acme/theme.git", revision: theme }],
  };
  await ingest(themed, GITHUB, ci("again", 1, "passed"));
  async function after(attempt: number, status: StageStatus): Promise<string | null> {
    const told = ci("red", attempt, status).map((event) => ({ ...event, repository: "acme/theme" }));
    await ingest(themed, GITHUB, told);
    return whatGoesOn(themed, app, environment, { revision: own, chosen });
  }
  expect(await after(1, "passed")).toBeNull();
  expect(await after(2, "running")).toBe("acme/theme 1111111: Stage unit is running.");
  expect(await after(2, "failed")).toBeNull();
});
