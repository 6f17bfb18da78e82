import { endDelivery, loadDelivery, storeDelivery, type Delivery } from "../db/inbox.ts";
import type { PipelineEvent } from "../domain/pipeline.ts";
import type { Engine } from "./engine.ts";
import { ingest } from "./ingest.ts";

/** What a provider's adapter made of a body. */
export type Read =
  | { readonly kind: "events"; readonly events: readonly PipelineEvent[] }
  | { readonly kind: "ping" }
  | { readonly kind: "ignored"; readonly reason: string };
/** Turns a body into events, by its source; never throws. */
export type Normalise = (source: string, event: string, body: Uint8Array) => Read;

/** Stored and queued in one transaction, before the sender is answered; what it means is found out afterwards. */
export async function takeDelivery(
  engine: Engine,
  delivery: Delivery & { readonly result: "ignored" | null; readonly reason: string | null },
): Promise<"stored" | "duplicate"> {
  const { result, reason, ...stored } = delivery;
  return engine.db.transaction(async (tx) => {
    const taken = await storeDelivery(tx, stored, engine.clock());
    if (taken === "duplicate") return taken;
    if (result === "ignored") await endDelivery(tx, stored.id, "ignored", reason);
    else await engine.jobs.send(tx, "delivery", { id: stored.id });
    return taken;
  });
}

/** Folds one stored delivery into the runs. Nonsense ends here, with its reason; it is never tried for ever. */
export async function processDelivery(engine: Engine, id: string, normalise: Normalise): Promise<void> {
  const delivery = await loadDelivery(engine.db, id);
  if (delivery === null || delivery.result !== null) return;
  const read = normalise(delivery.source, delivery.event ?? "", delivery.body);
  if (read.kind !== "events") {
    const reason = read.kind === "ping" ? "ping: the hook works" : read.reason;
    engine.log("debug", "delivery ignored", { delivery: id, reason });
    return endDelivery(engine.db, id, "ignored", reason);
  }
  const ingested = await ingest(engine, delivery.connection, read.events);
  await endDelivery(engine.db, id, ingested.accepted ? "accepted" : "ignored", ingested.reason);
}
