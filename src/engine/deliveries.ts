import { endDelivery, loadDelivery, storeDelivery, type Delivery, type DeliveryKey } from "../db/inbox.ts";
import type { PipelineEvent } from "../domain/pipeline.ts";
import type { Engine } from "./engine.ts";
import { ingest } from "./ingest.ts";

/** What a provider's adapter made of a body. */
export type Read =
  | { readonly kind: "events"; readonly events: readonly PipelineEvent[] }
  | { readonly kind: "ping" }
  | { readonly kind: "ignored"; readonly reason: string };
/** Turns a stored delivery into events, by its source; never throws. */
export type Normalise = (delivery: Delivery) => Read;

/** Stored and queued in one transaction, before the sender is answered; what it means is found out afterwards. */
export async function takeDelivery(
  engine: Engine,
  delivery: Delivery & { readonly result: "ignored" | null; readonly reason: string | null },
): Promise<"stored" | "duplicate"> {
  const { result, reason, ...stored } = delivery;
  const key = { source: stored.source, connection: stored.connection, id: stored.id };
  return engine.db.transaction(async (tx) => {
    const taken = await storeDelivery(tx, stored, engine.clock());
    if (taken === "duplicate") return taken;
    if (result === "ignored") await endDelivery(tx, key, "ignored", reason);
    else await engine.jobs.send(tx, "delivery", key);
    return taken;
  });
}

/** Folds one stored delivery into the runs. Nonsense ends here, with its reason; it is never tried for ever. */
export async function processDelivery(engine: Engine, key: DeliveryKey, normalise: Normalise): Promise<void> {
  const delivery = await loadDelivery(engine.db, key);
  if (delivery === null || delivery.result !== null) return;
  const read = normalise(delivery);
  if (read.kind !== "events") {
    const reason = read.kind === "ping" ? "ping: the hook works" : read.reason;
    engine.log("debug", "delivery ignored", { ...key, reason });
    return endDelivery(engine.db, key, "ignored", reason);
  }
  const ingested = await ingest(engine, key, read.events);
  await endDelivery(engine.db, key, ingested.accepted ? "accepted" : "ignored", ingested.reason);
}
