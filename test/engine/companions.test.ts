import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDeployments } from "../../src/db/deployments.ts";
import { findApp } from "../../src/domain/config.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import { wayKey } from "../../src/domain/way-back.ts";
import type { PipelineEvent } from "../../src/domain/pipeline.ts";
import { apply } from "../../src/engine/apply.ts";
import { whyOf } from "../../src/engine/why-not.ts";
import { chosenTo } from "../../src/engine/chosen-to.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { startReplica, type Replica } from "../support/engine-replica.ts";
import { git, liveHosts, openWorld, PRODUCTION, rollBack, settled, standingOf, type World } from "../support/engine-world.ts";
import { until } from "../support/until.ts";
import { released } from "./started.ts";

const GITHUB = { source: "github", connection: "default" };
const WITH = ["with:", '  - { repository: github:acme/shop-theme, requires: [build], directory: assets/theme, origin: "ROOT/theme.git" }'];

/** A repository beside the app's; the file `colour` tells its revisions apart. */
function makeTheme(root: string): readonly Sha[] {
  const work = join(root, "theme");
  git(root, "init", "--quiet", "--bare", "--initial-branch=main", join(root, "theme.git"));
  git(root, "init", "--quiet", "--initial-branch=main", work);
  const made = ["red", "green", "blue"].map((colour) => {
    appendFileSync(join(work, "colour"), `${colour}\n`);
    git(work, "add", "colour");
    git(work, "commit", "--quiet", "-m", `Make it ${colour}`);
    const revision = parseSha(git(work, "rev-parse", "HEAD"));
    if (revision === null) throw new Error("git made a commit without an id");
    return revision;
  });
  git(work, "push", "--quiet", join(root, "theme.git"), "main");
  return made;
}

/** What a push and a passed build tell, as CI tells it. */
function told(repository: string, revision: Sha, before: Sha, run: string): readonly PipelineEvent[] {
  const author = { name: "Ann", login: "ann", email: "ann@acme.test", slackId: null };
  const at = new Date("2026-03-02T09:10:00Z");
  const change = { revision, title: `Change of ${repository}`, author, url: null, pullRequest: null, files: ["colour"] };
  const common = {
    repository,
    workflowRun: run,
    attempt: 1,
    branch: "main",
    revision,
    status: "passed",
    reopens: false,
    url: null,
  } as const;
  return [
    {
      kind: "push",
      repository,
      ref: "refs/heads/main",
      before,
      after: revision,
      pusher: author,
      changes: [change],
      compareUrl: null,
      at,
    },
    {
      ...common,
      kind: "workflow",
      provider: "github",
      name: "CI",
      path: ".github/workflows/ci.yml",
      trigger: "push",
      tag: false,
      ownRepository: true,
      parent: null,
      startedAt: at,
      updatedAt: at,
    },
    {
      ...common,
      kind: "job",
      job: `build-${run}`,
      name: "build",
      stage: null,
      workflowName: "CI",
      allowFailure: false,
      startedAt: at,
      finishedAt: at,
      updatedAt: at,
    },
  ];
}

async function asked(bot: Replica, is: (deployment: Deployment) => boolean): Promise<Deployment> {
  let found: Deployment | undefined;
  await until(
    async () => {
      found = (await openDeployments(bot.engine.db, PRODUCTION)).find(
        (deployment) => deployment.state.state === "awaiting_approval" && is(deployment),
      );
      return found !== undefined;
    },
    () => `nobody is asked: ${bot.lines.join("\n")} ${bot.faults.join("\n")}`,
    60_000,
  );
  if (found === undefined) throw new Error("it vanished");
  return found;
}

async function approve(bot: Replica, { id, revision, planHash }: Deployment, who: string): Promise<boolean> {
  const digest = digestOf({ revision, environment: PRODUCTION, planHash });
  const standing = standingOf(who);
  return (await apply(bot.engine, PRODUCTION, { kind: "approve", standing, deployment: id, digest, override: null, approverNames: [who] }))
    .ok;
}

function colours(world: World): readonly string[] {
  return world.hosts.map(({ directory }) => readFileSync(join(directory, "assets/theme/colour"), "utf8").trim().split("\n").at(-1) ?? "");
}

const brings = (revision: Sha) => (deployment: Deployment) => deployment.plan.companions?.[0]?.revision === revision;

