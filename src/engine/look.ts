import { hasLookedEarly, measurementsOf, storeMeasurement } from "../db/measurements.ts";
import { touchDeployment } from "../db/cards.ts";
import { addReply } from "../db/replies.ts";
import { deploymentById, pastDeployments, rollbackOf } from "../db/deployments.ts";
import { aftermathMonitors, aftermathOf, aftermathWords, isLastLook } from "../domain/aftermath.ts";
import { callOnCall } from "../domain/duty.ts";
import type { Watch } from "../domain/config.ts";
import { isWatched, type Deployment } from "../domain/deployment.ts";
import type { CommandOf } from "../domain/environment.ts";
import type { DeploymentId } from "../domain/ids.ts";
import type { ErrorsSeen, Measurement, PageSamples } from "../domain/measurement.ts";
import { deployedCode } from "../domain/verdict/changed-file.ts";
import { judge } from "../domain/verdict/judge.ts";
import { threadReply } from "../domain/thread-reply.ts";
import { nextLook } from "../domain/watch-looks.ts";
import { earlierSamples } from "../domain/verdict/site-latency.ts";
import type { Look } from "../ports.ts";
import { apply } from "./apply.ts";
import type { Engine } from "./engine.ts";
import { environmentOf } from "./engine.ts";
import { askForLastPicture } from "./pictures.ts";
import { undoHere } from "./undo.ts";

/** A monitor with all its time-outs is through by then. */
const LAST_LOOK_GRACE_MS = 60_000;

/** `early`: nobody waits for it, and no look follows it. */
type LookInput = {
  readonly deployment: DeploymentId;
  readonly monitor: "sentry" | "http";
  readonly look: number;
  readonly early?: boolean;
};

/** One look of one monitor: measures, then stores the measurement, judges and sends the next look in one transaction. */
export async function look(engine: Engine, input: LookInput): Promise<void> {
  const deployment = await deploymentById(engine.db, input.deployment);
  const watch = deployment?.plan.watch ?? null;
  if (deployment === null || watch === null || deployment.liveAt === null || !isWatched(deployment.state)) return;
  const early = input.early === true;
  if (early && (await hasLookedEarly(engine.db, deployment.id, input.look))) return;
  const measured = await measure(engine, deployment, watch, { ...input, earlier: await errorsToldOf(engine, deployment.id) });
  if (measured === null) return;
  const measurement: Measurement = early ? { ...measured, early } : measured;
  const { environmentId, liveAt, state } = deployment;
  let first = false;
  await apply(
    engine,
    environmentId,
    // Of two monitors that look at once the second must know what the first saw: by what was read before, it would take that back.
    {
      kind: "measured",
      completed: (tx) => judged({ ...engine, db: tx }, deployment, { watch, liveAt, until: state.until, monitor: input.monitor }),
    },
    {
      before: async (tx) => (first = await storeMeasurement(tx, deployment.id, input.monitor, measurement)),
      after: async (tx) => {
        // A look that was told twice has sent the next one already.
        if (!first) return;
        const after = (await deploymentById(tx, deployment.id)) ?? deployment;
        const end = endOfLooks(after);
        // One that began before the end and was through after it did not look at the end.
        if (!early && end !== null && measurement.at < end) {
          const next = nextLook(watch, { liveAt, done: input.look, end, now: engine.clock() });
          await engine.jobs.send(tx, "look", { ...input, look: next.look }, next.at);
        }
        await touchDeployment(tx, after);
      },
    },
  );
}

type Judged = { readonly watch: Watch; readonly liveAt: Date; readonly until: Date; readonly monitor: LookInput["monitor"] };

/** What all looks that are stored say together. */
async function judged(engine: Engine, deployment: Deployment, { watch, liveAt, until, monitor }: Judged): Promise<CommandOf<"measured">> {
  const now = engine.clock();
  const { watch: looks } = await measurementsOf(engine.db, deployment.id);
  return {
    kind: "measured",
    deployment: deployment.id,
    verdict: judge(watch, looks, { liveAt, until, now }),
    undo: await undoHere(engine, deployment),
    ...(isAwaited(watch, monitor, looks, { until, now }) ? { awaited: true } : {}),
    id: engine.newId() as DeploymentId,
  };
}

