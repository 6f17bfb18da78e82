import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { deploymentById } from "../../src/db/deployments.ts";
import { viewersSince } from "../../src/db/home-viewers.ts";
import { mutesOf } from "../../src/db/mutes.ts";
import { loadFreeze, loadLock } from "../../src/db/holds.ts";
import { environmentId } from "../../src/domain/ids.ts";
import { ACTIONS, INPUTS } from "../../src/slack/action-ids.ts";
import { encodeHome } from "../../src/slack/home-value.ts";
import { standingOf } from "../support/engine-world.ts";
import { until } from "../support/until.ts";
import { openHomeWorld, sha, type HomeWorld } from "./home-world.ts";

/** The Home tab of the real bot, on PostgreSQL and the simulator. */

const HOUR_MS = 3_600_000;
const PRODUCTION = environmentId("shop", "production");

async function live(world: HomeWorld): Promise<void> {
  await world.must("shop/production", { kind: "found_live", hosts: [{ host: "web-1.acme.test", revision: sha(1) }] });
  await world.must("vault/production", { kind: "found_live", hosts: [{ host: "vault.acme.test", revision: sha(7) }] });
}

function lockedBy(who: string, reason: string, forMs = HOUR_MS) {
  return { kind: "lock", standing: standingOf(who, { approver: false }), reason, until: new Date(Date.now() + forMs) } as const;
}

async function stateOf({ bot }: HomeWorld, id: Parameters<typeof deploymentById>[1]): Promise<string> {
  return (await deploymentById(bot.engine.db, id))?.state.state ?? "none";
}

test("whoever may say yes does so there, once, and reads in private what came of it", async () => {
  await using world = await openHomeWorld();
  await live(world);
  const id = await world.ask("shop/production", sha(2), "U03EVE");
  await world.open("U01ANN");
  await world.open("U02BOB");
  await world.open("U03EVE");
  expect(world.shown("U01ANN")).toContain("1 thing waits for you");
  expect(world.shown("U01ANN")).toContain("Approve & Deploy");
  // It is theirs to see, and of whoever asked for it to take back, but nobody's to say yes to.
  for (const other of ["U02BOB", "U03EVE"]) {
    expect(world.shown(other)).toContain("Nothing waits for you");
    expect(world.shown(other)).not.toContain(`"${ACTIONS.approve}"`);
  }
  expect(world.shown("U02BOB")).not.toContain(`"${ACTIONS.cancel}"`);
  expect(world.shown("U03EVE")).toContain(`"${ACTIONS.cancel}"`);
  await world.click("U01ANN", ACTIONS.approve);
  await until(() => world.told("U01ANN") !== "");
  expect(await stateOf(world, id)).toBe("queued");
  // Nobody draws it again in this world: the button is old now.
  await world.click("U01ANN", ACTIONS.approve);
  await until(
    () => /Not approved|already/u.test(world.told("U01ANN")),
    () => world.told("U01ANN"),
  );
  expect(world.bot.faults).toEqual([]);
});

test("a yes to what is not asked for any more is answered, not obeyed", async () => {
  await using world = await openHomeWorld();
  await live(world);
  const id = await world.ask("shop/production", sha(2), "U03EVE");
  await world.open("U01ANN");
  await world.must("shop/production", { kind: "reject", standing: standingOf("U01ANN"), deployment: id, reason: "not today" });
  await world.click("U01ANN", ACTIONS.approve);
  await until(
    () => world.told("U01ANN").startsWith("Not approved"),
    () => world.told("U01ANN"),
  );
  expect(await stateOf(world, id)).toBe("rejected");
});

test("a yes for later is given there, and waits for its time", async () => {
  await using world = await openHomeWorld();
  await live(world);
  const id = await world.ask("shop/production", sha(2), "U03EVE");
  await world.open("U01ANN");
  await world.click("U01ANN", ACTIONS.later);
  await until(() => world.slack.state().views["U01ANN"]?.at(-1) !== undefined);
  const view_id = String(world.slack.state().views["U01ANN"]?.at(-1)?.["id"]);
  const at = Math.floor((Date.now() + 2 * HOUR_MS) / 1000);
  expect((await world.slack.submit({ user: "U01ANN", view_id, values: { [INPUTS.at]: at } })).result).toBe("ok");
  await until(async () => (await stateOf(world, id)) === "queued");
  await world.open("U01ANN");
  expect(world.shown("U01ANN")).toContain("Nothing waits for you");
  expect(world.bot.faults).toEqual([]);
});

