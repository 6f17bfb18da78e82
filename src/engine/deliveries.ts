import { setTimeout as pause } from "node:timers/promises";
import { deliveryStore, endDeliveries, postponeDelivery, unreadDeliveries } from "../db/inbox.ts";
import type { Delivery, DeliveryEnd, DeliveryKey } from "../db/inbox.ts";
import type { PipelineEvent } from "../domain/pipeline.ts";
import type { Engine } from "./engine.ts";
import { ingestAll } from "./ingest.ts";
import { lookSooner } from "./look-sooner.ts";

/** What a provider's adapter made of a body. */
export type Read =
  | { readonly kind: "events"; readonly events: readonly PipelineEvent[] }
  | { readonly kind: "ping" }
  /** A monitor's webhook: looking at these projects is worth it; none named: at all of that connection. */
  | { readonly kind: "hint"; readonly projects: readonly string[] }
  | { readonly kind: "ignored"; readonly reason: string };
/** Turns a stored delivery into events, by its source; never throws. */
export type Normalise = (delivery: Delivery) => Read;

/** Read at a time: what speaks of one run is folded at once. */
const MOST = 1000;
/** Bodies that are held at a time, in bytes; a single one may be larger. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Between two calls: what comes in meanwhile is read together, and nobody sees a card so much later. */
const GATHER_MS = 300;
/** A flood is read in larger lots: who sends waits for an answer, not for a card. */
const GATHER_FLOOD_MS = 1_000;
const FLOOD = 60;
/** A slice of work ends long before its job expires. */
const SLICE_MS = 20_000;
/** Twice as long after each failure, from a second on; over two hours in all, then a person has to look. */
const AGAIN_MOST_MS = 30 * 60_000;
const MOST_FAILURES = 14;

type Taken = Delivery & { readonly result: "ignored" | null; readonly reason: string | null };

/** Takes deliveries in. */
export type Inbox = {
  /** Stored before the sender is answered; what it means is found out afterwards. */
  take(delivery: Taken): Promise<"stored" | "duplicate">;
};

/**
 * The row itself says that it is unread, and a reader is called afterwards: one call for all that came in meanwhile. A call that
 * is lost with the process is made up for by the sweep.
 */
export function createInbox(engine: Engine): Inbox {
  const store = deliveryStore(engine.db);
  let unread = 0;
  let calling = false;
  async function call(): Promise<void> {
    unread += 1;
    if (calling) return;
    calling = true;
    try {
      while (unread > 0) {
        unread = 0;
        await callReader(engine);
        await pause(GATHER_MS, undefined, { ref: false });
        if (unread > FLOOD) await pause(GATHER_FLOOD_MS - GATHER_MS, undefined, { ref: false });
      }
    } catch (fault) {
      engine.report(fault, { where: "calling a reader of deliveries" });
    } finally {
      calling = false;
    }
  }
  return {
    async take({ result, reason, ...delivery }) {
      const end = result === null ? null : { result, reason };
      const taken = await store(delivery, end, engine.clock());
      if (taken === "stored" && end === null) void call();
      return taken;
    },
  };
}

/** At most one call waits and one reader reads, of all replicas: what one that froze reads once more changes nothing. */
export async function callReader(engine: Engine): Promise<void> {
  await engine.jobs.send(engine.db, "read", { what: "deliveries" });
}

/** Folds all unread deliveries into the runs, oldest first. Nonsense ends here, with its reason; it is never tried for ever. */
export async function readDeliveries(engine: Engine, normalise: Normalise): Promise<void> {
  const begun = performance.now();
  for (;;) {
    const found = await unreadDeliveries(engine.db, { most: MOST, bytes: MOST_BYTES, now: engine.clock() });
    await readThese(engine, found, normalise);
    // Whoever stored what came in meanwhile calls again.
    const rest = found.length === MOST || found.reduce((size, { body }) => size + body.length, 0) >= MOST_BYTES;
    if (!rest) return;
    if (performance.now() - begun > SLICE_MS || engine.stopping.aborted) return callReader(engine);
  }
}

async function readThese(engine: Engine, found: Awaited<ReturnType<typeof unreadDeliveries>>, normalise: Normalise): Promise<void> {
  const ends: (DeliveryKey & DeliveryEnd)[] = [];
  const parcels: { readonly delivery: (typeof found)[number]; readonly events: readonly PipelineEvent[] }[] = [];
  for (const delivery of found) {
    const read = normalise(delivery);
    if (read.kind === "events") parcels.push({ delivery, events: read.events });
    else if (read.kind === "hint") ends.push(ended(engine, delivery, await lookSooner(engine, delivery.connection, read.projects)));
    else ends.push(ended(engine, delivery, { result: "ignored", reason: read.kind === "ping" ? "ping: the hook works" : read.reason }));
    // Hundreds of bodies are read in one go: presses and probes are answered in between.
    await new Promise(setImmediate);
  }
  const ingested = await ingestAll(
    engine,
    parcels.map(({ delivery, events }) => ({ sender: delivery, events })),
  );
  for (const [index, { delivery }] of parcels.entries()) {
    const told = ingested[index];
    if (told === undefined) continue;
    if (!("fault" in told)) {
      ends.push(ended(engine, delivery, { result: told.accepted ? "accepted" : "ignored", reason: told.reason }));
      continue;
    }
    engine.report(told.fault, { where: "reading a delivery", source: delivery.source, delivery: delivery.id });
    if (delivery.failures >= MOST_FAILURES) {
      ends.push(ended(engine, delivery, { result: "failed", reason: "it could not be folded, however often it was tried" }));
    } else {
      const wait = Math.min(1000 * 2 ** delivery.failures, AGAIN_MOST_MS);
      await postponeDelivery(engine.db, delivery, new Date(engine.clock().getTime() + wait));
    }
  }
  await endDeliveries(engine.db, ends);
}

function ended(engine: Engine, { source, connection, id }: DeliveryKey, end: DeliveryEnd): DeliveryKey & DeliveryEnd {
  if (end.result !== "accepted") engine.log("debug", "delivery ignored", { source, connection, delivery: id, reason: end.reason });
  return { source, connection, id, ...end };
}
