import { afterAll, beforeAll, expect, test } from "vitest";
import { normalise } from "../../src/app/fronts.ts";
import { openDeployments } from "../../src/db/deployments.ts";
import { runOf } from "../../src/db/runs.ts";
import { environmentId, parseSha, type Sha } from "../../src/domain/ids.ts";
import { testsOf } from "../../src/domain/pipeline/tests.ts";
import { consider } from "../../src/engine/consider.ts";
import { createInbox, readDeliveries } from "../../src/engine/deliveries.ts";
import { withoutCodeHost } from "../../src/generic-ci/code-host.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";
import { wholeMessage } from "./message.ts";

const PRODUCTION = environmentId("shop", "production");

let desk: Desk;
let bot: Replica;
let engine: Replica["engine"];
beforeAll(async () => {
  desk = await openDesk();
  bot = await desk.open("one", { config: desk.settings.config.replace("github:acme/shop", "ci:shop") });
  engine = { ...bot.engine, codeHost: () => withoutCodeHost() };
});
afterAll(() => desk[Symbol.asyncDispose]());

function sha(letter: string): Sha {
  const revision = parseSha(letter.repeat(40));
  if (revision === null) throw new Error("no revision");
  return revision;
}

let sent = 0;

/** One message through the inbox and the reader; then the run is considered, as the job does. */
async function say(
  message: unknown,
  sender: { readonly source: string; readonly connection: string } = { source: "ci", connection: "default" },
) {
  sent += 1;
  const body = Buffer.from(JSON.stringify(message));
  await createInbox(engine).take({ ...sender, id: `${sent}`, event: "build", headers: {}, body, result: null, reason: null });
  await readDeliveries(engine, normalise);
}

async function look(revision: Sha) {
  const stored = await runOf(engine.db, "shop", revision);
  if (stored === null) return null;
  await consider(engine, stored.run.id);
  return stored.run;
}

function told(revision: Sha, at: string, unit: string, build = "running", over: Readonly<Record<string, unknown>> = {}) {
  const whole = wholeMessage();
  return {
    ...whole,
    at,
    build: { ...whole.build, sha: revision, status: build, ...over },
    stages: [{ name: "unit", status: unit }],
  };
}

async function asked(revision: Sha): Promise<boolean> {
  return (await openDeployments(engine.db, PRODUCTION)).some((deployment) => deployment.revision === revision);
}

test("what a CI says of a commit makes it a candidate once all that is required has passed", async () => {
  const revision = sha("1");
  await say(told(revision, "2026-03-02T09:12:00Z", "running"));
  await look(revision);
  expect(await asked(revision)).toBe(false);
  await say(told(revision, "2026-03-02T09:13:00Z", "success", "success"));
  // A message that was held up on its way changes nothing.
  await say(told(revision, "2026-03-02T09:11:00Z", "failed", "failed"));
  const run = await look(revision);
  expect(run?.workflows).toMatchObject([{ provider: "ci", status: "passed", jobs: [{ name: "unit", status: "passed" }] }]);
  expect(run === null ? null : testsOf(run)).toMatchObject({ total: 412, failed: 1 });
  expect(await asked(revision)).toBe(true);
  const [deployment] = (await openDeployments(engine.db, PRODUCTION)).filter((one) => one.revision === revision);
  // Nothing is claimed of what came before: only the commit itself is known, and its author may not be the one who says yes.
  expect(deployment?.changes).toMatchObject({ complete: false, changes: [{ title: "Add a cart", author: { email: "ann@acme.test" } }] });
});

test("a secret speaks for its own repository: another connection, another kind and a pull request make no candidate", async () => {
  const green = (letter: string, over = {}) => told(sha(letter), "2026-03-02T09:13:00Z", "success", "success", over);
  await say(green("2"), { source: "ci", connection: "other" });
  await say({ ...green("3"), project: "acme/shop" });
  expect([await look(sha("2")), await look(sha("3"))]).toEqual([null, null]);
  await say({ ...green("4"), pull_request: { number: 3 } });
  await say(green("5", { branch: "feature" }));
  await say(green("6", { event: "tag" }));
  for (const letter of ["4", "5", "6"]) {
    await look(sha(letter));
    expect([letter, await asked(sha(letter))]).toEqual([letter, false]);
  }
  const { rows } = await desk.database.pool.query<{ revision: string }>("select r.revision from cards c join runs r on r.id = c.run_id");
  expect(rows.map(({ revision }) => revision)).toEqual([sha("1")]);
  expect(bot.faults).toEqual([]);
});
