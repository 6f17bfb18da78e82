import { createHmac } from "node:crypto";
import { asc, desc, eq } from "drizzle-orm";
import { canonicalJson } from "../domain/canonical.ts";
import type { HistoryEntry } from "../domain/environment.ts";
import type { EnvironmentId } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { history } from "./schema.ts";
import { toStored } from "./stored.ts";

/** The first entry of an environment has nothing before it. */
const GENESIS = "0".repeat(64);

/** Appends to the environment's chain. The caller holds the environment's row lock, so the chain has one writer. Answers the new head. */
export async function appendHistory(
  tx: Database,
  key: string,
  environmentId: EnvironmentId,
  entries: readonly HistoryEntry[],
  at: Date,
): Promise<string> {
  const last = await historyHead(tx, environmentId);
  let sequence = last?.sequence ?? 0;
  let previous = last?.mac ?? GENESIS;
  for (const entry of entries) {
    sequence += 1;
    const body = toStored({ actor: entry.actor, ...entry.body });
    const row = { environmentId, sequence, at, kind: entry.kind, deploymentId: entry.deployment, body, previous };
    const mac = seal(key, row);
    await tx.insert(history).values({ ...row, mac });
    previous = mac;
  }
  return previous;
}

/** The newest entry of an environment's chain; null: it has none. */
export async function historyHead(
  db: Database,
  environmentId: string,
): Promise<{ readonly sequence: number; readonly mac: string } | null> {
  const [last] = await db
    .select({ sequence: history.sequence, mac: history.mac })
    .from(history)
    .where(eq(history.environmentId, environmentId))
    .orderBy(desc(history.sequence))
    .limit(1);
  return last ?? null;
}

export type ChainFault = { readonly environmentId: string; readonly sequence: number; readonly says: string };

/** Walks every chain: a changed, missing or inserted entry breaks its mac or its link. Shows no truncation: compare the head with the one printed in the thread. */
export async function verifyHistory(
  db: Database,
  key: string,
): Promise<{ readonly entries: number; readonly heads: ReadonlyMap<string, string>; readonly faults: readonly ChainFault[] }> {
  const rows = await db.select().from(history).orderBy(asc(history.environmentId), asc(history.sequence));
  const faults: ChainFault[] = [];
  const heads = new Map<string, string>();
  const sequences = new Map<string, number>();
  for (const row of rows) {
    const expected = (sequences.get(row.environmentId) ?? 0) + 1;
    if (row.sequence !== expected)
      faults.push({ environmentId: row.environmentId, sequence: row.sequence, says: `entry ${expected} is missing` });
    if (row.previous !== (heads.get(row.environmentId) ?? GENESIS))
      faults.push({ environmentId: row.environmentId, sequence: row.sequence, says: "it does not follow the entry before it" });
    if (row.mac !== seal(key, row))
      faults.push({
        environmentId: row.environmentId,
        sequence: row.sequence,
        says: "it was changed after it was written, or HISTORY_KEY is another one",
      });
    sequences.set(row.environmentId, row.sequence);
    heads.set(row.environmentId, row.mac);
  }
  return { entries: rows.length, heads, faults };
}

function seal(
  key: string,
  row: { environmentId: string; sequence: number; at: Date; kind: string; deploymentId: string | null; body: unknown; previous: string },
): string {
  const sealed = {
    environmentId: row.environmentId,
    sequence: row.sequence,
    at: row.at.toISOString(),
    kind: row.kind,
    deploymentId: row.deploymentId,
    body: row.body,
    previous: row.previous,
  };
  return createHmac("sha256", key).update(canonicalJson(sealed)).digest("hex");
}
