import { activateConfiguration, activeHash, dropLease, forgetReplica } from "../db/leases.ts";
import { createChores } from "../engine/chores.ts";
import { readDeliveries } from "../engine/deliveries.ts";
import { PAINTER_LEASE } from "../engine/painting.ts";
import { SWEEP_EVERY_MS } from "../engine/reconcile.ts";
import { prepareEnvironments, readiness, SWEEP_LEASE, tick } from "../engine/upkeep.ts";
import { jobHandlers } from "../engine/workers.ts";
import { startHttp } from "../http/server.ts";
import { normalise, painterDeps, routes } from "./fronts.ts";
import { openEngine, type Opened, type Parts } from "./open.ts";

/** How soon a replica notices that a newer configuration was started elsewhere. */
const OUTDATED_EVERY_MS = 2000;

export type Running = {
  readonly url: string;
  /** Takes no new work, lets go of what runs on hosts, and closes; the remote steps go on. */
  stop(): Promise<void>;
};

/** The composition root: the only place that knows every adapter. Order of a start: lock, migrate, jobs, unlock, listen. */
export async function startApp(parts: Parts): Promise<Running> {
  const { config, telemetry } = parts;
  const log = telemetry.logger;
  const opened = await openEngine(parts);
  const { engine, slack, jobs } = opened;
  const prepared = Promise.withResolvers<void>();
  // A port that is taken must be found before our configuration becomes the active one: it would retire the replica that works.
  const http = await startHttp({
    port: parts.env.port,
    routes: routes(parts, engine, slack).map((route) => ({
      ...route,
      serve: async (...visit: Parameters<typeof route.serve>) => {
        await prepared.promise;
        return route.serve(...visit);
      },
    })),
    log,
    ready: () => readiness(engine, slack.connected()),
    metrics: { token: parts.env.metricsToken?.reveal() ?? null, render: telemetry.metrics.render },
  });
  await activateConfiguration(engine.db, config, new Date());
  await prepareEnvironments(engine, opened.restored);
  prepared.resolve();
  await slack.start();
  const painter = await slack.painter(painterDeps(parts, engine));
  painter.start();
  await jobs.work(jobHandlers(engine, () => readDeliveries(engine, normalise)));
  const showOpen = (count: number): void => telemetry.metrics.openDeployments.set(count);
  const outdated = setInterval(() => void retireIfOutdated(), OUTDATED_EVERY_MS);
  const chores = createChores(engine);
  const ticking = setInterval(() => {
    void tick(engine, showOpen);
    chores.look();
  }, SWEEP_EVERY_MS);
  await tick(engine, showOpen);
  chores.look();
  async function retireIfOutdated(): Promise<void> {
    const active = await activeHash(engine.db).catch(() => config.hash);
    if (active === config.hash || active === null) return;
    clearInterval(outdated);
    clearInterval(ticking);
    log.warn("another replica was started with a newer configuration: this one drives, decides and paints nothing any more. Restart it.");
    opened.letGo();
    await Promise.allSettled([painter.stop(), slack.stop(), jobs.stop()]);
  }
  log.info(
    { url: http.url, replica: engine.replica, installation: engine.installation, apps: config.apps.map((app) => app.name) },
    "Greenlight is ready",
  );
  void tellSlackProblems(parts, slack);
  return {
    url: http.url,
    async stop() {
      clearInterval(outdated);
      clearInterval(ticking);
      opened.letGo();
      // Side by side: each may wait for a far side that hangs, and together they have ten seconds.
      await Promise.allSettled([painter.stop(), slack.stop(), http.close(), jobs.stop()]);
      for (const lease of [PAINTER_LEASE, SWEEP_LEASE]) await dropLease(engine.db, lease, engine.replica).catch(() => undefined);
      await forgetReplica(engine.db, engine.replica).catch(() => undefined);
      await opened.close();
    },
  };
}

/** What is wrong between us and Slack, said once at the start, in sentences that say what to do. */
async function tellSlackProblems(parts: Parts, slack: Opened["slack"]): Promise<void> {
  const channels = [...new Set(parts.config.apps.map((app) => app.channel))];
  for (const problem of await slack.check(channels)) parts.telemetry.logger.warn(problem);
}
