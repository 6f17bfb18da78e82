import { afterAll, beforeAll, expect, test } from "vitest";
import { runOf } from "../../src/db/runs.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import type { PipelineEvent } from "../../src/domain/pipeline.ts";
import { act } from "../../src/engine/act.ts";
import { consider } from "../../src/engine/consider.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { jobBody, pushBody, runBody } from "../github/bodies.ts";
import { attackWords } from "../support/attack-words.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";

const GITHUB = { source: "github", connection: "default" };

let desk: Desk;
let bot: Replica;
beforeAll(async () => {
  desk = await openDesk();
  bot = await desk.open("one");
});
afterAll(() => desk[Symbol.asyncDispose]());

const ATTACKS = ["$(touch PWNED)", "`touch PWNED`", "'; touch PWNED; '", "--upload-pack=touch PWNED", `x PWNED ${"a".repeat(10_000)}`];

/** What webhooks would tell of a green run in which everything that a stranger may name is called `word`. */
function green(revision: Sha, word: string): readonly PipelineEvent[] {
  const author = { name: word, email: `${word}@acme.test`, username: null };
  const push = pushBody({
    after: revision,
    commits: [{ id: revision, message: word, url: null, author }],
    pusher: { name: word, email: word },
  });
  const run = runBody({ head_sha: revision, name: word, path: word });
  const jobs = ["unit", word].map((name, index) => jobBody({ id: 1 + index, name, head_sha: revision, workflow_name: word }));
  const bodies = [["push", push], ["workflow_run", run], ...jobs.map((job) => ["workflow_job", job] as const)] as const;
  return bodies.flatMap(([event, body]) => {
    const told = normaliseGitHub(event, Buffer.from(JSON.stringify(body)));
    return told.kind === "events" ? told.events : [];
  });
}

async function plansOf(revision: Sha): Promise<readonly string[]> {
  const { rows } = await desk.database.pool.query<{ plan: unknown }>("select plan from deployments where revision = $1", [revision]);
  return rows.map(({ plan }) => JSON.stringify(plan));
}

test.each(ATTACKS.map((word, index) => ({ word, revision: parseSha(`${index + 1}`.repeat(40)) })))(
  "nothing of what CI and commits are called reaches a plan: %#",
  async ({ word, revision }) => {
    if (revision === null) throw new Error("no revision");
    await ingest(bot.engine, GITHUB, green(revision, word));
    const stored = await runOf(bot.engine.db, "shop", revision);
    if (stored === null) throw new Error("no run was stored");
    await consider(bot.engine, stored.run.id);
    const plans = await plansOf(revision);
    expect(plans).toHaveLength(1);
    expect(plans[0]).toContain(revision);
    expect(plans[0]).not.toContain("PWNED");
  },
);

test("a ref that a person names is answered, and makes no plan unless it is a commit that ran", async () => {
  const before = (await desk.database.pool.query("select id from deployments")).rowCount;
  const actor = { kind: "cli", user: "ann" } as const;
  for (const ref of attackWords(61, 60)) {
    const intent = { kind: "deploy", app: "shop", environment: "production", ref } as const;
    const answer = await act(bot.engine, intent, { actor, person: null, ours: true }, async () => undefined);
    if (answer.kind !== "refused") throw new Error(`${JSON.stringify(ref)} was answered with ${JSON.stringify(answer)}`);
    expect(answer.refusal.title).toMatch(/^Not deployed: .+\.$/su);
  }
  for (const place of [
    { app: "$(touch PWNED)", environment: "production" },
    { app: "shop", environment: "../staging" },
  ]) {
    const answer = await act(
      bot.engine,
      { kind: "deploy", ...place, ref: null },
      { actor, person: null, ours: true },
      async () => undefined,
    );
    expect(answer).toMatchObject({ kind: "refused", refusal: { title: expect.stringContaining("has no environment") } });
  }
  expect((await desk.database.pool.query("select id from deployments")).rowCount).toBe(before);
  expect(bot.faults).toEqual([]);
});
