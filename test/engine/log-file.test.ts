import { expect, test } from "vitest";
import { deploymentById } from "../../src/db/deployments.ts";
import { forgetOld } from "../../src/db/restore.ts";
import { beginStep, endStep, recordOutput, stepsOf } from "../../src/db/steps.ts";
import type { PlanStep } from "../../src/domain/plan.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import { parseSha } from "../../src/domain/ids.ts";
import { act } from "../../src/engine/act.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { logFile, wholeLog } from "../../src/engine/log-file.ts";
import { openLiveTail, tellLog } from "../../src/engine/tell-log.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { request } from "../support/engine-world.ts";

const NOTHING = Buffer.alloc(0);

/** A deployment whose first step has printed something and runs. */
async function running(desk: Desk, config?: string): Promise<{ engine: Engine; deployment: Deployment; step: PlanStep }> {
  const { engine } = await desk.open("one", config === undefined ? {} : { config });
  const revision = parseSha("a".repeat(40));
  if (revision === null) throw new Error("no revision");
  const deployment = await deploymentById(engine.db, await request(engine, revision));
  const step = deployment?.plan.steps.find((one) => one.name === "migrate");
  if (deployment === null || step === undefined) throw new Error("no plan with migrate");
  await engine.db.transaction((tx) => beginStep(tx, deployment.id, step, 1, new Date(Date.now() - 60_000)));
  const key = { deployment: deployment.id, step: step.id, host: step.host, attempt: 1 };
  await recordOutput(engine.db, key, { offset: 30, dropped: 0, head: Buffer.from("Applying shop.0002... OK\n"), tail: NOTHING });
  return { engine, deployment, step };
}

async function replies(desk: Desk): Promise<readonly { text: string; preformatted: string | null; logButton?: boolean }[]> {
  const { rows } = await desk.database.pool.query("select body from replies where body ->> 'kind' = 'log' order by \"order\"");
  return rows.map((row) => row.body);
}

test("a running step has one message in the thread, which says at the end how it went", async () => {
  await using desk = await openDesk();
  const { engine, deployment, step } = await running(desk);
  const live = openLiveTail(engine, deployment, { step, attempt: 1, startedAt: new Date(Date.now() - 60_000) });
  const stored = { offset: 30, dropped: 0, head: Buffer.from("Applying shop.0002...\n"), tail: NOTHING };
  await engine.db.transaction((tx) => live(tx, stored));
  await engine.db.transaction((tx) => live(tx, stored));
  expect(await replies(desk)).toMatchObject([{ text: `${step.host}, migrate: running for 60 s`, preformatted: "Applying shop.0002..." }]);
  await engine.db.transaction((tx) =>
    tellLog(engine, tx, deployment, { step, attempt: 1, failed: true, note: "ended with exit code 1", at: new Date() }),
  );
  expect(await replies(desk)).toMatchObject([
    { text: `${step.host}, migrate: ended with exit code 1`, preformatted: "Applying shop.0002... OK", logButton: true },
  ]);
});

test("under privacy strict nothing of a log is said, only where to read it, and no file is given", async () => {
  await using desk = await openDesk();
  const { engine, deployment, step } = await running(
    desk,
    desk.settings.config.replace('    channel: "#shop-deploys"', '    channel: "#shop-deploys"\n    privacy: strict'),
  );
  const live = openLiveTail(engine, deployment, { step, attempt: 1, startedAt: new Date(0) });
  await engine.db.transaction((tx) => live(tx, { offset: 30, dropped: 0, head: Buffer.from("a name\n"), tail: NOTHING }));
  expect(await replies(desk)).toEqual([]);
  await engine.db.transaction((tx) =>
    tellLog(engine, tx, deployment, { step, attempt: 1, failed: true, note: "ended with exit code 1", at: new Date() }),
  );
  const [only] = await replies(desk);
  expect(only).toMatchObject({ preformatted: null });
  expect(only?.text).toContain("greenlight logs shop/production#1");
  expect(only).not.toHaveProperty("logButton");
  const pressed = { deployment: deployment.id, counter: 1, digest: "0123456789abcdef" };
  const asked = await act(
    engine,
    { kind: "log_file", ...pressed },
    { actor: { kind: "cli", user: "root" }, person: null, ours: true },
    async () => undefined,
  );
  expect(asked).toMatchObject({ kind: "refused", refusal: { title: "No log in Slack: shop has privacy: strict." } });
});

test("the whole log says of each step how it went, and what of its output is missing", async () => {
  await using desk = await openDesk();
  const { engine, deployment, step } = await running(desk);
  const key = { deployment: deployment.id, step: step.id, host: step.host, attempt: 1 };
  await recordOutput(engine.db, key, {
    offset: 2_000_000,
    dropped: 1_234_567,
    head: Buffer.from("first\n"),
    tail: Buffer.from("last\r\n"),
  });
  await endStep(engine.db, key, { status: "failed", exitCode: 3, note: "ended with exit code 3", at: new Date() });
  const file = await logFile(engine, deployment.id);
  expect(file).toMatchObject({ name: "shop-production-1.log", steps: 1 });
  expect(file?.text).toMatch(/^shop\/production#1, version aaaaaaa\n\n==> web-1\S* migrate\S*: failed, exit code 3/u);
  expect(file?.text).toContain("first\n[1,234,567 bytes of output are left out here]\nlast\n");
  expect((await logFile(engine, deployment.id, { step: "restart", host: null }))?.steps).toBe(0);
  expect((await logFile(engine, deployment.id, { step: "migrate", host: step.host }))?.steps).toBe(1);
});

test("after 30 days output is deleted, and said to be", async () => {
  await using desk = await openDesk();
  const { engine, deployment, step } = await running(desk);
  const key = { deployment: deployment.id, step: step.id, host: step.host, attempt: 1 };
  await endStep(engine.db, key, { status: "done", exitCode: 0, note: null, at: new Date() });
  await engine.db.transaction((tx) => tellLog(engine, tx, deployment, { step, attempt: 1, failed: false, note: null, at: new Date() }));
  await forgetOld(engine.db);
  expect(wholeLog((await stepsOf(engine.db, deployment.id))[0] ?? { head: NOTHING, tail: NOTHING, dropped: 0, offset: 0 })).toContain(
    "Applying",
  );
  await desk.database.pool.query("update steps set finished_at = now() - interval '31 days'");
  await desk.database.pool.query("update replies set at = now() - interval '31 days'");
  await forgetOld(engine.db);
  expect(wholeLog((await stepsOf(engine.db, deployment.id))[0] ?? { head: NOTHING, tail: NOTHING, dropped: 0, offset: 0 })).toContain(
    "not kept any more",
  );
  expect(await replies(desk)).toMatchObject([{ preformatted: null }]);
});
