import { and, eq, isNull, lt, or } from "drizzle-orm";
import type { EnvironmentId, Sha } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { acceptances, environments } from "./schema.ts";

/** Which deployment is to be tested: ours by its id, CI's by `ci:` and the provider's. */
export type AcceptanceKey = { readonly environmentId: EnvironmentId; readonly subject: string };

/** Takes the wish to start a run for it. `taken`: now is the time; `over`: it was started, or cannot be; else somebody is at it. */
export async function claimAcceptance(
  tx: Database,
  wish: AcceptanceKey & { readonly revision: Sha },
  when: { readonly now: Date; readonly staleBefore: Date },
): Promise<"taken" | "over" | "busy"> {
  await tx
    .insert(acceptances)
    .values({ ...wish, at: when.now })
    .onConflictDoNothing();
  const mine = and(eq(acceptances.environmentId, wish.environmentId), eq(acceptances.subject, wish.subject));
  const isOpen = and(isNull(acceptances.workflowRun), isNull(acceptances.failedBecause));
  const isFree = or(isNull(acceptances.askedAt), lt(acceptances.askedAt, when.staleBefore));
  const taken = await tx
    .update(acceptances)
    .set({ askedAt: when.now })
    .where(and(mine, isOpen, isFree))
    .returning({ subject: acceptances.subject });
  if (taken.length > 0) return "taken";
  const [row] = await tx.select().from(acceptances).where(and(mine, isOpen));
  return row === undefined ? "over" : "busy";
}

/** What became of it. `workflowRun` null with nothing failed: it was started, and nobody knows which one it is. */
export async function endAcceptance(
  tx: Database,
  key: AcceptanceKey,
  told: { readonly workflowRun: string | null; readonly url: string | null; readonly failedBecause: string | null },
): Promise<void> {
  await tx
    .update(acceptances)
    .set({ ...told, workflowRun: told.workflowRun ?? (told.failedBecause === null ? UNKNOWN_RUN : null) })
    .where(and(eq(acceptances.environmentId, key.environmentId), eq(acceptances.subject, key.subject)));
}

/** No provider's id is this. */
const UNKNOWN_RUN = "unknown";

/** The revision that a run of the app was started for, whatever commit its branch was at by then. Null: we did not start it. */
export async function startedFor(db: Database, app: string, workflowRun: string): Promise<Sha | null> {
  const [row] = await db
    .select({ revision: acceptances.revision })
    .from(acceptances)
    .innerJoin(environments, eq(environments.id, acceptances.environmentId))
    .where(and(eq(acceptances.workflowRun, workflowRun), eq(environments.app, app)));
  return row === undefined ? null : (row.revision as Sha);
}

/** What was asked for of a deployment; null: nothing. `failedBecause` null: it was started, or is about to be. */
export async function acceptanceOf(
  db: Database,
  environmentId: EnvironmentId,
  revision: Sha,
): Promise<{ readonly url: string | null; readonly failedBecause: string | null; readonly at: Date } | null> {
  const rows = await db
    .select()
    .from(acceptances)
    .where(and(eq(acceptances.environmentId, environmentId), eq(acceptances.revision, revision)));
  const last = rows.toSorted((a, b) => a.at.getTime() - b.at.getTime()).at(-1);
  return last === undefined ? null : { url: last.url, failedBecause: last.failedBecause, at: last.at };
}