/** Monitors look one after the other at the end; the verdict is that of all. One that stays away does not keep a watch open for ever. */
function isAwaited(
  watch: Watch,
  done: LookInput["monitor"],
  looks: readonly Measurement[],
  { until, now }: { readonly until: Date; readonly now: Date },
): boolean {
  if (now.getTime() >= until.getTime() + LAST_LOOK_GRACE_MS + watch.everyMs) return false;
  const others = (["sentry", "http"] as const).filter((monitor) => monitor !== done && watch[monitor] !== null);
  return others.some((monitor) => !looks.some((one) => one.monitor === monitor && one.look > 0 && one.at >= until));
}

/** A countdown may outlast the watch: whether it recovers is still looked at. Null: nobody watches any more. */
function endOfLooks({ state }: Deployment): Date | null {
  if (state.state === "countdown") return state.rollBackAt > state.until ? state.rollBackAt : state.until;
  return state.state === "watching" ? state.until : null;
}

async function measure(
  engine: Engine,
  deployment: Deployment,
  watch: Watch,
  input: { readonly monitor: "sentry" | "http"; readonly look: number; readonly earlier: ErrorsSeen | null },
): Promise<Measurement | null> {
  if (deployment.liveAt === null) return null;
  const asked = lookOf(engine, deployment, watch, { ...input, liveAt: deployment.liveAt });
  if (input.monitor === "sentry") return watch.sentry === null ? null : engine.monitors.sentry(watch.sentry, asked);
  return watch.http === null ? null : engine.monitors.http(watch.http, asked);
}

/** What the newest look that counted errors told. */
async function errorsToldOf(engine: Engine, id: DeploymentId): Promise<ErrorsSeen | null> {
  const { watch } = await measurementsOf(engine.db, id);
  return watch.findLast((measurement) => measurement.kind === "errors") ?? null;
}

function lookOf(
  engine: Engine,
  deployment: Deployment,
  watch: Watch,
  { look: number, liveAt, earlier }: { readonly look: number; readonly liveAt: Date; readonly earlier: ErrorsSeen | null },
): Look {
  const privacy = environmentOf(engine, deployment.environmentId)?.app.privacy ?? "strict";
  return {
    look: number,
    app: deployment.plan.app,
    environment: deployment.plan.environment,
    privacy,
    revision: deployment.revision,
    liveAt,
    now: engine.clock(),
    baselineMs: watch.baselineMs,
    everyMs: watch.everyMs,
    forMs: watch.forMs,
    earlier,
    servers: deployment.plan.hosts.flatMap(({ name, address }) => [name, address]),
    code: deployedCode(deployment),
  };
}

/** The site as it is before anything changes, and as it was in the last healthy watch: what was wrong already is not this deployment's fault. */
export async function lookBefore(engine: Engine, deployment: Deployment): Promise<void> {
  const watch = deployment.plan.watch;
  if (watch === null || watch.http === null) return;
  const asked = lookOf(engine, deployment, watch, { look: 0, liveAt: engine.clock(), earlier: null });
  const seen = await engine.monitors.http(watch.http, asked);
  const earlier = seen.kind === "site" ? await lastHealthyWatch(engine, deployment) : [];
  const measurement: Measurement = seen.kind === "site" && earlier.length > 0 ? { ...seen, earlier } : seen;
  await engine.db.transaction((tx) => storeMeasurement(tx, deployment.id, "http", measurement));
}

async function lastHealthyWatch(engine: Engine, deployment: Deployment): Promise<readonly (readonly PageSamples[])[]> {
  const past = await pastDeployments(engine.db, deployment.environmentId);
  const healthy = past.find(({ state }) => state.state === "succeeded");
  return healthy === undefined ? [] : earlierSamples((await measurementsOf(engine.db, healthy.id)).watch);
}

