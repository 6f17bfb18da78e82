import { addReply } from "../db/cards.ts";
import { deploymentById } from "../db/deployments.ts";
import type { Jobs } from "../db/jobs.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { DeploymentId } from "../domain/ids.ts";
import { parseDeploymentId } from "../domain/ids.ts";
import { environmentOf, type Engine } from "./engine.ts";

/** Tells Sentry of the release and its deploy. What fails is said in the thread: a watch without it would be blind. */
export async function announce(engine: Engine, id: DeploymentId): Promise<void> {
  const deployment = await deploymentById(engine.db, id);
  const sentry = deployment?.plan.watch?.sentry ?? null;
  const known = deployment === null ? null : environmentOf(engine, deployment.environmentId);
  if (deployment === null || sentry === null || known === null || deployment.startedAt === null || deployment.liveAt === null) return;
  const { revision, from, startedAt, liveAt } = deployment;
  const failed = await engine.monitors.announce(sentry, {
    revision,
    previous: from,
    repository: known.app.repository.path,
    startedAt,
    liveAt,
    deployment: deployment.id,
  });
  if (failed === null) return;
  engine.log("warn", failed, { deployment: id });
  await engine.db.transaction((tx) =>
    addReply(tx, {
      id: engine.newId(),
      deployment: id,
      at: engine.clock(),
      body: {
        key: "announce",
        kind: "note",
        ping: null,
        broadcast: false,
        mention: [],
        text: failed,
        preformatted: null,
        rollBackButton: false,
      },
    }),
  );
}

/** A code host that is away is told again, for as long as anybody may look there for it. */
const TELL_AGAIN_MS = 60_000;
const TELL_FOR_MS = 24 * 3_600_000;

/** Tells the code host what is deployed where; found by our id before it is created. */
export async function tell(engine: Engine, data: Jobs["tell"]): Promise<void> {
  const id = parseDeploymentId(data.deployment);
  const deployment = id === null ? null : await deploymentById(engine.db, id);
  const known = deployment === null ? null : environmentOf(engine, deployment.environmentId);
  if (deployment === null || known === null || deployment.kind === "rollback") return;
  const { app, environment } = known;
  if (!isStillSo(deployment, data.state)) return;
  const told = await engine.codeHost(app.repository).tell({
    repository: app.repository.path,
    deployment: deployment.id,
    environment: environment.name,
    production: environment.release.mode === "approval",
    revision: deployment.revision,
    state: data.state,
    url: environment.url,
    description: `Greenlight #${deployment.number} to ${environment.name}`,
  });
  const waited = engine.clock().getTime() - (deployment.startedAt ?? deployment.requestedAt).getTime();
  if (!told && waited < TELL_FOR_MS) await engine.jobs.send(engine.db, "tell", data, new Date(engine.clock().getTime() + TELL_AGAIN_MS));
}

/** A state that was overtaken meanwhile is not told late: the newest told is the one that people see. */
function isStillSo(deployment: Deployment, state: Jobs["tell"]["state"]): boolean {
  if (state === "in_progress") return deployment.state.state === "executing";
  if (state === "success") return deployment.rolledBackBy === null;
  return true;
}
