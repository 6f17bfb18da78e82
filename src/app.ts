import { hostname } from "node:os";
import { v7 as uuidv7 } from "uuid";
import { secretsOf, type Env } from "./config/env.ts";
import { CARDS_CHANGED, unbreakCards } from "./db/cards.ts";
import { openDatabase } from "./db/client.ts";
import { unfinished } from "./db/deployments.ts";
import { markAnswered, unansweredClicks } from "./db/inbox.ts";
import { recognise } from "./db/incarnation.ts";
import { startJobs, type JobQueue } from "./db/jobs.ts";
import { activateConfiguration, activeHash, dropLease, forgetReplica, holdLease, seeReplica } from "./db/leases.ts";
import { listen } from "./db/listen.ts";
import { migrateDatabase, withStartLock } from "./db/migrate.ts";
import { ensureEnvironment } from "./db/snapshot.ts";
import type { Config } from "./domain/config.ts";
import { apply } from "./engine/apply.ts";
import { deployChoices } from "./engine/choices.ts";
import { carryOut, takeClick } from "./engine/clicks.ts";
import { processDelivery, takeDelivery, type Read } from "./engine/deliveries.ts";
import { TIMING, type Engine } from "./engine/engine.ts";
import { homeOf } from "./engine/home.ts";
import { painting, PAINTER_LEASE } from "./engine/painting.ts";
import { SWEEP_EVERY_MS, sweep } from "./engine/reconcile.ts";
import { rollBackOf } from "./engine/roll-back-of.ts";
import { jobHandlers } from "./engine/workers.ts";
import { createGitHub } from "./github/client.ts";
import { normaliseGitHub } from "./github/normalise.ts";
import { githubWebhook } from "./github/webhook.ts";
import { bufferedRoute } from "./http/route.ts";
import { startHttp } from "./http/server.ts";
import { webhookRoutes } from "./http/webhook-route.ts";
import { createMonitors } from "./monitors/monitors.ts";
import type { CodeHost, CommitStatus } from "./ports.ts";
import { createSentryClient } from "./sentry/client.ts";
import { createSlack } from "./slack/app.ts";
import type { Click, PainterDeps } from "./slack/deps.ts";
import { createSshTarget } from "./targets/ssh/target.ts";
import type { Telemetry } from "./telemetry.ts";

export type Running = {
  readonly url: string;
  /** Takes no new work, lets go of what runs on hosts, and closes; the remote steps go on. */
  stop(): Promise<void>;
};

export type Parts = {
  readonly env: Env;
  readonly config: Config;
  readonly connectionString: string;
  readonly historyKey: string;
  readonly telemetry: Telemetry;
};

/** The composition root: the only place that knows every adapter. Order of a start: lock, migrate, jobs, unlock, listen. */
export async function startApp(parts: Parts): Promise<Running> {
  const { config, telemetry } = parts;
  const log = telemetry.logger;
  const opened = await openEngine(parts);
  const { engine, slack, jobs } = opened;
  await activateConfiguration(engine.db, config, new Date());
  await prepareEnvironments(engine, opened.restored);
  const http = await startHttp({
    port: parts.env.port,
    routes: routes(parts, engine, slack),
    log,
    ready: () => readiness(engine, slack.connected()),
    metrics: { token: parts.env.metricsToken?.reveal() ?? null, render: telemetry.metrics.render },
  });
  await slack.start();
  const painter = await slack.painter(painterDeps(parts, engine));
  painter.start();
  await jobs.work(jobHandlers(engine, (id) => processDelivery(engine, id, normalise)));
  const ticking = setInterval(() => void tick(engine, telemetry), SWEEP_EVERY_MS);
  await tick(engine, telemetry);
  log.info(
    { url: http.url, replica: engine.replica, installation: engine.installation, apps: config.apps.map((app) => app.name) },
    "Greenlight is ready",
  );
  void tellSlackProblems(parts, slack);
  return {
    url: http.url,
    async stop() {
      clearInterval(ticking);
      opened.letGo();
      await painter.stop();
      await Promise.allSettled([slack.stop(), http.close()]);
      await dropLease(engine.db, PAINTER_LEASE, engine.replica).catch(() => undefined);
      await forgetReplica(engine.db, engine.replica).catch(() => undefined);
      await opened.close();
    },
  };
}

