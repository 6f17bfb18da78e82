import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { isConnectionFailure, openDatabase } from "../../src/db/client.ts";
import { freshBareDatabase } from "../support/database.ts";
import { until } from "./embedded-support.ts";

const END_OTHERS = sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;

test("a broken unique constraint is told by its name through drizzle, and is no broken connection", async () => {
  await using bare = await freshBareDatabase();
  const { db, close } = openDatabase(bare.connectionString);
  await db.execute(sql`create table delivery (id integer constraint delivery_once unique)`);
  await db.execute(sql`insert into delivery values (1)`);
  const error: unknown = await db.execute(sql`insert into delivery values (1)`).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ cause: { code: "23505", constraint: "delivery_once" } });
  expect(isConnectionFailure(error)).toBe(false);
  await close();
});

test("an idle connection that the server ends is reported, and replaced by the next query", async () => {
  await using bare = await freshBareDatabase();
  const lost: Error[] = [];
  const { db, close } = openDatabase(bare.connectionString, { onConnectionLost: (error) => lost.push(error) });
  const other = openDatabase(bare.connectionString, { max: 1 });
  await db.execute(sql`select 1`);
  await other.db.execute(END_OTHERS);
  await until("the loss to be reported", () => lost.length > 0);
  expect(isConnectionFailure(lost[0])).toBe(true);
  expect((await db.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }]);
  await Promise.all([close(), other.close()]);
});

test("a connection that ends inside a transaction rejects it as a connection failure and spares the process", async () => {
  await using bare = await freshBareDatabase();
  const lost = Promise.withResolvers<Error>();
  const { db, close } = openDatabase(bare.connectionString, { onConnectionLost: lost.resolve });
  const other = openDatabase(bare.connectionString, { max: 1 });
  const broken = db.transaction(async (tx) => {
    await tx.execute(sql`select 1`);
    await other.db.execute(END_OTHERS);
    await lost.promise; // no query is under way when it breaks
    await tx.execute(sql`select 2`);
  });
  expect(isConnectionFailure(await broken.catch((error: unknown) => error))).toBe(true);
  await Promise.all([close(), other.close()]);
});

test("a query that is under way when its connection ends fails as a connection failure", async () => {
  await using bare = await freshBareDatabase();
  const { db, close } = openDatabase(bare.connectionString);
  const other = openDatabase(bare.connectionString, { max: 1 });
  const sleeping = db.execute(sql`select pg_sleep(50)`).catch((error: unknown) => error);
  const asleep = sql`select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`;
  await until("the query to run", async () => (await other.db.execute(asleep)).rowCount === 1);
  await other.db.execute(END_OTHERS);
  expect(isConnectionFailure(await sleeping)).toBe(true);
  await Promise.all([close(), other.close()]);
});

test.each([
  { name: "a closed port", url: "postgresql://greenlight@127.0.0.1:1/greenlight" },
  { name: "a missing socket", url: "postgresql://greenlight@/greenlight?host=%2Fnowhere" },
])("$name is a connection failure", async ({ url }) => {
  const { db, close } = openDatabase(url);
  expect(isConnectionFailure(await db.execute(sql`select 1`).catch((error: unknown) => error))).toBe(true);
  await close();
});

test("locks are not waited for without end, and the session says who we are", async () => {
  await using bare = await freshBareDatabase();
  const { db, close } = openDatabase(bare.connectionString);
  const settings = sql`select name, setting from pg_settings where name in ('application_name', 'idle_in_transaction_session_timeout', 'lock_timeout') order by name`;
  expect((await db.execute(settings)).rows).toEqual([
    { name: "application_name", setting: "greenlight" },
    { name: "idle_in_transaction_session_timeout", setting: "8000" },
    { name: "lock_timeout", setting: "10000" },
  ]);
  await close();
});
