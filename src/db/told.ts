import { eq, sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { chores, told } from "./schema.ts";

/** Longer than all requests that telling takes, with all their time-outs. */
const CLAIM_SECONDS = 120;

/** What was told last, and how often it failed since. */
export type Told = { readonly said: string | null; readonly tries: number };

/** Takes the telling of one thing for a while; null: somebody else has it. */
export async function claimTelling(db: Database, key: string): Promise<Told | null> {
  const until = sql`now() + make_interval(secs => ${CLAIM_SECONDS})`;
  const [row] = await db
    .insert(told)
    .values({ key, claimedUntil: until, at: sql`now()` })
    .onConflictDoUpdate({
      target: told.key,
      set: { claimedUntil: until, at: sql`now()` },
      setWhere: sql`${told.claimedUntil} is null or ${told.claimedUntil} < now()`,
    })
    .returning({ said: told.said, tries: told.tries });
  return row ?? null;
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
