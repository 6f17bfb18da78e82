import { and, desc, eq, isNotNull } from "drizzle-orm";
import type { CardRow } from "./cards.ts";
import { wake } from "./cards.ts";
import type { Database } from "./client.ts";
import { cards } from "./schema.ts";

/** The newest card of each channel that could not be used when it was last tried. */
export async function brokenCards(db: Database): Promise<readonly CardRow[]> {
  return db.selectDistinctOn([cards.channel]).from(cards).where(isNotNull(cards.brokenBecause)).orderBy(cards.channel, desc(cards.id));
}

/** All cards of a channel, as it is configured, are due again. */
export async function mendChannel(tx: Database, channel: string): Promise<void> {
  await tx
    .update(cards)
    .set({ brokenBecause: null })
    .where(and(eq(cards.channel, channel), isNotNull(cards.brokenBecause)));
  await wake(tx);
}