test("a place is locked, asked for and opened from it; what somebody does not want to hear is muted and unmuted", async () => {
  await using world = await openHomeWorld();
  await live(world);
  const { db, clock } = world.bot.engine;
  const place = { app: "shop", environment: "production" };
  await world.open("U02BOB");
  await world.click("U02BOB", ACTIONS.homeMenu, { block: "shop in production", option: encodeHome(place, "lock") });
  await until(() => world.slack.state().views["U02BOB"]?.at(-1) !== undefined);
  const view_id = String(world.slack.state().views["U02BOB"]?.at(-1)?.["id"]);
  const { result, errors } = await world.slack.submit({ user: "U02BOB", view_id, values: { [INPUTS.reason]: "a <demo>" } });
  expect([result, errors]).toEqual(["ok", {}]);
  await until(async () => (await loadLock(db, PRODUCTION)) !== null);
  expect(await loadLock(db, PRODUCTION)).toMatchObject({ owner: { id: "U02BOB" }, reason: "a <demo>" });

  await world.open("U03EVE");
  expect(world.shown("U03EVE")).toContain("a &lt;demo&gt;");
  // Only whom the table lets freeze is offered it.
  expect(world.shown("U03EVE")).not.toContain("Freeze…");
  expect(world.shown("U03EVE")).not.toContain(`"${ACTIONS.unlock}"`);
  await world.click("U03EVE", ACTIONS.askUnlock);
  await until(
    () => world.told("U03EVE").includes("is told that you ask"),
    () => world.told("U03EVE"),
  );
  // Whoever may say yes there may open it.
  await world.open("U01ANN");
  await world.click("U01ANN", ACTIONS.unlock);
  await until(async () => (await loadLock(db, PRODUCTION)) === null);
  await until(
    () => world.told("U01ANN").includes("Unlocked"),
    () => world.told("U01ANN"),
  );

  await world.open("U01ANN");
  await world.click("U01ANN", ACTIONS.homeMenu, { block: "shop in production", option: encodeHome(place, "freeze") });
  await until(() => world.slack.state().views["U01ANN"]?.at(-1) !== undefined);
  const freezing = String(world.slack.state().views["U01ANN"]?.at(-1)?.["id"]);
  expect((await world.slack.submit({ user: "U01ANN", view_id: freezing, values: { [INPUTS.reason]: "the fair" } })).result).toBe("ok");
  await until(async () => (await loadFreeze(db, PRODUCTION)) !== null);
  expect(await loadFreeze(db, PRODUCTION)).toMatchObject({ owner: { id: "U01ANN" }, reason: "the fair" });
  await world.open("U01ANN");
  expect(world.shown("U01ANN")).toContain("the fair");
  expect(world.shown("U01ANN").split("*shop in production*")[1]).toContain("Lift the freeze");

  const view = world.slack.state().homes["U02BOB"];
  const select = { user: "U02BOB", view_id: String(view?.["id"]), action_id: ACTIONS.mute };
  const offered = await world.slack.typeSelect({ ...select, value: "" });
  expect(offered.options.map((one) => one["value"])).toEqual(["*", "shop"]);
  await world.slack.click({ ...select, option: "shop" });
  await until(async () => (await mutesOf(db, "U02BOB", clock())).length === 1);
  await world.open("U02BOB");
  expect(world.shown("U02BOB")).toContain("*shop* muted until you unmute it");
  await world.click("U02BOB", ACTIONS.unmute);
  await until(async () => (await mutesOf(db, "U02BOB", clock())).length === 0);
  await until(
    () => world.told("U02BOB").includes("Not muted any more: shop"),
    () => world.told("U02BOB"),
  );
  expect(world.bot.faults).toEqual([]);
});

