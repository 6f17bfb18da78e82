import { and, asc, eq, isNull } from "drizzle-orm";
import type { DeploymentId } from "../domain/ids.ts";
import { wake } from "./cards.ts";
import type { Database } from "./client.ts";
import { notices } from "./schema.ts";

/** A direct message to one person that is due. `posting`: a post was begun whose outcome nobody recorded. */
export type NoticeRow = {
  readonly id: string;
  readonly to: string;
  readonly app: string;
  readonly key: string;
  readonly text: string;
  readonly deployment: DeploymentId | null;
  readonly posting: boolean;
};

/** A direct message to one person; its key makes it one, however often it is asked for. */
export async function addNotice(
  tx: Database,
  notice: {
    readonly id: string;
    readonly to: string;
    readonly app: string;
    readonly key: string;
    readonly text: string;
    readonly deployment: DeploymentId | null;
    readonly at: Date;
  },
): Promise<void> {
  const { id, key, app, text, at } = notice;
  await tx.insert(notices).values({ id, key, app, text, at, slackId: notice.to, deploymentId: notice.deployment }).onConflictDoNothing();
  await wake(tx);
}

/** Due ones, oldest first. */
export async function nextNotices(db: Database): Promise<readonly NoticeRow[]> {
  const rows = await db
    .select()
    .from(notices)
    .where(and(isNull(notices.ts), isNull(notices.failedBecause)))
    .orderBy(asc(notices.order))
    .limit(20);
  return rows.map(noticeOf);
}

function noticeOf(row: typeof notices.$inferSelect): NoticeRow {
  const { id, app, key, text, posting } = row;
  return { id, app, key, text, posting, to: row.slackId, deployment: row.deploymentId as DeploymentId | null };
}

/** Null: there is none of that id. */
export async function noticeById(db: Database, id: string): Promise<NoticeRow | null> {
  const [row] = await db.select().from(notices).where(eq(notices.id, id));
  return row === undefined ? null : noticeOf(row);
}

/** It is about to be posted. `again`: it was begun before. False: it was posted meanwhile, or somebody else has begun it. */
export async function beginNotice(db: Database, id: string, again: boolean): Promise<boolean> {
  const mine = and(eq(notices.id, id), isNull(notices.ts), isNull(notices.failedBecause), eq(notices.posting, again));
  return ((await db.update(notices).set({ posting: true }).where(mine)).rowCount ?? 0) > 0;
}

/** What became of posting it. With `ts` it was shown, with `failedBecause` it never will be. */
export async function markNotice(
  db: Database,
  id: string,
  set: { readonly posting?: boolean; readonly ts?: string; readonly failedBecause?: string },
): Promise<void> {
  await db.update(notices).set(set).where(eq(notices.id, id));
}