type After = { readonly deployment: Deployment; readonly rollback: Deployment; readonly watch: Watch; readonly look: number };

/** One look of each monitor that saw what was wrong; none: nobody can see whether that is over. */
async function measureAfter(engine: Engine, { deployment, rollback, watch, look: number }: After): Promise<readonly Measurement[]> {
  const { liveAt } = deployment;
  if (liveAt === null || rollback.liveAt === null) return [];
  const told = await errorsToldOf(engine, deployment.id);
  const asked = lookOf(engine, deployment, watch, { look: number, liveAt, earlier: told });
  // What should be there is the earlier version.
  const askedAgain: Look = { ...asked, revision: rollback.revision, liveAt: rollback.liveAt };
  const monitors = aftermathMonitors(deployment);
  const seen: Measurement[] = [];
  if (watch.sentry !== null && monitors.includes("sentry")) {
    // At once: a look that takes twice its time outlasts its job.
    const [errors, again] = await Promise.all([
      engine.monitors.sentry(watch.sentry, asked),
      engine.monitors.sentry(watch.sentry, askedAgain),
    ]);
    // What was before is told once, to the watch.
    const baseline = told?.baseline === undefined ? {} : { baseline: told.baseline };
    const known = again.kind === "errors" && again.intervals !== undefined ? { again: again.intervals } : {};
    // Who cannot ask about both versions has not seen whether it is over.
    seen.push(
      errors.kind === "errors" && again.kind === "errors" ? { ...errors, ...baseline, ...known } : errors.kind === "gap" ? errors : again,
    );
  }
  if (watch.http !== null && monitors.includes("http")) seen.push(await engine.monitors.http(watch.http, askedAgain));
  return seen.map((measurement) => ({ ...measurement, look: number }));
}

/** After a rollback: is what was wrong over? The card says so, or that it is not, or that nobody verified it. */
export async function aftermath(engine: Engine, input: { readonly deployment: DeploymentId; readonly look: number }): Promise<void> {
  const deployment = await deploymentById(engine.db, input.deployment);
  const rollback = await rollbackOf(engine.db, input.deployment);
  const watch = deployment?.plan.watch ?? null;
  if (deployment === null || watch === null || rollback === null || rollback.liveAt === null) return;
  const seen = await measureAfter(engine, { deployment, rollback, watch, look: input.look });
  const { aftermath: earlier } = await measurementsOf(engine.db, deployment.id);
  const known = aftermathOf(deployment, [...earlier, ...seen], rollback.liveAt);
  const last = seen.length === 0 || isLastLook(input.look, known);
  await engine.db.transaction(async (tx) => {
    for (const measurement of seen) if (!(await storeMeasurement(tx, deployment.id, "aftermath", measurement))) return;
    if (!last)
      await engine.jobs.send(tx, "aftermath", { ...input, look: input.look + 1 }, new Date(engine.clock().getTime() + watch.everyMs));
    else await askForLastPicture(engine, tx, deployment);
    const text = last ? aftermathWords(deployment, known) : null;
    if (text !== null) {
      // Rolling back did not help: whoever is on call has to look elsewhere.
      const onCall = known.goesOn.length === 0 ? [] : (environmentOf(engine, deployment.environmentId)?.environment.onCall ?? []);
      await addReply(tx, {
        id: engine.newId(),
        deployment: deployment.id,
        at: engine.clock(),
        body: threadReply({ key: "aftermath", kind: onCall.length === 0 ? "note" : "ping", ...callOnCall({ onCall }), text }),
      });
    }
    // Whether it helped decides whether somebody is woken.
    if (last && environmentOf(engine, deployment.environmentId)?.environment.escalate !== undefined)
      await engine.jobs.send(tx, "recheck", { environment: deployment.environmentId });
    await touchDeployment(tx, deployment);
  });
}