export type Opened = {
  readonly engine: Engine;
  readonly slack: Awaited<ReturnType<typeof createSlack>>;
  readonly jobs: JobQueue;
  /** Why this database is not the one it says it is; null: it is. */
  readonly restored: string | null;
  /** Lets go of what runs on hosts: the remote steps go on. */
  letGo(): void;
  close(): Promise<void>;
};

/** Everything but listening and working: what the command line needs too. */
export async function openEngine(parts: Parts): Promise<Opened> {
  const { config, telemetry, connectionString } = parts;
  const database = openDatabase(connectionString, {
    onConnectionLost: (error) => telemetry.logger.warn({ err: error }, "a database connection broke; it is replaced"),
  });
  const { db } = database;
  const stopping = new AbortController();
  const jobs = await withStartLock(database.pool, async () => {
    await migrateDatabase(database.pool);
    return startJobs(connectionString, { onError: (fault) => telemetry.report(fault, { where: "jobs" }) });
  });
  const { installation, restored } = await recognise(db, uuidv7);
  const replica = `${hostname()}:${process.pid}:${uuidv7().slice(-6)}`;
  const slack = await createSlack(
    slackOptions(parts),
    slackDeps(parts, () => engine),
  );
  const engine: Engine = {
    ...outside(parts),
    db,
    jobs,
    config,
    installation,
    replica,
    directory: slack.directory,
    historyKey: parts.historyKey,
    stopping: stopping.signal,
  };
  return {
    engine,
    slack,
    jobs,
    restored,
    letGo: () => stopping.abort(),
    async close() {
      stopping.abort();
      await jobs.stop();
      await engine.target.close();
      await database.close();
      await telemetry.flush();
    },
  };
}

/** What is wrong between us and Slack, said once at the start, in sentences that say what to do. */
async function tellSlackProblems(parts: Parts, slack: Opened["slack"]): Promise<void> {
  const channels = [...new Set(parts.config.apps.map((app) => app.channel))];
  for (const problem of await slack.check(channels)) parts.telemetry.logger.warn(problem);
}

/** What the engine needs of the world outside: adapters, each with its own credentials. */
function outside(
  parts: Parts,
): Pick<Engine, "clock" | "report" | "log" | "newId" | "target" | "monitors" | "codeHost" | "secrets" | "timing" | "checkpoint"> {
  const { env, telemetry } = parts;
  const log = telemetry.logger;
  const { report } = telemetry;
  return {
    clock: () => new Date(),
    report,
    log: (level, message, fields) => log[level](fields ?? {}, message),
    newId: uuidv7,
    target: createSshTarget({
      privateKeys: env.ssh.privateKeys.map((key) => key.reveal()),
      knownHosts: env.ssh.knownHosts ?? "",
      log: (line) => log.debug(line, "ssh"),
    }),
    monitors: createMonitors({ sources: sentrySources(parts), report }),
    codeHost: codeHosts(parts),
    secrets: secretsOf(env).filter((secret) => !secret.includes("\n")),
    timing: TIMING,
    checkpoint: async () => undefined,
  };
}

function codeHosts(parts: Parts): (connection: string) => CodeHost & CommitStatus {
  const hosts = new Map(
    [...parts.env.github].map(([name, account]) => [
      name,
      createGitHub({
        apiUrl: account.apiUrl,
        token: account.token?.reveal() ?? null,
        app: account.app === null ? null : { id: account.app.id, privateKey: account.app.privateKey.reveal() },
        log: parts.telemetry.logger,
      }),
    ]),
  );
  // Other kinds of repository have no API here yet: like an account without a token, they are never asked.
  const mute = createGitHub({ apiUrl: null, token: null, app: null, log: parts.telemetry.logger });
  return (connection) => hosts.get(connection) ?? mute;
}

function sentrySources(parts: Parts): (connection: string) => ReturnType<typeof createSentryClient> | null {
  const clients = new Map(
    [...parts.env.sentry].flatMap(([name, account]) =>
      account.authToken === null
        ? []
        : [
            [
              name,
              createSentryClient({
                url: account.apiUrl,
                token: account.authToken.reveal(),
                organization: account.organization,
                now: () => new Date(),
              }),
            ] as const,
          ],
    ),
  );
  return (connection) => clients.get(connection) ?? null;
}

function slackOptions({ env, config }: Parts): Parameters<typeof createSlack>[0] {
  return {
    botToken: env.slack.botToken.reveal(),
    signingSecret: env.slack.signingSecret.reveal(),
    appToken: env.slack.appToken?.reveal() ?? null,
    apiUrl: env.slack.apiUrl,
    command: config.command,
    timezone: process.env["TZ"] ?? "UTC",
  };
}

