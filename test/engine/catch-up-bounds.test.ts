import { expect, test } from "vitest";
import { heardOfRun } from "../../src/db/asked-runs.ts";
import { runOf } from "../../src/db/runs.ts";
import { asSource } from "../../src/domain/companion.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import type { PushEvent } from "../../src/domain/pipeline.ts";
import { catchUp } from "../../src/engine/catch-up.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { openDesk } from "../support/engine-desk.ts";

const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    with: [{ repository: github:acme/theme, directory: theme, origin: "git@git.test:acme/theme.git", requires: [build] }]
    environments:
      production: { deploy: automatically, target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop, recipe: django } }
`;

function pushed(repository: string, letter: string): PushEvent {
  const author = { name: "Ann", login: "ann", email: "ann@acme.test", slackId: null };
  const at = new Date();
  const push = { kind: "push" as const, repository, ref: "refs/heads/main", before: null, after: shaOf(letter) };
  return { ...push, pusher: author, changes: [], compareUrl: null, at };
}

function shaOf(letter: string): Sha {
  const sha = parseSha(letter.repeat(40));
  if (sha === null) throw new Error(`${letter} makes no revision`);
  return sha;
}

test("a round stops when few of the account's requests are left, hears of an app's other repositories, and says of all that nobody answers", async () => {
  await using desk = await openDesk();
  const bot = await desk.open("one", { config: CONFIG });
  const open = [pushed("acme/shop", "a"), pushed("acme/shop", "b"), pushed("acme/theme", "c")];
  await ingest(bot.engine, { source: "github", connection: "default" }, open);
  const [app] = bot.engine.config.apps;
  const [theme] = app?.companions ?? [];
  if (app === undefined || theme === undefined) throw new Error("no companion");
  expect(await runOf(bot.engine.db, asSource(app, theme).name, shaOf("c"))).not.toBeNull();

  async function asked(left: number): Promise<readonly string[]> {
    const reread: string[] = [];
    const host: ReturnType<Engine["codeHost"]> = {
      ...bot.far.codeHost,
      left: () => left,
      reread: async (repository, run) => {
        reread.push(`${repository} ${run.revision.slice(0, 1)}`);
        return run;
      },
    };
    await catchUp({ ...bot.engine, codeHost: () => host });
    return reread;
  }
  expect((await asked(5000)).toSorted()).toEqual(["acme/shop a", "acme/shop b", "acme/theme c"]);
  // The answer to the first one says how many are left, so one is asked each round.
  expect(await asked(199)).toHaveLength(1);
  expect(await asked(200)).toHaveLength(3);

  // It does not answer: it is asked once, and that is known of every run that waits for its word.
  let calls = 0;
  const silent = { ...bot.far.codeHost, answers: () => false, reread: async () => ((calls += 1), null) };
  await catchUp({ ...bot.engine, codeHost: () => silent });
  expect(calls).toBe(1);
  for (const [source, letter] of [
    [app.name, "a"],
    [asSource(app, theme).name, "c"],
  ] as const) {
    const stored = await runOf(bot.engine.db, source, shaOf(letter));
    expect(stored === null ? null : await heardOfRun(bot.engine.db, stored.run.id)).toMatchObject({ asked: { answer: "no answer" } });
  }
});

test("what cannot be shown of one run keeps no other from being compared, and the same answer in other words is no news", async () => {
  await using desk = await openDesk();
  const bot = await desk.open("one", { config: CONFIG });
  await ingest(bot.engine, { source: "github", connection: "default" }, [
    pushed("acme/shop", "a"),
    pushed("acme/shop", "b"),
    pushed("acme/theme", "c"),
  ]);
  await desk.database.pool.query("update runs set updated_at = now() - interval '40 minutes'");
  const asked: string[] = [];
  const host: ReturnType<Engine["codeHost"]> = {
    ...bot.far.codeHost,
    async reread(_repository, run) {
      asked.push(run.revision.slice(0, 1));
      return run.revision.startsWith("b") ? null : inOtherOrder(run);
    },
  };
  await catchUp({ ...bot.engine, codeHost: () => host });
  expect(asked.toSorted()).toEqual(["a", "b", "c"]);
  const { rows } = await desk.database.pool.query(
    "select left(revision, 1) as revision, asked_answer as answer, updated_at > now() - interval '10 minutes' as changed from runs order by revision",
  );
  expect(rows).toEqual([
    { revision: "a", answer: "the same", changed: false },
    { revision: "b", answer: "no answer", changed: false },
    { revision: "c", answer: "the same", changed: false },
  ]);
});

/** As an answer is put together: no row has its fields in this order. */
function inOtherOrder<Whole extends object>(whole: Whole): Whole {
  return Object.fromEntries(Object.entries(whole).toReversed()) as Whole;
}
