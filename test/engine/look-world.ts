import { ensureRunCard } from "../../src/db/cards.ts";
import { openDeployments } from "../../src/db/deployments.ts";
import { lockRun, saveRun } from "../../src/db/runs.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import { environmentId, parseSha, type DeploymentId, type EnvironmentId, type RunId, type Sha } from "../../src/domain/ids.ts";
import type { Answer, Intent } from "../../src/domain/intent.ts";
import type { Author } from "../../src/domain/people.ts";
import type { Run } from "../../src/domain/pipeline.ts";
import { apply } from "../../src/engine/apply.ts";
import { loadCardModel } from "../../src/engine/card-model.ts";
import { carryOut, takeClick } from "../../src/engine/clicks.ts";
import { consider, reconsider } from "../../src/engine/consider.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { FarSide } from "../support/engine-far-side.ts";

/** A shop whose production wants people's word on staging, on real PostgreSQL, at whatever time a test says. Nothing reaches a host. */
export type LookWorld = AsyncDisposable & {
  readonly engine: Engine;
  readonly desk: Desk;
  readonly far: FarSide;
  /** UTC, as "Mon 18:00" of the week that begins on 2 March 2026. */
  at(when: string): void;
  /** A merge by this person whose pipeline passes; staging takes it by itself, unless something is in the way. */
  merged(title: string, author?: string): Promise<{ readonly revision: Sha; readonly card: string }>;
  /** What waits for its turn on staging goes on, if it may now. */
  stagingGoesOn(): Promise<void>;
  /** A press or a command of this person, all the way through its stored click. */
  says(who: string, intent: Intent): Promise<Answer>;
  open(environment: "staging" | "production"): Promise<readonly Deployment[]>;
  /** Lets what was approved for production start, and says which one does. */
  productionGoesOn(): Promise<Deployment | null>;
  /** What production runs is there on all its servers. */
  wentLive(deployment: DeploymentId, environment?: "staging" | "production"): Promise<void>;
  /** What people read in the channel: the card's text. */
  reads(card: string): Promise<string>;
  /** Every message of the threads, with whom it calls. */
  threads(): Promise<readonly { readonly text: string; readonly mention: readonly string[]; readonly ping: string | null }[]>;
};

export const STAGING = environmentId("shop", "staging");
export const PRODUCTION = environmentId("shop", "production");

