import { unfinished } from "../db/deployments.ts";
import type { DeliveryEnd } from "../db/inbox.ts";
import { hasLookedEarly } from "../db/measurements.ts";
import { isWatched } from "../domain/deployment.ts";
import type { Engine } from "./engine.ts";
import { lookForLateIn } from "./late.ts";

/** A storm of webhooks is one look in so many milliseconds; the look's number is the number of its window, so that replicas agree. */
const ONE_LOOK_PER_MS = 5000;

/** A monitor hinted at trouble: whatever is watched there, or was, is looked at now, not at the next look. What is true is measured. */
export async function lookSooner(engine: Engine, connection: string, projects: readonly string[]): Promise<DeliveryEnd> {
  const watched = (await unfinished(engine.db)).flatMap(({ deployment: { id, liveAt, plan, state } }) => {
    const sentry = plan.watch?.sentry ?? null;
    const concerned = sentry !== null && sentry.connection === connection && (projects.length === 0 || projects.includes(sentry.project));
    return concerned && isWatched(state) && liveAt !== null ? [{ id, liveAt }] : [];
  });
  const late = await lookForLateIn(engine, connection, projects);
  if (watched.length === 0 && late === 0) return { result: "ignored", reason: "nothing of this project is watched now" };
  for (const { id, liveAt } of watched) {
    const window = Math.max(1, Math.ceil((engine.clock().getTime() - liveAt.getTime()) / ONE_LOOK_PER_MS));
    // What this window's look was too early for, the next one's sees.
    const looked = await hasLookedEarly(engine.db, id, window);
    const at = looked ? new Date(liveAt.getTime() + window * ONE_LOOK_PER_MS) : null;
    await engine.jobs.send(engine.db, "look", { deployment: id, monitor: "sentry", look: looked ? window + 1 : window, early: true }, at);
  }
  return { result: "accepted", reason: null };
}
