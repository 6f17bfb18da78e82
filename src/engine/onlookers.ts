import { touchCardsOf } from "../db/card-touch.ts";
import type { Database } from "../db/client.ts";
import type { App } from "../domain/config.ts";
import type { Change, Snapshot } from "../domain/environment.ts";
import { validatedHere } from "../domain/validation.ts";

/** What may change a place in the queue, what holds it, or when it is thought to start. */
const QUEUE_CHANGES = ["insert", "move", "lock", "freeze", "hold"] as const satisfies readonly Change["kind"][];

/**
 * Cards of other subjects that show what just changed here: where people look at what is live, what they said of it and who holds it; and
 * what waits beside a newer one for the same place.
 */
export async function touchOnlookers(tx: Database, app: App, snapshot: Snapshot, changes: readonly Change[]): Promise<void> {
  const { environment } = snapshot;
  const next = validatedHere(app, environment.name).map((one) => one.id);
  const kinds = new Set(changes.map((change) => change.kind));
  // Whoever queues moves up when anything here moves, and waits for what people hold.
  const stirred = QUEUE_CHANGES.some((kind) => kinds.has(kind));
  const looks = next.length > 0 && (kinds.has("live") || kinds.has("lock") || kinds.has("mixed"));
  const revisions = changes.flatMap((change) =>
    change.kind === "validate"
      ? [change.validation.revision]
      : looks && change.kind === "live"
        ? change.hosts.map((host) => host.revision)
        : change.kind === "observe"
          ? [change.record.revision]
          : [],
  );
  const before = looks || kinds.has("observe") ? snapshot.live.map((host) => host.revision) : [];
  await touchCardsOf(tx, {
    app: app.name,
    revisions: [...new Set([...revisions, ...before])],
    waitingIn: [...(looks || kinds.has("validate") ? next : []), ...(stirred ? [environment.id] : [])],
  });
}
