import { asc, eq } from "drizzle-orm";
import { startSandboxSentry, type SandboxSentry } from "../../sandbox/sentry/server.ts";
import { cardById, markPainted } from "../../src/db/cards.ts";
import { deploymentById } from "../../src/db/deployments.ts";
import type { JobName } from "../../src/db/jobs.ts";
import { cards, replies } from "../../src/db/schema.ts";
import { loadLive } from "../../src/db/snapshot.ts";
import { fromStored } from "../../src/db/stored.ts";
import type { Reply } from "../../src/domain/card.ts";
import type { ChangeSet, Deployment } from "../../src/domain/deployment.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { environmentId, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import { apply, type Applied } from "../../src/engine/apply.ts";
import { loadCardModel } from "../../src/engine/card-model.ts";
import { lookForCrashes } from "../../src/engine/crash-free.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { lookForLate } from "../../src/engine/late.ts";
import { lookBefore } from "../../src/engine/look.ts";
import { jobHandlers } from "../../src/engine/workers.ts";
import { createMonitors } from "../../src/monitors/monitors.ts";
import { createSentryClient } from "../../src/sentry/client.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { configOf, type Replica } from "../support/engine-replica.ts";
import { standingOf } from "../support/engine-world.ts";
import { openCalendar, type Calendar } from "./calendar.ts";
import { startProcess, startSite, type Process, type Site, type Trouble } from "./shop.ts";

export const MINUTE = 60_000;
const SERVERS = ["web-1", "web-2"];
const TOKEN = "sntryu_watched";

export const EARLIER = "a".repeat(40) as Sha;
export const LATER = "b".repeat(40) as Sha;

/** A message of the deployment's thread, and the minute since it went live in which it was said. */
export type Said = { readonly text: string; readonly ping: Reply["ping"]; readonly button: boolean; readonly minute: number };

/** Errors of whatever version is live; `#` in `user` makes each another person. `browser`: sent by visitors, not by a server. */
export type Troubles = Omit<Trouble, "at"> & { readonly times: number; readonly browser?: boolean };

export type StageOptions = {
  readonly name: string;
  readonly policy: "shadow" | "offer" | "rollback";
  /** Length of the watch; a look each minute. */
  readonly minutes: number;
  /** Only one of the monitors; by default both. */
  readonly only?: "sentry" | "http";
};

/**
 * One app on two servers from an hour before a deployment to long after its watch, at the time that a test says: the real engine and
 * database, the real SDK, Sentry client and probe, over HTTP. Jobs run at their time by the stage's clock, and Slack shows each card at
 * once. No server is reached: what a deployment would do there is done in no time.
 */
export type Stage = AsyncDisposable & {
  readonly sentry: SandboxSentry;
  readonly site: Site;
  /** Faults that the engine reported. */
  readonly faults: readonly string[];
  /** Spread over the minute that begins now, or so many minutes from now; by what is live then, on the servers in turn. */
  raise(troubles: Troubles, minutesFromNow?: number): void;
  /** Requests to what is live, in one minute of the hour that begins so many hours from now. */
  serve(requests: { readonly well: number; readonly crashed: number }, hoursFromNow: number): void;
  /** The later version is asked for, approved, and goes live. */
  goesLive(changes: ChangeSet): Promise<void>;
  /** Lets time pass, and what is due happen. */
  pass(ms: number): Promise<void>;
  /** The bot is away; what was due is done when it is back, but for lost jobs. */
  away(ms: number, lost?: readonly JobName[]): Promise<void>;
  /** One after the other; what happens in each comes first. Minutes count from 1. */
  minutes(count: number, happens?: (minute: number) => void): Promise<void>;
  /** The same by ten minutes, as long as somebody looks for what comes late. */
  tens(count: number, happens?: (ten: number) => void): Promise<void>;
  /** The same by hours, as long as somebody asks for sessions that crash. */
  hours(count: number, happens: (hour: number) => void): Promise<void>;
  /** What the servers run. */
  live(): Sha;
  deployment(): Promise<Deployment>;
  rollback(): Promise<Deployment | null>;
  /** What the database believes that they run. */
  believed(): Promise<readonly Sha[]>;
  /** What the channel reads on the card. */
  card(): Promise<string>;
  thread(): Promise<readonly Said[]>;
  /** A person's press. */
  presses(button: "roll_back" | "keep_watching" | "stop_countdown"): Promise<Applied>;
};