type Log = (level: "debug" | "info" | "warn" | "error", message: string, fields: Readonly<Record<string, string | number | null>>) => void;

function fronts({ telemetry }: Parts): { now(): Date; readonly report: Telemetry["report"]; readonly log: Log } {
  return { now: () => new Date(), report: telemetry.report, log: (level, message, fields) => telemetry.logger[level](fields, message) };
}

/** Slack gets plain functions; `engineOf` since the engine needs Slack's directory first. */
function slackDeps(parts: Parts, engineOf: () => Engine): Parameters<typeof createSlack>[1] {
  const { config, telemetry } = parts;
  return {
    ...fronts(parts),
    takeClick: (click) => takeClick(engineOf(), click),
    async carryOut(id, person) {
      const answer = await carryOut(engineOf(), id, person);
      telemetry.metrics.clicks.inc({ outcome: answer.kind });
      return answer;
    },
    answered: (id) => markAnswered(engineOf().db, id, new Date()),
    unansweredClicks: () => unansweredClicks<Click>(engineOf().db),
    vocabulary: () => config.apps.map((app) => ({ app: app.name, environments: app.environments.map((environment) => environment.name) })),
    deployChoices: (wanted) => deployChoices(engineOf(), wanted),
    rollBackOf: (place) => rollBackOf(engineOf(), place),
    home: (user) => homeOf(engineOf(), user),
  };
}

function painterDeps(parts: Parts, engine: Engine): PainterDeps {
  return {
    ...fronts(parts),
    ...painting(engine),
    subscribe(wake) {
      const listening = listen(parts.connectionString, CARDS_CHANGED, wake);
      return () => void listening.stop();
    },
  };
}

function routes(
  { env, telemetry }: Parts,
  engine: Engine,
  slack: Awaited<ReturnType<typeof createSlack>>,
): Parameters<typeof startHttp>[0]["routes"] {
  const sources = [...env.github].flatMap(([connection, account]) =>
    account.webhookSecret === null ? [] : [githubWebhook({ connection, secret: account.webhookSecret.reveal() })],
  );
  const webhooks = webhookRoutes({
    sources,
    async store(delivery) {
      const taken = await takeDelivery(engine, delivery);
      telemetry.metrics.deliveries.inc({
        source: delivery.source,
        result: taken === "duplicate" ? taken : (delivery.result ?? "accepted"),
      });
      return taken;
    },
    log: telemetry.logger,
  });
  const events = bufferedRoute({
    path: "/slack/events",
    requires: ["x-slack-signature", "x-slack-request-timestamp"],
    serve: (request, response) => slack.requestListener(request, response),
  });
  return [...webhooks, events];
}

function normalise(source: string, event: string, body: Uint8Array): Read {
  return source === "github" ? normaliseGitHub(event, body) : { kind: "ignored", reason: `nothing reads deliveries of ${source} yet` };
}

/** Every configured environment has its row; in a restored database nothing starts until a person has looked. */
async function prepareEnvironments(engine: Engine, restored: string | null): Promise<void> {
  for (const app of engine.config.apps) {
    for (const environment of app.environments) {
      await ensureEnvironment(engine.db, environment);
      if (restored !== null) await apply(engine, environment.id, { kind: "restored", because: restored });
    }
  }
  await unbreakCards(engine.db);
}

/** One replica sweeps; each says that it lives, and with which configuration. */
async function tick(engine: Engine, telemetry: Telemetry): Promise<void> {
  try {
    await seeReplica(engine.db, engine.replica, engine.config.hash, engine.clock());
    telemetry.metrics.openDeployments.set((await unfinished(engine.db)).length);
    if (await holdLease(engine.db, "sweep", engine.replica)) await sweep(engine);
  } catch (fault) {
    engine.report(fault, { where: "sweep" });
  }
}

async function readiness(engine: Engine, slackConnected: boolean): Promise<{ readonly ok: boolean; readonly because: readonly string[] }> {
  const because: string[] = [];
  try {
    const active = await activeHash(engine.db);
    if (active !== engine.config.hash) because.push("another replica was started with a newer configuration; restart this one with it");
  } catch {
    because.push("the database does not answer");
  }
  if (!slackConnected) because.push("Slack is not connected");
  return { ok: because.length === 0, because };
}
