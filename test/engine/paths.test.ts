import { afterAll, beforeAll, expect, test } from "vitest";
import { loadCandidates } from "../../src/db/snapshot.ts";
import { newerRun, runOf } from "../../src/db/runs.ts";
import { environmentId, parseSha, type Sha } from "../../src/domain/ids.ts";
import type { WhyAnswer } from "../../src/domain/answers.ts";
import { act } from "../../src/engine/act.ts";
import { consider } from "../../src/engine/consider.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { renderWhy } from "../../src/slack/render/why.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";

const target = "target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/APP, recipe: django }";
const app = (name: string, paths: string): string => `  ${name}:
    repository: github:acme/mono
    channel: "#mono"
    paths: [${paths}]
    environments:
      production: { deploy: automatically, ${target.replace("APP", name)} }
`;
const CONFIG = `apps:\n${app("shop", 'shop, "libs/**"')}${app("blog", "blog")}`;

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

/** A push as GitHub sends it. */
async function pushed(to: string, files: readonly string[], over: object = {}): Promise<void> {
  const author = { name: "Bob", email: "bob@acme.test", username: "bob" };
  const commit = { id: revision(to), message: `Change ${to}`, url: "https://git.test", author, added: [], modified: files, removed: [] };
  const body = {
    ref: "refs/heads/main",
    before: revision("0").replaceAll("0", "9"),
    after: revision(to),
    compare: "https://git.test/compare",
    repository: { id: 1, full_name: "acme/mono", pushed_at: 1_771_000_000 },
    pusher: { name: "bob", email: "bob@acme.test" },
    commits: [commit],
    ...over,
  };
  const read = normaliseGitHub("push", Buffer.from(JSON.stringify(body)));
  if (read.kind !== "events") throw new Error(JSON.stringify(read));
  await ingest(bot.engine, { source: "github", connection: "default" }, read.events);
  for (const name of ["shop", "blog"]) {
    const stored = await runOf(bot.engine.db, name, revision(to));
    if (stored !== null) await consider(bot.engine, stored.run.id);
  }
}

async function candidates(name: string): Promise<readonly string[]> {
  return (await loadCandidates(bot.engine.db, environmentId(name, "production"))).map((one) => one.revision.slice(0, 1));
}

async function cards(name: string): Promise<number> {
  const { rows } = await bot.engine.db.execute<{ count: string }>(`select count(*) from cards where app = '${name}'`);
  return Number(rows[0]?.count);
}

test("a push makes cards and candidates of the apps whose part of the repository it touches", async () => {
  await pushed("a", ["shop/models.py"]);
  expect([await candidates("shop"), await candidates("blog")]).toEqual([["a"], []]);
  expect([await cards("shop"), await cards("blog")]).toEqual([1, 0]);
  await pushed("b", ["blog/index.html", "README.md"]);
  const a = await runOf(bot.engine.db, "shop", revision("a"));
  expect(a === null ? "no run" : await newerRun(bot.engine.db, "shop", "main", a)).toBeNull();
  await pushed("c", ["libs/pay/card.py", "blog/pay.html"]);
  expect([await candidates("shop"), await candidates("blog")]).toEqual([
    ["c", "a"],
    ["c", "b"],
  ]);
});

test("what nobody can tell concerns everybody", async () => {
  await pushed("d", ["docs/x.md"], { forced: true });
  expect([(await candidates("shop"))[0], (await candidates("blog"))[0]]).toEqual(["d", "d"]);
});

test("why says what later pushes have to do with it", async () => {
  await pushed("e", ["blog/a.html"]);
  await pushed("f", ["blog/b.html"]);
  const by = { actor: { kind: "cli" as const, user: "root" }, person: null, ours: true };
  const why = (await act(bot.engine, { kind: "why", app: "shop", environment: null }, by, async () => undefined)) as WhyAnswer;
  expect(why).toMatchObject({ newest: { revision: revision("d") }, elsewhere: 2 });
  expect(renderWhy(why).text).toContain("2 later pushes touch nothing of its paths");
});