export async function openStage(desk: Replica, options: StageOptions): Promise<Stage> {
  const place = environmentId(options.name, "production");
  const clock = { now: new Date("2026-03-02T09:00:00Z") };
  const sentry = await startSandboxSentry({ org: "acme", project: "shop", token: TOKEN, now: () => clock.now });
  const site = await startSite();
  const processes = new Map<string, Process>();
  let coming: readonly { readonly server: string | null; readonly trouble: Trouble }[] = [];
  let asked: DeploymentId | null = null;
  let live = EARLIER;
  const { engine, calendar, faults } = engineOf(desk, {
    options,
    clock,
    sentry,
    site,
    arrived: (revision) => (live = revision),
    around: {
      before: happened,
      after: async () => (asked === null ? undefined : drawn(desk.engine, await cardOf(), clock.now)),
    },
  });
  const standing = standingOf("UPETRA");
  const hosts = SERVERS.map((server) => ({ host: `${server}.acme.test`, revision: EARLIER }));
  await must(apply(engine, place, { kind: "found_live", hosts }));

  function processOf(serverName: string | null): Process {
    const key = `${live} ${serverName}`;
    const process = processes.get(key) ?? startProcess({ dsn: sentry.dsn, release: live, serverName });
    processes.set(key, process);
    return process;
  }

  async function current(): Promise<Deployment> {
    const found = asked === null ? null : await deploymentById(engine.db, asked);
    if (found === null) throw new Error("nothing was deployed yet");
    return found;
  }

  async function cardOf(): Promise<string> {
    const [card] = await engine.db
      .select({ id: cards.id })
      .from(cards)
      .where(eq(cards.deploymentId, (await current()).id));
    if (card === undefined) throw new Error("it has no card");
    return card.id;
  }

  /** Everything that happens up to now is at Sentry. */
  async function happened(): Promise<void> {
    const [now, later] = [coming.filter(({ trouble }) => trouble.at < clock.now), coming.filter(({ trouble }) => trouble.at >= clock.now)];
    coming = later;
    for (const { server, trouble } of now) processOf(server).raise(trouble);
    await Promise.all([...processes.values()].map((process) => process.sent()));
  }

  const stage: Stage = {
    sentry,
    site,
    faults,
    raise({ times, browser = false, user, ...trouble }, minutesFromNow = 0) {
      const begins = clock.now.getTime() + minutesFromNow * MINUTE;
      for (let nth = 0; nth < times; nth += 1) {
        const at = new Date(begins + ((nth + 0.5) / times) * MINUTE);
        const server = browser ? null : (SERVERS[nth % SERVERS.length] ?? null);
        coming = [...coming, { server, trouble: { ...trouble, user: user.replace("#", String(nth)), at } }];
      }
    },
    serve: (requests, hoursFromNow) =>
      processOf(null).serve({ ...requests, at: new Date(clock.now.getTime() + hoursFromNow * 60 * MINUTE) }),
    async goesLive(changes) {
      await happened();
      const id = engine.newId() as DeploymentId;
      const dora = standingOf("UDORA", { approver: false });
      const request = {
        kind: "request",
        standing: dora,
        revision: LATER,
        runId: null,
        changes,
        missing: [],
        containsBlocked: null,
      } as const;
      await must(apply(engine, place, { ...request, id }));
      asked = id;
      const digest = digestOf({ revision: LATER, environment: place, planHash: (await current()).planHash });
      await must(apply(engine, place, { kind: "approve", standing, deployment: id, digest, override: null, approverNames: [] }));
      await calendar.run();
    },
    pass: (ms) => calendar.runUntil(new Date(clock.now.getTime() + ms)),
    async away(ms, lost = []) {
      calendar.sleepUntil(new Date(clock.now.getTime() + ms), lost);
      await calendar.run();
    },
    async minutes(count, happens = () => undefined) {
      for (let minute = 1; minute <= count; minute += 1) {
        happens(minute);
        await stage.pass(MINUTE);
      }
    },
    async tens(count, happens = () => undefined) {
      for (let ten = 1; ten <= count; ten += 1) {
        happens(ten);
        await stage.pass(10 * MINUTE);
        await lookForLate(engine);
        await calendar.run();
      }
    },
    async hours(count, happens) {
      for (let hour = 1; hour <= count; hour += 1) {
        happens(hour);
        await stage.pass(60 * MINUTE);
        await happened();
        await lookForCrashes(engine);
        await calendar.run();
      }
    },
    live: () => live,
    deployment: current,
    async rollback() {
      const { rolledBackBy } = await current();
      return rolledBackBy === null ? null : deploymentById(engine.db, rolledBackBy);
    },
    believed: async () => (await loadLive(engine.db, place)).map((host) => host.revision),
    async card() {
      const loaded = await loadCardModel(engine, await cardOf());
      if (loaded === null) throw new Error("nothing to draw");
      return renderCard(loaded.model, { now: clock.now, timezone: "UTC" }).text;
    },
    async thread() {
      const { liveAt } = await current();
      const rows = await engine.db
        .select()
        .from(replies)
        .where(eq(replies.cardId, await cardOf()))
        .orderBy(asc(replies.order));
      return rows.map(({ body, at }) => {
        const { text, ping, rollBackButton: button } = fromStored<Reply>(body);
        return { text, ping, button, minute: liveAt === null ? 0 : Math.ceil((at.getTime() - liveAt.getTime()) / MINUTE) };
      });
    },
    async presses(kind) {
      const { id } = await current();
      const press = { standing, deployment: id };
      const back = { kind: "roll_back", reason: null, id: engine.newId() as DeploymentId } as const;
      const applied = await apply(engine, place, kind === "roll_back" ? { ...press, ...back } : { ...press, kind });
      await calendar.run();
      return applied;
    },
    async [Symbol.asyncDispose]() {
      await sentry.close();
      await site.close();
    },
  };
  return stage;
}

