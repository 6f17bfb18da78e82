import { addReply } from "../db/replies.ts";
import { deploymentById } from "../db/deployments.ts";
import type { DeploymentId } from "../domain/ids.ts";
import { threadReply } from "../domain/thread-reply.ts";
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
      body: threadReply({ key: "announce", kind: "note", text: failed }),
    }),
  );
}
