import { expect, test } from "vitest";
import { checkView } from "../../sandbox/slack/block-kit/validate.ts";
import { markHomeDrawn } from "../../src/db/home-viewers.ts";
import type { Verb } from "../../src/domain/authorize.ts";
import { digestOf } from "../../src/domain/digest.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import type { Command } from "../../src/domain/environment.ts";
import { HOME_MOST, type Home } from "../../src/domain/home.ts";
import { environmentId, parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import { apply } from "../../src/engine/apply.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { homeOf } from "../../src/engine/home.ts";
import { homeRedraw, openedHome } from "../../src/engine/home-redraw.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { renderHome } from "../../src/slack/render/home.ts";
import { openDesk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";
import { standingOf } from "../support/engine-world.ts";
import { verdict } from "../slack/shop.ts";
import { openLookWorld } from "./look-world.ts";

/** What is read for a Home tab, and for whom, on PostgreSQL. */

const HOUR_MS = 3_600_000;

function sha(number: number): Sha {
  const found = parseSha(number.toString(16).padStart(7, "0").padEnd(40, "a"));
  if (found === null) throw new Error("a revision of a test is none");
  return found;
}

function named(one: Home["waiting"]["shown"][number]): string {
  if (one.kind === "look") return `look in ${one.view.environment}`;
  return `${one.card.environment.name} ${one.card.deployment.state.state}`;
}

function rows({ waiting, running }: Home): Readonly<Record<"waiting" | "running", readonly string[]>> {
  return { waiting: waiting.shown.map(named), running: running.shown.map(named) };
}

async function must(engine: Engine, place: string, command: Command): Promise<void> {
  const [app = "", environment = ""] = place.split("/");
  const applied = await apply(engine, environmentId(app, environment), command);
  if (!applied.ok) throw new Error(`${applied.refusal.title} ${applied.refusal.reasons.map(({ text }) => text).join(" ")}`);
}

async function ask(engine: Engine, place: string, revision: Sha, who: string): Promise<DeploymentId> {
  const id = engine.newId() as DeploymentId;
  const standing = standingOf(who, { approver: false });
  await must(engine, place, {
    kind: "request",
    standing,
    revision,
    runId: null,
    changes: NO_CHANGES,
    missing: [],
    containsBlocked: null,
    id,
  });
  return id;
}

test("it asks the right people to look, then for their yes, and each of them once", async () => {
  await using world = await openLookWorld();
  const home = async (user: string) => rows(await homeOf(world.engine, user));
  world.at("Mon 18:00");
  const { revision } = await world.merged("feat: pay with Bancontact", "UOLAF");
  expect((await home("UPETRA")).waiting).toEqual(["look in staging"]);
  // Who wrote it does not look at it, and whoever decides nothing about production is not asked.
  expect((await home("UOLAF")).waiting).toEqual([]);
  expect((await home("UCLEO")).waiting).toEqual([]);
  await world.says("UPETRA", { kind: "validate", app: "shop", environment: "staging", revision });
  expect(await home("UPETRA")).toEqual({ waiting: ["production awaiting_approval"], running: [] });
  expect(await home("UOLAF")).toEqual({ waiting: [], running: ["production awaiting_approval"] });
  const [asked] = await world.open("production");
  if (asked === undefined) throw new Error("nobody is asked");
  await world.says("UPETRA", { kind: "approve", ...pressed(asked) });
  expect(await home("UPETRA")).toEqual({ waiting: [], running: ["production queued"] });
});

function pressed({ id, counter, revision, environmentId: environment, planHash }: Deployment) {
  return { deployment: id, counter, digest: digestOf({ revision, environment, planHash }) };
}

const PEOPLE = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      production:
        approval: { from: [UPETRA, UOLAF], count: 2, expires: 24h }
        on_call: [UCALLED]
        watch: { for: 10h, every: 60s, http: { url: "https://shop.acme.test/health" }, on_regression: rollback, countdown: 1h }
        target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop, recipe: django }
`;

test("each person may press what they may do, in every state", async () => {
  await using desk = await openDesk();
  const { engine } = await desk.open("one", { config: PEOPLE });
  const may = async (user: string): Promise<readonly Verb[]> => {
    const { waiting, running } = await homeOf(engine, user);
    return [...waiting.shown, ...running.shown].flatMap((one) => (one.kind === "deployment" ? one.may : []));
  };
  const waits = async (user: string) => rows(await homeOf(engine, user)).waiting;
  const all = ["reject", "cancel", "roll_back", "roll_back_schema", "stop_countdown", "keep_watching", "resolve"];
  await must(engine, "shop/production", { kind: "found_live", hosts: [{ host: "web-1.acme.test", revision: sha(1) }] });
  const id = await ask(engine, "shop/production", sha(2), "UOLAF");
  // Two pairs of eyes, and the one who asked has none.
  expect(await may("UPETRA")).toEqual(["approve", ...all]);
  expect(await may("UOLAF")).toEqual(all);
  expect(await may("UCALLED")).toEqual(all.slice(1));
  expect(await may("UNOBODY")).toEqual([]);
  expect(await Promise.all(["UPETRA", "UOLAF", "UCALLED", "UNOBODY"].map(waits))).toEqual([["production awaiting_approval"], [], [], []]);

  await must(engine, "shop/production", { kind: "cancel", standing: standingOf("UOLAF"), deployment: id, thenRollBack: false });
  const live = await ask(engine, "shop/production", sha(3), "UDORA");
  for (const who of ["UPETRA", "UOLAF"]) {
    const [deployment] = (await homeOf(engine, who)).waiting.shown;
    if (deployment?.kind !== "deployment") throw new Error(`${who} is not asked`);
    const { digest } = pressed(deployment.card.deployment);
    const yes = { deployment: live, digest, override: null, approverNames: [] };
    await must(engine, "shop/production", { kind: "approve", standing: standingOf(who), ...yes });
    expect(await waits(who)).toEqual([]);
  }
  await recheck(engine, environmentId("shop", "production"));
  await must(engine, "shop/production", {
    kind: "steps_ended",
    deployment: live,
    outcome: { kind: "done" },
    id: engine.newId() as DeploymentId,
  });
  const bad = { ...verdict("regressed"), level: "act", ongoing: true } as const;
  const undo = { kind: "yes", because: "the database was not changed" } as const;
  await must(engine, "shop/production", { kind: "measured", deployment: live, verdict: bad, undo, id: engine.newId() as DeploymentId });
  expect(rows(await homeOf(engine, "UCALLED"))).toEqual({ waiting: [], running: ["production countdown"] });
  expect(await may("UCALLED")).toContain("stop_countdown");
  expect(await may("UNOBODY")).toEqual([]);
  await must(engine, "shop/production", { kind: "stop_countdown", standing: standingOf("UCALLED", { onCall: true }), deployment: live });
  expect(rows(await homeOf(engine, "UCALLED")).running).toEqual(["production watching"]);
});

const MANY = 200;

/** As long as a name may be. */
function nameOf(index: number): string {
  return `app-${String(index).padStart(3, "0")}${"a".repeat(33)}`;
}

function manyApps(): string {
  return [
    "apps:",
    ...Array.from({ length: MANY }, (_, index) => [
      `  ${nameOf(index)}:`,
      "    repository: github:acme/shop",
      '    channel: "#shop-deploys"',
      "    environments:",
      ...["staging", "production"].flatMap((environment) => [
        `      ${environment}:`,
        '        approval: { from: ["@product-owners"], expires: 24h }',
        `        target: { type: ssh, hosts: [deploy@${environment}-${index}.acme.test], directory: /srv/shop, recipe: django }`,
      ]),
    ]).flat(),
    "",
  ].join("\n");
}

test("200 apps fit: the first where something happens, the rest counted; and a look that finds nothing new reads next to nothing", async () => {
  await using desk = await openDesk();
  const { engine } = await desk.open("one", { config: manyApps() });
  const names = engine.config.apps.map((app) => app.name);
  const busy = names.slice(-12);
  const until = new Date(Date.now() + HOUR_MS);
  for (const app of busy) {
    await must(engine, `${app}/production`, { kind: "found_live", hosts: [{ host: "production.acme.test", revision: sha(1) }] });
    await ask(engine, `${app}/production`, sha(2), "UDORA");
    await must(engine, `${app}/staging`, { kind: "lock", standing: standingOf("UDORA"), reason: "&".repeat(400), until });
  }
  const home = await openedHome(engine, "UPETRA");
  expect([home.waiting.shown.length, home.waiting.more]).toEqual([HOME_MOST.waiting, busy.length - HOME_MOST.waiting]);
  expect([home.holds.shown.length, home.holds.more]).toEqual([HOME_MOST.holds, busy.length - HOME_MOST.holds]);
  expect([home.places.shown.length, home.places.more]).toEqual([HOME_MOST.places, 2 * MANY - HOME_MOST.places]);
  expect(home.places.shown.every(({ app }) => busy.includes(app))).toBe(true);
  const view = renderHome(home, { now: engine.clock(), timezone: home.timezone, linkOf: () => null });
  expect(checkView(view, "home")).toEqual([]);
  expect(JSON.stringify(view)).toContain("and 376 more: type `/deploy status`");

  const homes = homeRedraw(engine);
  expect((await homes.due()).map(({ user }) => user)).toEqual(["UPETRA"]);
  expect(await homes.load("UPETRA")).toMatchObject({ kind: "show" });
  await homes.drawn("UPETRA", "a hash", true);
  expect(await homes.due()).toEqual([]);
  // Somebody else drew something else meanwhile: whoever opened it, or a painter that was frozen and wakes up late.
  await markHomeDrawn(engine.db, "UPETRA", "an older hash");
  expect(await homes.due()).toEqual([{ user: "UPETRA", drawnHash: "an older hash" }]);
  await markHomeDrawn(engine.db, "UPETRA", "a hash");
  expect(await homes.due()).toEqual([]);
  // Another painter has none of this in its memory, and looks once.
  expect(await homeRedraw(engine).due()).toEqual([{ user: "UPETRA", drawnHash: "a hash" }]);
});
