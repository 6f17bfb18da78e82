import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { incarnation } from "./schema.ts";

export type Incarnation = {
  readonly installation: string;
  /** Why this database is not the one it says it is; null: it is. */ readonly restored: string | null;
};

type Facts = { systemIdentifier: string; timeline: number; databaseOid: number; tableOid: number };

/**
 * Which database this is. The first start writes its system identifier, timeline, database oid and own table's oid; another value
 * at a later start means a restore (a file-level copy is caught by the hosts' memory).
 */
export async function recognise(db: Database, newId: () => string): Promise<Incarnation> {
  const facts = await readFacts(db);
  await db
    .insert(incarnation)
    .select(
      sql`select ${newId()}::uuid, ${facts.systemIdentifier}, ${facts.timeline}::int, ${facts.databaseOid}::bigint, ${facts.tableOid}::bigint, now() where not exists (select 1 from ${incarnation})`,
    );
  const [row] = await db.select().from(incarnation);
  if (row === undefined) throw new Error("the incarnation row vanished: somebody empties this database while the bot starts");
  // A restore to a point in time keeps every identifier but begins a new timeline.
  const same =
    row.systemIdentifier === facts.systemIdentifier &&
    row.timeline === facts.timeline &&
    row.databaseOid === facts.databaseOid &&
    row.tableOid === facts.tableOid;
  return {
    installation: row.installation,
    restored: same ? null : "This database was restored from a backup, or copied. Look at what is live, then release the hold.",
  };
}

/** A person has looked: from now on this is the database. */
export async function adopt(db: Database): Promise<void> {
  const facts = await readFacts(db);
  await db.update(incarnation).set(facts);
}

async function readFacts(db: Database): Promise<Facts> {
  const result = await db.execute<{ system: string; timeline: number; database: string; own: string }>(sql`
    select (select system_identifier::text from pg_control_system()) as system, (select timeline_id from pg_control_checkpoint()) as timeline,
      (select oid::text from pg_database where datname = current_database()) as database, ('incarnation'::regclass)::oid::text as own`);
  const [row] = result.rows;
  if (row === undefined) throw new Error("PostgreSQL did not say which cluster this is");
  return { systemIdentifier: row.system, timeline: row.timeline, databaseOid: Number(row.database), tableOid: Number(row.own) };
}