test(
  "an app goes out with exactly the revisions that were approved, and comes back with those that were live",
  { timeout: 240_000 },
  async () => {
    await using world = await openWorld({ hosts: 1, app: WITH, environment: 'approval: { from: ["@product-owners"], count: 2 }' });
    const [red, green, blue] = makeTheme(world.root);
    if (red === undefined || green === undefined || blue === undefined) throw new Error("no theme");
    await using bot = await startReplica(world.settings("one"));
    bot.far.groups.set("@product-owners", ["UPETRA", "UOLAF"]);
    const second = world.revision(2);

    // Alone it is no candidate, and a secret of another connection does not speak for the companion.
    await ingest(bot.engine, GITHUB, told("acme/shop", second, world.revision(1), "1"));
    const app = findApp(bot.engine.config, "shop");
    if (app === undefined) throw new Error("no shop");
    expect((await whyOf(bot.engine, app, app.environments)).environments[0]?.stand).toMatchObject({
      kind: "stopped",
      reasons: [{ text: expect.stringContaining("No version of acme/shop-theme on main passed all that is required yet.") }],
    });
    const stranger = await ingest(bot.engine, { source: "github", connection: "other" }, told("acme/shop-theme", red, red, "2"));
    expect(stranger.accepted).toBe(false);
    await ingest(bot.engine, GITHUB, told("acme/shop-theme", red, red, "3"));
    const first = await asked(bot, brings(red));
    expect(first.changes.changes.map(({ revision, repository }) => [revision, repository])).toEqual([
      [second, undefined],
      [red, "acme/shop-theme"],
    ]);
    const cards = await bot.engine.db.execute(`select app from runs where id in (select run_id from cards)`);
    expect(cards.rows).toEqual([{ app: "shop" }]);
    await approve(bot, first, "UPETRA");
    await approve(bot, first, "UOLAF");
    await settled(bot.engine, first.id, "succeeded_unverified");
    await released(bot, world, first.id);
    expect(colours(world)).toEqual(["red"]);
    expect(world.hosts.map(({ name }) => world.headOf(name))).toEqual([second]);

    // The app's own revision is live already: what comes with it is not.
    await ingest(bot.engine, GITHUB, told("acme/shop-theme", green, red, "4"));
    const next = await asked(bot, brings(green));
    expect(next).toMatchObject({ revision: second, from: second });
    expect(next.changes.changes.map(({ revision }) => revision)).toEqual([green]);
    expect([next.changes.files, next.changes.changes[0]?.files]).toEqual([["assets/theme/colour"], ["assets/theme/colour"]]);
    expect(await approve(bot, next, "UPETRA")).toBe(true);

    // The yes was for another set.
    await ingest(bot.engine, GITHUB, told("acme/shop-theme", blue, green, "5"));
    const last = await asked(bot, brings(blue));
    expect(last.id).toBe(next.id);
    expect(last.state).toMatchObject({
      voided: `it comes with acme/shop-theme ${blue.slice(0, 7)} now, which changed after it was approved`,
    });
    expect(last.changes.changes.map(({ revision }) => revision)).toEqual([blue]);
    // It was pushed upon what is not live: nobody listed all that it changes.
    expect(last.changes).not.toHaveProperty("files");
    expect(await approve(bot, next, "UOLAF")).toBe(false);
    expect(await approve(bot, last, "UOLAF")).toBe(true);
    expect(await approve(bot, last, "UPETRA")).toBe(true);
    await settled(bot.engine, last.id, "succeeded_unverified");
    await released(bot, world, last.id);
    expect(colours(world)).toEqual(["blue"]);

    const [environment] = app.environments;
    if (environment === undefined) throw new Error("no environment");
    const set = first.plan.companions ?? [];
    const chosen = await chosenTo(bot.engine, { app, environment }, last, wayKey({ revision: second, companions: set }));
    expect(chosen).toEqual({ to: second, toSet: set });

    const back = await rollBack(bot.engine, last.id);
    expect(back.ok).toBe(true);
    await settled(bot.engine, back.id, "succeeded", "succeeded_unverified");
    expect(colours(world)).toEqual(["red"]);
    expect(await liveHosts(bot.engine)).toEqual([`web-1 ${second}`]);
    // The whole set that is live now was offered before, and the newest is what was taken back.
    await ingest(bot.engine, GITHUB, told("acme/shop", world.revision(3), second, "6"));
    await until(
      async () => (await bot.engine.db.execute(`select 1 from history where body::text like '%rolled back here%'`)).rows.length > 0,
      () => `it was not looked at: ${bot.lines.join("\n")}`,
      60_000,
    );
    expect((await openDeployments(bot.engine.db, PRODUCTION)).map(({ state }) => state.state)).not.toContain("awaiting_approval");
    expect(bot.faults).toEqual([]);
  },
);
