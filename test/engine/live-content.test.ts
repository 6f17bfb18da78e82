import { afterAll, beforeAll, expect, test } from "vitest";
import { deploymentById, openDeployments } from "../../src/db/deployments.ts";
import { runOf } from "../../src/db/runs.ts";
import type { ChangeSet } from "../../src/domain/deployment.ts";
import { parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import type { PushEvent } from "../../src/domain/pipeline.ts";
import { act } from "../../src/engine/act.ts";
import { apply } from "../../src/engine/apply.ts";
import { consider } from "../../src/engine/consider.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";
import type { Replica } from "../support/engine-replica.ts";
import { PRODUCTION } from "../support/engine-world.ts";

const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      production:
        deploy: automatically
        target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop, recipe: django }
`;
const BOB = { name: "Bob", email: null, login: "bob", slackId: null };

let desk: Desk;
let bot: Replica;
let engine: Engine;
/** What the code host says of a pair, as `live revision`. */
const graph = new Map<string, ChangeSet>();
const asked: string[] = [];
async function compare(_repository: string, base: Sha | null, head: Sha): Promise<ChangeSet> {
  const pair = `${base?.slice(0, 1)} ${head.slice(0, 1)}`;
  asked.push(pair);
  return graph.get(pair) ?? NO_CHANGES;
}

beforeAll(async () => {
  desk = await openDesk();
  bot = await desk.open("one", { config: CONFIG });
  engine = { ...bot.engine, codeHost: () => ({ ...bot.far.codeHost, compare, reachable: async () => true }) };
});
afterAll(() => desk[Symbol.asyncDispose]());

function revision(letter: string): Sha {
  const parsed = parseSha(letter.repeat(40));
  if (parsed === null) throw new Error(`${letter} makes no revision`);
  return parsed;
}

function commit(of: Sha, title: string): ChangeSet["changes"][number] {
  return { revision: of, title, author: BOB, url: null, pullRequest: null };
}

async function pushed(to: Sha, over: Partial<PushEvent> = {}): Promise<void> {
  const event: PushEvent = {
    kind: "push",
    repository: "acme/shop",
    ref: "refs/heads/main",
    before: null,
    after: to,
    changes: [],
    pusher: BOB,
    compareUrl: null,
    at: engine.clock(),
    ...over,
  };
  await ingest(engine, { source: "github", connection: "default" }, [event]);
  const stored = await runOf(engine.db, "shop", to);
  if (stored !== null) await consider(engine, stored.run.id);
}

test("what was offered before a hotfix went live waits, names it, and starts once that is not live any more", async () => {
  const [a, b, fix] = [revision("a"), revision("b"), revision("f")];
  await apply(engine, PRODUCTION, { kind: "found_live", hosts: [{ host: "web-1.acme.test", revision: a }] });
  await pushed(b);
  const [waiting] = await openDeployments(engine.db, PRODUCTION);
  expect(waiting).toMatchObject({ revision: b, state: { state: "queued" }, changes: { behind: 0 } });
  // Somebody brought a fix there from a branch of its own.
  graph.set("f b", { ...NO_CHANGES, changes: [commit(b, "Pay by card")], behind: 1 });
  graph.set("b f", { ...NO_CHANGES, changes: [commit(fix, "Close the hole")], behind: 1 });
  await engine.db.execute(`update live set revision = '${fix}'`);
  await recheck(engine, PRODUCTION);
  await recheck(engine, PRODUCTION);
  const held = await deploymentById(engine.db, waiting?.id ?? ("" as DeploymentId));
  expect(held).toMatchObject({
    changes: { behind: 1, lacks: [{ title: "Close the hole" }] },
    state: { state: "queued", blockers: [{ rule: "live_content", text: "It lacks 1 commit that is live: fffffff Close the hole (Bob)." }] },
  });
  // The same pair is not asked for twice.
  expect(asked.filter((pair) => pair === "f b")).toHaveLength(1);
  await engine.db.execute(`update live set revision = '${a}'`);
  await recheck(engine, PRODUCTION);
  expect(await deploymentById(engine.db, waiting?.id ?? ("" as DeploymentId))).toMatchObject({ state: { state: "executing" } });
});

test("who asks for what lacks it is refused, and why says the same", async () => {
  const [c, fix] = [revision("c"), revision("f")];
  graph.set("f c", { ...NO_CHANGES, behind: 1 });
  graph.set("c f", { ...NO_CHANGES, changes: [commit(fix, "Close the hole")] });
  await engine.db.execute(`update live set revision = '${fix}'`);
  await pushed(c);
  const by = { actor: { kind: "cli" as const, user: "root" }, person: null, ours: true, override: "it must go" };
  const answer = await act(engine, { kind: "deploy", app: "shop", environment: "production", ref: c }, by, async () => undefined);
  expect(JSON.stringify(answer)).toContain("It lacks 1 commit that is live: fffffff Close the hole (Bob).");
  const why = await act(engine, { kind: "why", app: "shop", environment: "production" }, by, async () => undefined);
  expect(JSON.stringify(why)).toContain("It lacks 1 commit that is live: fffffff Close the hole (Bob).");
});

test("the files that a version changes are kept with its deployment, by the code host's word or by that of a push upon what is live", async () => {
  const [live, d, e, g] = [revision("f"), revision("d"), revision("e"), revision("9")];
  const filesOf = async (of: Sha) => (await openDeployments(engine.db, PRODUCTION)).find((open) => open.revision === of)?.changes.files;
  graph.set("f d", { ...NO_CHANGES, changes: [commit(d, "Pay later")], files: ["pay/views.py", "pay/later.py"] });
  await pushed(d, { before: live, files: ["README.md"] });
  expect(await filesOf(d)).toEqual(["pay/views.py", "pay/later.py"]);
  const change = { ...commit(e, "Pay twice"), files: ["pay/twice.py"] };
  await pushed(e, { before: live, changes: [change] });
  expect(await filesOf(e)).toEqual(["pay/twice.py"]);
  // What lies between is not in the push.
  await pushed(g, { before: e, changes: [{ ...commit(g, "Pay thrice"), files: ["pay/thrice.py"] }] });
  expect((await openDeployments(engine.db, PRODUCTION)).some((open) => open.revision === g && !("files" in open.changes))).toBe(true);
});

test("of each change that the code host lists the files are known that the push which brought it listed", async () => {
  const [live, first, head, unheard] = [revision("f"), revision("1"), revision("2"), revision("3")];
  await pushed(head, {
    changes: [
      { ...commit(first, "Pay by hand"), files: ["pay/hand.py", "pay/hand.py"] },
      { ...commit(head, "Pay by foot"), files: [] },
    ],
  });
  graph.set("f 4", { ...NO_CHANGES, changes: [commit(first, "Pay by hand"), commit(head, "Pay by foot"), commit(unheard, "Pay by ear")] });
  await pushed(revision("4"));
  const found = (await openDeployments(engine.db, PRODUCTION)).find((open) => open.revision === revision("4"));
  expect(found?.from).toBe(live);
  expect(found?.changes.changes.map(({ title, files }) => [title, files])).toEqual([
    ["Pay by hand", ["pay/hand.py"]],
    ["Pay by foot", []],
    ["Pay by ear", undefined],
  ]);
});