const CONFIG = `connections:
  pager: { type: pager, routing_key: env:PAGERDUTY_KEY }
apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      staging:
        requires: [build]
        deploy: automatically
        url: https://staging.acme.test
        target: { type: ssh, hosts: [deploy@staging.acme.test], directory: /srv/shop, recipe: django }
      production:
        requires: [acceptance]
        after: { environment: staging }
        needs: validation
        approval: { from: ["@product-owners"], expires: 24h }
        target: { type: ssh, hosts: [deploy@web-1.acme.test, deploy@web-2.acme.test], directory: /srv/shop, recipe: django }
`;

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** `staging`: lines more of that environment's configuration; `connections`: one more. */
export async function openLookWorld(options: { readonly staging?: string; readonly connections?: string } = {}): Promise<LookWorld> {
  const desk = await openDesk();
  const config = CONFIG.replace("deploy: automatically", `deploy: automatically\n        ${options.staging ?? ""}`).replace(
    "apps:",
    `${options.connections ?? ""}\napps:`,
  );
  const { engine: base, far } = await desk.open("one", { config });
  const clock = { now: new Date("2026-03-02T09:00:00Z") };
  const engine: Engine = { ...base, clock: () => clock.now };
  far.groups.set("@product-owners", ["UPETRA", "UOLAF"]);
  // The same version ran there before any of this.
  const before = sha(0xfff);
  for (const [id, hosts] of [
    [STAGING, ["staging.acme.test"]],
    [PRODUCTION, ["web-1.acme.test", "web-2.acme.test"]],
  ] as const) {
    await apply(engine, id, { kind: "found_live", hosts: hosts.map((host) => ({ host, revision: before })) });
  }
  let merges = 0;
  let clicks = 0;

  async function wentLive(deployment: DeploymentId, environment: "staging" | "production" = "production"): Promise<void> {
    const id = environment === "staging" ? STAGING : PRODUCTION;
    const ended = await apply(engine, id, { kind: "steps_ended", deployment, outcome: { kind: "done" }, id: newId() });
    if (!ended.ok) throw new Error(ended.refusal.title);
    await reconsider(engine, id);
    await recheck(engine, id);
  }

  async function goesOn(id: EnvironmentId): Promise<Deployment | null> {
    await recheck(engine, id);
    return (await openDeployments(engine.db, id)).find((one) => one.state.state === "executing") ?? null;
  }

  const newId = (): DeploymentId => engine.newId() as DeploymentId;
  const world: LookWorld = {
    engine,
    desk,
    far,
    at(when) {
      const [day = "", time = ""] = when.split(" ");
      clock.now = new Date(`2026-03-0${2 + DAYS.indexOf(day)}T${time}:00Z`);
    },
    async merged(title, author = "UBOB") {
      merges += 1;
      const revision = sha(merges);
      const run = runOf(engine.newId() as RunId, {
        revision,
        title,
        author: personOf(author),
        at: clock.now,
        before: merges === 1 ? before : sha(merges - 1),
      });
      const card = engine.newId();
      await engine.db.transaction(async (tx) => {
        await lockRun(tx, { id: run.id, app: "shop", revision }, clock.now);
        await saveRun(tx, run, clock.now);
        await ensureRunCard(tx, { id: card, app: "shop", channel: "#shop-deploys", runId: run.id });
      });
      await consider(engine, run.id);
      await world.stagingGoesOn();
      return { revision, card };
    },
    async stagingGoesOn() {
      const started = await goesOn(STAGING);
      if (started !== null) await wentLive(started.id, "staging");
    },
    async says(who, intent) {
      clicks += 1;
      const id = `click-${clicks}`;
      const actor = { kind: "slack" as const, id: who, name: nameOf(who) };
      await takeClick(engine, { id, actor, team: "TACME", intent });
      const answer = await carryOut(engine, id, await engine.directory.person(who));
      await reconsider(engine, STAGING);
      return answer;
    },
    open: (environment) => openDeployments(engine.db, environment === "staging" ? STAGING : PRODUCTION),
    productionGoesOn: () => goesOn(PRODUCTION),
    wentLive,
    async reads(card) {
      const loaded = await loadCardModel(engine, card);
      if (loaded === null) throw new Error("nothing to draw");
      return renderCard(loaded.model, { now: clock.now, timezone: "UTC" }).text;
    },
    async threads() {
      const rows = await desk.database.pool.query<{ body: { text: string; mention: string[]; ping: string | null } }>(
        `select body from replies order by "order"`,
      );
      return rows.rows.map(({ body: { text, mention, ping } }) => ({ text, mention, ping }));
    },
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  };
  return world;
}

/** "UPETRA" is Petra. */
function nameOf(id: string): string {
  return `${id.slice(1, 2)}${id.slice(2).toLowerCase()}`;
}

function personOf(id: string): Author {
  return { name: nameOf(id), email: null, login: null, slackId: id };
}

function sha(number: number): Sha {
  const revision = parseSha(number.toString(16).padStart(7, "0").padEnd(40, "a"));
  if (revision === null) throw new Error("a revision of a test is none");
  return revision;
}

function runOf(
  id: RunId,
  of: { readonly revision: Sha; readonly before: Sha; readonly title: string; readonly author: Author; readonly at: Date },
): Run {
  const { revision, before, title, author, at } = of;
  const stage = { status: "passed" as const, stage: null, allowFailure: false, url: null, startedAt: at, finishedAt: at, updatedAt: at };
  const job = (name: string) => ({ ...stage, job: name, name });
  const change = { revision, title, author, url: null, pullRequest: null };
  return {
    id,
    app: "shop",
    revision,
    branch: "main",
    push: { at, pusher: author, before, changes: [change], compareUrl: null },
    workflows: [
      {
        workflowRun: revision,
        provider: "github",
        attempt: 1,
        name: "ci",
        path: null,
        trigger: "push",
        branch: "main",
        tag: false,
        ownRepository: true,
        parent: null,
        status: "passed",
        url: null,
        startedAt: at,
        updatedAt: at,
        jobs: [job("build"), job("acceptance")],
      },
    ],
    checks: [],
    tests: [],
  };
}
