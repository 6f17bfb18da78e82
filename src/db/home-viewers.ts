import { desc, eq, gt } from "drizzle-orm";
import type { Database } from "./client.ts";
import { homeViewers } from "./schema.ts";

/** Who looks at the Home tab, and what they were shown last. */
export type HomeViewer = { readonly slackId: string; readonly drawnHash: string | null };

/** Somebody opened it: until it is said what was drawn for them, nothing is known of that. */
export async function openHome(db: Database, slackId: string, openedAt: Date): Promise<void> {
  await db
    .insert(homeViewers)
    .values({ slackId, openedAt })
    .onConflictDoUpdate({ target: homeViewers.slackId, set: { openedAt, drawnHash: null } });
}

/** Those who opened it since then, the latest first. */
export async function viewersSince(db: Database, since: Date, most: number): Promise<readonly HomeViewer[]> {
  return db
    .select({ slackId: homeViewers.slackId, drawnHash: homeViewers.drawnHash })
    .from(homeViewers)
    .where(gt(homeViewers.openedAt, since))
    .orderBy(desc(homeViewers.openedAt))
    .limit(most);
}

export async function markHomeDrawn(db: Database, slackId: string, drawnHash: string): Promise<void> {
  await db.update(homeViewers).set({ drawnHash }).where(eq(homeViewers.slackId, slackId));
}

/** It is not drawn for them again before they open it. */
export async function forgetViewer(db: Database, slackId: string): Promise<void> {
  await db.delete(homeViewers).where(eq(homeViewers.slackId, slackId));
}
