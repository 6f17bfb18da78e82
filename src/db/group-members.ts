import { and, eq, notInArray } from "drizzle-orm";
import type { Database } from "./client.ts";
import { groupMembers } from "./schema.ts";

/** Marks that a group was seen before: whoever is in it the first time has been there for nobody knows how long. */
const SEEN = "";

/** Records who is in a user group now, and answers since when each of them was seen there. Who left and comes back begins anew. */
export async function seeMembers(db: Database, group: string, ids: readonly string[], now: Date): Promise<ReadonlyMap<string, Date>> {
  return db.transaction(async (tx) => {
    const marked = await tx
      .insert(groupMembers)
      .values({ group, slackId: SEEN, firstSeen: now })
      .onConflictDoNothing()
      .returning({ group: groupMembers.group });
    const firstSeen = marked.length > 0 ? new Date(0) : now;
    if (ids.length > 0)
      await tx
        .insert(groupMembers)
        .values(ids.map((slackId) => ({ group, slackId, firstSeen })))
        .onConflictDoNothing();
    await tx.delete(groupMembers).where(and(eq(groupMembers.group, group), notInArray(groupMembers.slackId, [SEEN, ...ids])));
    const rows = await tx.select().from(groupMembers).where(eq(groupMembers.group, group));
    return new Map(rows.map((row) => [row.slackId, row.firstSeen]));
  });
}
