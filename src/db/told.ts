import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { chores, told } from "./schema.ts";

/** Who tells renews the claim; whoever died while telling keeps nobody waiting for long. */
const CLAIM_SECONDS = 15;
/** Often enough that a slow moment loses no claim. */
export const RENEW_CLAIM_MS = 4_000;

/** What was told last, and how often it failed since. */
export type Told = { readonly said: string | null; readonly tries: number };

/** Takes the telling of one thing for a while; null: somebody else has it. */
export async function claimTelling(db: Database, key: string): Promise<Told | null> {
  const [row] = await db
    .insert(told)
    .values({ key, claimedUntil: claimEnd(), at: sql`now()` })
    .onConflictDoUpdate({
      target: told.key,
      set: { claimedUntil: claimEnd(), at: sql`now()` },
      setWhere: sql`${told.claimedUntil} is null or ${told.claimedUntil} < now()`,
    })
    .returning({ said: told.said, tries: told.tries });
  return row ?? null;
}

/** Keeps it while the telling takes its time. */
export async function renewTelling(db: Database, key: string): Promise<void> {
  await db
    .update(told)
    .set({ claimedUntil: claimEnd() })
    .where(and(eq(told.key, key), isNotNull(told.claimedUntil)));
}

/** Gives it back, with what was told now; null: it did not take it. */
export async function endTelling(db: Database, key: string, said: string | null): Promise<void> {
  await db
    .update(told)
    .set({ claimedUntil: null, ...(said === null ? { tries: sql`${told.tries} + 1` } : { said, tries: 0 }) })
    .where(eq(told.key, key));
}

/** One replica does it, if nobody began it within the last so many milliseconds by the database's clock. */
export async function beginChore(db: Database, name: string, notWithinMs: number): Promise<boolean> {
  const rows = await db
    .insert(chores)
    .values({ name, begunAt: sql`now()` })
    .onConflictDoUpdate({
      target: chores.name,
      set: { begunAt: sql`now()` },
      setWhere: sql`${chores.begunAt} < now() - make_interval(secs => ${notWithinMs / 1000})`,
    })
    .returning({ name: chores.name });
  return rows.length > 0;
}

function claimEnd() {
  return sql`now() + make_interval(secs => ${CLAIM_SECONDS})`;
}