test("it is drawn again by itself for whoever sees a change, and for nobody else: not for a guest, of what they may not see", async () => {
  await using world = await openHomeWorld();
  await live(world);
  world.bot.painter.start();
  for (const user of ["U01ANN", "U02BOB", "U04GUEST"]) await world.open(user);
  expect(world.shown("U01ANN")).toContain("*vault in production*");
  expect(world.shown("U02BOB")).toContain("*shop in production*");
  // A guest is let in where the configuration says so, and sees nothing elsewhere.
  expect(world.shown("U04GUEST")).toContain("*shop in staging*");
  expect(world.shown("U04GUEST")).not.toContain("shop in production");
  const seen = world.shown("U04GUEST");

  await world.must("vault/production", lockedBy("U01ANN", "counting the gold"));
  await world.says("U01ANN", "counting the gold");
  await world.must("shop/production", lockedBy("U03EVE", "a demonstration"));
  await world.must("shop/staging", lockedBy("U03EVE", "a rehearsal"));
  for (const user of ["U01ANN", "U02BOB"]) await world.says(user, "a demonstration");
  for (const user of ["U01ANN", "U02BOB", "U04GUEST"]) await world.says(user, "a rehearsal");
  expect(world.shown("U04GUEST")).not.toContain("a demonstration");
  for (const user of ["U02BOB", "U04GUEST"]) {
    expect(world.shown(user)).not.toContain("vault");
    expect(world.shown(user)).not.toContain("gold");
  }
  expect(seen).not.toContain("vault");

  // All are up to date: a look that finds nothing new publishes nothing.
  await world.must("vault/production", { kind: "unlock", standing: standingOf("U01ANN") });
  await until(() => !world.shown("U01ANN").includes("counting the gold"), undefined, 60_000);
  const before = world.published();
  await world.must("vault/production", lockedBy("U01ANN", "counting the silver"));
  await world.says("U01ANN", "counting the silver");
  await until(async () => (await painted(world)).every((hash) => hash !== null));
  expect(world.published() - before).toBe(1);
  expect(world.bot.faults).toEqual([]);
});

async function painted({ bot }: HomeWorld): Promise<readonly (string | null)[]> {
  return (await viewersSince(bot.engine.db, new Date(0), 100)).map(({ drawnHash }) => drawnHash);
}

test("a painter that dies over it loses nothing: the next one draws what was not shown", { timeout: 120_000 }, async () => {
  await using world = await openHomeWorld();
  await live(world);
  world.bot.painter.start();
  await world.open("U02BOB");
  const before = world.published();
  world.slack.fault({ method: "views.publish", status: 500, times: 1_000 });
  await world.must("shop/production", lockedBy("U03EVE", "a demonstration"));
  await until(() => world.published() > before, undefined, 60_000);
  await world.bot.painter.stop();
  world.slack.clearFaults();
  expect(world.shown("U02BOB")).not.toContain("a demonstration");
  // Nobody gave its lease back: it runs out.
  await world.bot.engine.db.execute(sql`update leases set until = now() - interval '1 second'`);
  const next = await world.another("two");
  next.painter.start();
  await world.says("U02BOB", "a demonstration");
});

test("a rate limit is waited out, and where the tab is switched off nobody tries on", { timeout: 120_000 }, async () => {
  await using world = await openHomeWorld();
  await live(world);
  await world.open("U02BOB");
  world.bot.painter.start();
  world.slack.fault({ method: "views.publish", retryAfter: 1, times: 1 });
  await world.must("shop/production", lockedBy("U03EVE", "a demonstration"));
  await world.says("U02BOB", "a demonstration");
  world.slack.fault({ method: "views.publish", error: "not_enabled", times: 1 });
  await world.must("shop/production", { kind: "unlock", standing: standingOf("U03EVE") });
  await until(async () => (await painted(world)).length === 0, undefined, 60_000);
  const after = world.published();
  await world.must("shop/production", lockedBy("U03EVE", "again"));
  await world.open("U02BOB");
  expect(world.shown("U02BOB")).toContain("again");
  expect(world.published() - after).toBeLessThanOrEqual(2);
});
