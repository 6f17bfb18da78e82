import { expect, test } from "vitest";
import { openDeployments } from "../../src/db/deployments.ts";
import { runOf } from "../../src/db/runs.ts";
import { companionFacts, loadSnapshot } from "../../src/db/snapshot.ts";
import { asSource, liveSet } from "../../src/domain/companion.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import type { PushEvent } from "../../src/domain/pipeline.ts";
import { SILENT_HOST } from "../../src/domain/silent-host.ts";
import { catchUp } from "../../src/engine/catch-up.ts";
import { chosenSet } from "../../src/engine/chosen-set.ts";
import { consider } from "../../src/engine/consider.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { lackingOf } from "../../src/engine/live-content.ts";
import { prepare } from "../../src/engine/prepare.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { vouch } from "../../src/engine/vouch.ts";
import { openDesk } from "../support/engine-desk.ts";

const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    with: [{ repository: github:acme/theme, directory: theme, origin: "git@git.test:acme/theme.git" }]
    environments:
      production: { deploy: automatically, target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop, recipe: django } }
`;

function shaOf(letter: string): Sha {
  const sha = parseSha(letter.repeat(40));
  if (sha === null) throw new Error(`${letter} makes no revision`);
  return sha;
}

function pushed(repository: string, letter: string): PushEvent {
  const author = { name: "Ann", login: "ann", email: "ann@acme.test", slackId: null };
  const push = { kind: "push" as const, repository, ref: "refs/heads/main", before: null, after: shaOf(letter) };
  return { ...push, pusher: author, changes: [], compareUrl: null, at: new Date() };
}

/** Later letters contain earlier ones. */
const HISTORY = { contains: async (_repository: string, revision: Sha, ancestor: Sha) => ancestor <= revision };

/** The engine of a desk, and what there is to see of the theme. */
async function openShop(desk: Awaited<ReturnType<typeof openDesk>>) {
  const bot = await desk.open("one", { config: CONFIG });
  const [app] = bot.engine.config.apps;
  const [environment] = app?.environments ?? [];
  const [theme] = app?.companions ?? [];
  if (app === undefined || environment === undefined || theme === undefined) throw new Error("no companion");
  const { db } = bot.engine;
  const before = (over: Partial<ReturnType<Engine["codeHost"]>>): Engine => ({
    ...bot.engine,
    codeHost: () => ({ ...SILENT_HOST, ...over }),
  });
  return {
    app,
    environment,
    before,
    hears: (...letters: readonly string[]) =>
      ingest(
        bot.engine,
        { source: "github", connection: "default" },
        letters.map((letter) => pushed("acme/theme", letter)),
      ),
    runOf: (letter: string) => runOf(db, asSource(app, theme).name, shaOf(letter)),
    async takes(letter: string, over: Partial<ReturnType<Engine["codeHost"]>> = HISTORY): Promise<void> {
      const stored = await runOf(db, asSource(app, theme).name, shaOf(letter));
      if (stored === null) throw new Error(`no run of ${letter}`);
      await consider(before(over), stored.run.id);
    },
    async passed(): Promise<readonly string[]> {
      const { passed } = await companionFacts(db, environment);
      return (passed ?? []).map(({ revision, lost }) => `${revision.slice(0, 1)}${lost === true ? " lost" : ""}`);
    },
  };
}

test("newer is what contains the other, in whatever order they are heard of and pass", async () => {
  await using desk = await openDesk();
  const shop = await openShop(desk);
  await shop.hears("c");
  await shop.hears("a");
  await shop.hears("b");
  await shop.takes("b");
  expect(await shop.passed()).toEqual(["b"]);
  await shop.takes("a");
  expect(await shop.passed()).toEqual(["b"]);
  await shop.takes("c");
  expect(await shop.passed()).toEqual(["c"]);
  // Nobody can be asked: as they came.
  await shop.hears("d");
  await shop.takes("d", {});
  expect(await shop.passed()).toEqual(["d"]);
});

test("one that the code host does not vouch for any more stays the newest, is waited for, and counts again once it is proven", async () => {
  await using desk = await openDesk();
  const shop = await openShop(desk);
  await shop.hears("a");
  await shop.hears("b");
  await shop.takes("a");
  await shop.takes("b");
  const { db } = shop.before({});
  await ingest(shop.before({}), { source: "github", connection: "default" }, [pushed("acme/shop", "e")]);
  const stored = await runOf(db, "shop", shaOf("e"));
  if (stored === null) throw new Error("no run of the app");
  const gone = { reachable: async (repository: string) => repository !== "acme/theme" };
  const vouched = async (over: Partial<ReturnType<Engine["codeHost"]>>) =>
    vouch(shop.before(over), shop.app, shop.environment, stored, await chosenSet(shop.before(over), shop.environment, shaOf("e")));
  expect(await vouched(gone)).toBe("acme/theme bbbbbbb: bbbbbbb is not on main");
  expect(await shop.passed()).toEqual(["b lost"]);
  expect(await vouched({})).toBe("acme/theme bbbbbbb has to pass on main once more, or a newer one.");
  await shop.takes("b");
  expect(await shop.passed()).toEqual(["b"]);

  // So it is where a deployment has it already.
  await consider(shop.before({}), stored.run.id);
  const waiting = async () => (await openDeployments(db, shop.environment.id)).map(({ state }) => state);
  expect(await waiting()).toMatchObject([{ state: "queued" }]);
  await recheck(shop.before(gone), shop.environment.id);
  const text = "acme/theme bbbbbbb has to pass on main once more, or a newer one.";
  expect(await waiting()).toMatchObject([{ state: "queued", blockers: [{ text }] }]);
  await shop.takes("b");
  await recheck(shop.before({}), shop.environment.id);
  expect(await waiting()).toMatchObject([{ state: "executing" }]);
});

test("what is live is known with its companions, however much was turned down after it", async () => {
  await using desk = await openDesk();
  const shop = await openShop(desk);
  await shop.hears("a");
  await shop.takes("a");
  const engine = shop.before({});
  await ingest(engine, { source: "github", connection: "default" }, [pushed("acme/shop", "e")]);
  const stored = await runOf(engine.db, "shop", shaOf("e"));
  if (stored === null) throw new Error("no run of the app");
  await consider(engine, stored.run.id);
  const { pool } = desk.database;
  await pool.query(`update deployments set state = 'cancelled', state_body = state_body || '{"state": "cancelled"}'`);
  await pool.query(`insert into live (environment_id, host, revision, since, deployment_id, source)
    select environment_id, 'web-1.acme.test', revision, now(), id, 'ours' from deployments`);
  await pool.query(`insert into deployments select (jsonb_populate_record(one, jsonb_build_object('id', gen_random_uuid(), 'number', n))).*
    from deployments one, generate_series(2, 60) n`);
  const snapshot = await loadSnapshot(engine.db, shop.environment, engine.config);
  expect(snapshot.past).toHaveLength(51);
  expect(liveSet(snapshot)?.map(({ revision }) => revision)).toEqual([shaOf("a")]);

  // What the next one lacks of it is taken away, though the app's own revision is the same.
  await shop.hears("b");
  await shop.takes("b", {});
  const none = { changes: [], complete: true, compareUrl: null, authors: [] };
  const diverged = shop.before({ compare: async (repository) => ({ ...none, behind: repository === "acme/theme" ? 2 : 0 }) });
  expect((await prepare(diverged, shop.app, shop.environment, shaOf("e"), stored)).changes.behind).toBe(2);
  const companions = [{ repository: "acme/theme", directory: "theme", origin: "", revision: shaOf("b") }];
  expect(await lackingOf(diverged, shop.app, shop.environment, { revision: shaOf("e"), set: companions })).toEqual({ behind: 2 });
});

test("the head of a companion of which nothing was ever heard is read, and taken only from its branch", async () => {
  await using desk = await openDesk();
  const shop = await openShop(desk);
  const head = { resolve: async (repository: string) => (repository === "acme/theme" ? shaOf("a") : null) };
  await catchUp(shop.before(head));
  expect(await shop.runOf("a")).toBeNull();
  await catchUp(shop.before({ ...head, reread: async (_repository, run) => run }));
  expect(await shop.runOf("a")).not.toBeNull();
  const jobs = await shop.before({}).db.execute<{ name: string }>(`select name from pgboss.job where name = 'consider'`);
  expect(jobs.rows).toHaveLength(1);
  for (const reachable of [null, false]) {
    await shop.takes("a", { reachable: async () => reachable });
    expect(await shop.passed()).toEqual([]);
  }
  await shop.takes("a", { reachable: async () => true });
  expect(await shop.passed()).toEqual(["a"]);
});
