import { v7 as uuidv7 } from "uuid";
import { expect, test } from "vitest";
import { deploymentById } from "../../src/db/deployments.ts";
import { digestOf } from "../../src/domain/digest.ts";
import type { Command } from "../../src/domain/environment.ts";
import { environmentId, parseSha, type DeploymentId, type EnvironmentId, type Sha } from "../../src/domain/ids.ts";
import { apply } from "../../src/engine/apply.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { painting } from "../../src/engine/painting.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { statusRows } from "../../src/engine/status.ts";
import { createClients, sdkLogger } from "../../src/slack/clients.ts";
import { createWatch } from "../../src/slack/painter.ts";
import { openDesk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";
import { standingOf } from "../support/engine-world.ts";
import { bot } from "../slack-simulator/seed.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { verdict } from "./shop.ts";

/** Slack away for two hours, on real PostgreSQL and the simulator, with a deployment in each state. Nobody waits: the clock is the test's. */

const ENVIRONMENTS = ["awaiting", "queued", "running", "failing", "lost", "watched", "recovering", "counting", "held"] as const;
type Name = (typeof ENVIRONMENTS)[number];

function watch(rest: string): string {
  return `watch: { for: 10h, every: 60s, http: { url: "https://shop.acme.test/health" }, ${rest} }`;
}

function config(): string {
  const watched: Partial<Record<Name, string>> = {
    watched: watch("on_regression: offer"),
    recovering: watch("on_regression: offer"),
    counting: watch("on_regression: rollback, countdown: 90s"),
    held: watch("on_regression: rollback, countdown: 90s, unseen: hold"),
  };
  return [
    "apps:",
    "  shop:",
    "    repository: github:acme/shop",
    '    channel: "#shop-deploys"',
    "    environments:",
    ...ENVIRONMENTS.flatMap((name) => [
      `      ${name}:`,
      `        approval: { from: ["@product-owners"], expires: 24h }`,
      "        on_call: [U01ANN]",
      ...(watched[name] === undefined ? [] : [`        ${watched[name]}`]),
      `        target: { type: ssh, hosts: [deploy@${name}.acme.test], directory: /srv/shop, recipe: django }`,
    ]),
    "",
  ].join("\n");
}

function sha(number: number): Sha {
  const found = parseSha(number.toString(16).padStart(7, "0").padEnd(40, "a"));
  if (found === null) throw new Error("a revision of a test is none");
  return found;
}

const at = (name: Name): EnvironmentId => environmentId("shop", name);
const newId = (): DeploymentId => uuidv7() as DeploymentId;
const BAD = { ...verdict("regressed"), level: "act", ongoing: true } as const;
/** Nothing was done to the database: what is rolled back by a rule is code only. */
const CHANGES = { ...NO_CHANGES, migrations: { pending: [], source: "", applied: [], doubtful: [], undone: [], leaves: {} } };
const UNDO = { kind: "yes", because: "the database was not changed" } as const;

type Stage = {
  readonly engine: Engine;
  readonly slack: TestSlack;
  readonly time: { at: Date };
  must(name: Name, command: Command): Promise<void>;
  ask(name: Name, revision: Sha): Promise<DeploymentId>;
  approve(name: Name, id: DeploymentId): Promise<void>;
  goLive(name: Name, id: DeploymentId): Promise<void>;
  measure(name: Name, id: DeploymentId, seen: Extract<Command, { kind: "measured" }>["verdict"]): Promise<void>;
  state(id: DeploymentId): Promise<string>;
  /** Time passes, and the painter looks every `every` milliseconds. */
  pass(ms: number, every?: number): Promise<void>;
};

function stageOf(engine: Engine, slack: TestSlack, time: { at: Date }): Stage {
  const clients = createClients(
    { botToken: bot.botToken, apiUrl: slack.apiUrl },
    sdkLogger(() => undefined),
  );
  const deps = {
    ...painting(engine),
    picture: async () => null,
    subscribe: () => () => undefined,
    now: () => time.at,
    report: (fault: unknown) => expect.fail(String(fault)),
    log: () => undefined,
  };
  const options = {
    client: clients.painter,
    mayReadHistory: async () => false,
    timezone: () => "UTC",
    groups: async () => new Map<string, string>(),
    channelId: async () => "C01DEPLOYS",
    isShared: async () => false,
  };
  const painter = createWatch(options, deps, () => undefined);
  const stage: Stage = {
    engine,
    slack,
    time,
    async must(name, command) {
      const applied = await apply(engine, at(name), command);
      if (!applied.ok)
        throw new Error(`${name}: ${applied.refusal.title} ${applied.refusal.reasons.map((reason) => reason.text).join(" ")}`);
    },
    async ask(name, revision) {
      const id = newId();
      const standing = standingOf("U03EVE", { approver: false });
      await stage.must(name, {
        kind: "request",
        standing,
        revision,
        runId: null,
        changes: CHANGES,
        missing: [],
        containsBlocked: null,
        id,
      });
      if (name !== "awaiting") await stage.approve(name, id);
      return id;
    },
    async approve(name, deployment) {
      const found = await deploymentById(engine.db, deployment);
      if (found === null) throw new Error(`no deployment ${deployment}`);
      const { revision, planHash } = found;
      const digest = digestOf({ revision, environment: at(name), planHash });
      await stage.must(name, { kind: "approve", standing: standingOf("UPETRA"), deployment, digest, override: null, approverNames: [] });
      await recheck(engine, at(name));
    },
    goLive: (name, deployment) => stage.must(name, { kind: "steps_ended", deployment, outcome: { kind: "done" }, id: newId() }),
    measure: (name, deployment, seen) => stage.must(name, { kind: "measured", deployment, verdict: seen, undo: UNDO, id: newId() }),
    state: async (id) => (await deploymentById(engine.db, id))?.state.state ?? "none",
    async pass(ms, every = 500) {
      for (let left = ms; left > 0; left -= every) {
        time.at = new Date(time.at.getTime() + every);
        await painter.look();
        await painter.round.settled();
      }
    },
  };
  return stage;
}

/** Every environment has gone well once, so that there is a way back. */
async function wentWell(stage: Stage): Promise<void> {
  for (const name of ENVIRONMENTS) {
    await stage.must(name, { kind: "found_live", hosts: [{ host: `${name}.acme.test`, revision: sha(1) }] });
    if (!["watched", "recovering", "counting", "held"].includes(name)) continue;
    const id = await stage.ask(name, sha(2));
    await stage.goLive(name, id);
    const before = stage.time.at;
    stage.time.at = new Date(before.getTime() + 11 * 3_600_000);
    await stage.measure(name, id, verdict("healthy"));
    expect(await stage.state(id)).toBe("succeeded");
  }
}

function sayings(slack: TestSlack): { readonly channel: readonly string[]; readonly threads: readonly string[] } {
  const all = slack.messages("C01DEPLOYS");
  const isRoot = (message: (typeof all)[number]): boolean => (message.thread_ts ?? message.ts) === message.ts;
  return {
    channel: all.filter(isRoot).map((message) => message.text ?? ""),
    threads: all.filter((message) => !isRoot(message)).map((message) => message.text ?? ""),
  };
}

test("Slack away for two hours in each state: nothing stops; then one update a card and one summary", { timeout: 120_000 }, async () => {
  await using slack = await startSlack();
  await using desk = await openDesk();
  const { engine: base } = await desk.open("one", { config: config() });
  const time = { at: new Date("2026-11-23T20:10:00Z") };
  const engine: Engine = { ...base, clock: () => time.at };
  const stage = stageOf(engine, slack, time);
  await wentWell(stage);
  time.at = new Date("2026-11-25T09:00:00Z");
  const standing = standingOf("U02BOB");
  await stage.must("queued", { kind: "lock", standing, reason: "a demonstration", until: new Date("2026-11-25T12:00:00Z") });
  const ids = {} as Record<Name, DeploymentId>;
  for (const name of ENVIRONMENTS) ids[name] = await stage.ask(name, sha(3));
  for (const name of ["watched", "recovering", "counting", "held"] as const) await stage.goLive(name, ids[name]);
  const asked = (): readonly string[] => sayings(slack).threads.filter((text) => text.includes("Approval needed: shop to awaiting"));
  const state = async (): Promise<Record<string, string>> =>
    Object.fromEntries(await Promise.all(ENVIRONMENTS.map(async (name) => [name, await stage.state(ids[name])] as const)));
  expect(await state()).toMatchObject({ awaiting: "awaiting_approval", queued: "queued", running: "executing", watched: "watching" });
  await stage.pass(120_000);
  const roots = slack.messages("C01DEPLOYS").filter((message) => (message.thread_ts ?? message.ts) === message.ts);
  const versions = new Map(roots.map((message) => [message.ts, slack.history("C01DEPLOYS", message.ts).length]));
  expect(versions.size).toBe(ENVIRONMENTS.length + 4);
  expect(asked()).toHaveLength(1);

  slack.fault({ method: "*", drop: true, forMs: 86_400_000 });
  const away = time.at;
  await stage.pass(300_000, 10_000);
  const failed = { kind: "failed", because: "Step migrate failed on failing.acme.test", switched: [] } as const;
  await stage.must("failing", { kind: "steps_ended", deployment: ids.failing, outcome: failed, id: newId() });
  const unknown = { kind: "unknown", because: "lost.acme.test does not say how migrate ended" } as const;
  await stage.must("lost", { kind: "steps_ended", deployment: ids.lost, outcome: unknown, id: newId() });
  await stage.goLive("running", ids.running);
  for (const name of ["watched", "recovering", "counting", "held"] as const) await stage.measure(name, ids[name], BAD);
  expect(await state()).toMatchObject({ counting: "countdown", held: "countdown" });
  await stage.pass(100_000, 10_000);
  for (const name of ["counting", "held"] as const) await recheck(engine, at(name));
  await stage.measure("recovering", ids.recovering, verdict("healthy"));
  await stage.measure("watched", ids.watched, BAD);
  await stage.must("queued", { kind: "unlock", standing });
  await recheck(engine, at("queued"));
  const later = await stage.ask("awaiting", sha(4));
  await stage.must("awaiting", {
    kind: "cancel",
    standing: standingOf("U03EVE", { approver: false }),
    deployment: ids.awaiting,
    thenRollBack: false,
  });
  await stage.pass(6_700_000, 60_000);
  expect(await state()).toEqual({
    awaiting: "cancelled",
    queued: "executing",
    running: "succeeded_unverified",
    failing: "failed",
    lost: "needs_attention",
    watched: "watching",
    recovering: "watching",
    counting: "regressed",
    held: "watching",
  });
  expect(sayings(slack).channel).toHaveLength(versions.size);

  slack.clearFaults();
  await stage.pass(120_000);
  // One update a card, to what is so now; executing and watched ones tick on afterwards.
  for (const [ts, before] of versions) {
    const after = slack.history("C01DEPLOYS", ts);
    expect(after.length - before).toBeLessThanOrEqual(/^(?:Deploying|Live|Regression|Rolling)/u.test(after.at(-1)?.text ?? "") ? 30 : 1);
  }
  const { channel, threads } = sayings(slack);
  const summaries = channel.filter((text) => text.startsWith("While Slack was away"));
  expect(summaries).toHaveLength(1);
  const [summary = ""] = summaries;
  expect(summary).toContain("09:0");
  expect(summary).toContain("11:");
  expect(summary).toMatch(/<@U01ANN> Regression in shop, watched: still happening/u);
  expect(summary).toMatch(/[^>] Regression in shop, recovering: over by now/u);
  expect(summary).toMatch(/<@U03EVE> shop\/lost: Needs attention/u);
  expect(summary).toMatch(/[^>] shop\/failing: Failed: Step migrate failed/u);
  // Nothing of it is said a second time, and what still waits for a yes is asked for, once.
  expect(threads.filter((text) => /^(?:<[^>]+> )*(?:Regression|Failed)/u.test(text))).toEqual([]);
  expect(asked()).toHaveLength(2);
  expect(await stage.state(later)).toBe("awaiting_approval");
  expect(threads.some((text) => text.includes("Nobody could see the countdown") && text.includes("rolled back all the same"))).toBe(true);
  expect(threads.some((text) => text.includes("Nobody could see the countdown") && text.includes("Greenlight waits for you"))).toBe(true);
  expect(await desk.database.pool.query("select 1 from absences where until is null")).toMatchObject({ rowCount: 0 });
  expect(await desk.database.pool.query("select 1 from absences")).toMatchObject({ rowCount: 1 });
  expect(time.at.getTime() - away.getTime()).toBeGreaterThan(7_000_000);
});

test("a quiet bot notices that Slack is away for a day: no question, yes or hold lapses by that, and all have their rest afterwards", async () => {
  await using slack = await startSlack();
  await using desk = await openDesk();
  const { engine: base } = await desk.open("one", { config: config() });
  const time = { at: new Date("2026-11-23T09:00:00Z") };
  const engine: Engine = { ...base, clock: () => time.at };
  const stage = stageOf(engine, slack, time);
  const hour = 3_600_000;
  const inHours = (hours: number): Date => new Date(time.at.getTime() + hours * hour);
  for (const name of ["awaiting", "queued"] as const)
    await stage.must(name, { kind: "found_live", hosts: [{ host: `${name}.acme.test`, revision: sha(1) }] });
  await stage.must("queued", { kind: "lock", standing: standingOf("U02BOB"), reason: "looking at it", until: inHours(3) });
  const [asked, said] = [await stage.ask("awaiting", sha(3)), await stage.ask("queued", sha(3))];
  await stage.pass(60_000);
  const versions = (): number => slack.messages("C01DEPLOYS").reduce((sum, { ts }) => sum + slack.history("C01DEPLOYS", ts).length, 0);
  const shown = versions();

  slack.fault({ method: "*", drop: true, forMs: 40 * 86_400_000 });
  await stage.pass(30 * hour, hour / 2);
  for (const name of ["awaiting", "queued"] as const) await recheck(engine, at(name));
  expect([await stage.state(asked), await stage.state(said)]).toEqual(["awaiting_approval", "queued"]);
  expect((await statusRows(engine, "shop")).find(({ environment }) => environment === "queued")?.lock).not.toBeNull();
  expect(versions()).toBe(shown);

  slack.clearFaults();
  await stage.pass(60_000);
  for (const name of ["awaiting", "queued"] as const) await recheck(engine, at(name));
  const until = (await deploymentById(engine.db, asked))?.state;
  if (until?.state !== "awaiting_approval") throw new Error(`it is ${until?.state}`);
  // Noticed within a minute and half an hour of the test's clock.
  const left = (until.expiresAt.getTime() - time.at.getTime()) / hour;
  expect([left > 23, left < 24.1]).toEqual([true, true]);
  await stage.pass(2 * hour, hour / 4);
  await recheck(engine, at("queued"));
  expect(await stage.state(said)).toBe("queued");
  await stage.pass(1.5 * hour, hour / 4);
  await recheck(engine, at("queued"));
  expect(await stage.state(said)).toBe("executing");
  await stage.pass(21 * hour, hour);
  await recheck(engine, at("awaiting"));
  expect(await stage.state(asked)).toBe("expired");
  const told = await desk.database.pool.query("select 1 from history where kind = 'more_time'");
  expect(told).toMatchObject({ rowCount: 1 });
});