type Around = {
  readonly options: StageOptions;
  readonly clock: { now: Date };
  readonly sentry: SandboxSentry;
  readonly site: Site;
  readonly arrived: (revision: Sha) => void;
  readonly around: Parameters<typeof openCalendar>[2];
};

/** The desk's database with a clock, a calendar and monitors of its own: stages side by side know nothing of each other. */
function engineOf(
  desk: Replica,
  { options, clock, sentry, site, arrived, around }: Around,
): { readonly engine: Engine; readonly calendar: Calendar; readonly faults: readonly string[] } {
  const faults: string[] = [];
  const now = (): Date => clock.now;
  const report: Engine["report"] = (fault) => {
    faults.push(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
  };
  const client = createSentryClient({ url: sentry.apiUrl, token: TOKEN, organization: "acme", now });
  const calendar = openCalendar(clock, () => handlers, around);
  const engine: Engine = {
    ...desk.engine,
    config: configOf(configText(options, site)),
    clock: now,
    report,
    jobs: { send: calendar.send },
    monitors: createMonitors({ sources: () => client, report }),
  };
  const handlers = {
    ...jobHandlers(engine, async () => undefined),
    async drive({ deployment }: { readonly deployment: string }) {
      const revision = await carriedOut(engine, deployment as DeploymentId);
      if (revision !== null) arrived(revision);
    },
  };
  return { engine, calendar, faults };
}

/** What a drive ends with where all steps succeed. The site is probed before anything changes, as ever. Null: nothing was to be done. */
async function carriedOut(engine: Engine, id: DeploymentId): Promise<Sha | null> {
  const found = await deploymentById(engine.db, id);
  if (found?.state.state !== "executing") return null;
  await lookBefore(engine, found);
  const ended = { kind: "steps_ended", deployment: id, outcome: { kind: "done" }, id: engine.newId() as DeploymentId } as const;
  await must(apply(engine, found.environmentId, ended));
  return found.revision;
}

/** What the painter notes when Slack has taken the card. */
async function drawn(engine: Engine, id: string, asOf: Date): Promise<void> {
  const card = await cardById(engine.db, id);
  if (card === null || card.version === card.drawnVersion) return;
  await markPainted(engine.db, id, { channel: "C1", ts: "1.1", hash: "", drawnVersion: card.version, asOf, posted: false });
}

function configText({ name, policy, minutes, only }: StageOptions, site: Site): string {
  return `apps:
  ${name}:
    repository: github:acme/${name}
    channel: "#${name}-deploys"
    environments:
      production:
        approval: { from: ["@product-owners"], expires: 24h }
        target: { type: ssh, hosts: [deploy@web-1.acme.test, deploy@web-2.acme.test], directory: /srv/shop, recipe: django }
        watch:
          for: ${minutes}m
          every: 1m
          on_regression: ${policy}
${only === "http" ? "" : "          sentry: { project: shop, environment: production }\n"}${only === "sentry" ? "" : `          http: { url: "${site.url}" }\n`}`;
}

async function must(applied: Promise<Applied>): Promise<void> {
  const answer = await applied;
  if (!answer.ok) throw new Error(`${answer.refusal.title} ${answer.refusal.reasons.map(({ text }) => text).join(" ")}`);
}
