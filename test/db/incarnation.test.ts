import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/db/client.ts";
import { adopt, recognise } from "../../src/db/incarnation.ts";
import { freshBareDatabase, freshDatabase } from "../support/database.ts";

test("the same database is recognised, at once by two replicas and again later", async () => {
  await using database = await freshDatabase();
  const [one, other] = await Promise.all([recognise(database.db, randomUUID), recognise(database.db, randomUUID)]);
  expect(one.restored).toBeNull();
  expect(other.installation).toBe(one.installation);
  expect(await recognise(database.db, randomUUID)).toEqual(one);
});

test("a copy keeps its installation and says that it is one, until somebody adopts it", async () => {
  await using database = await freshDatabase();
  const first = await recognise(database.db, randomUUID);
  // Nobody may be connected to what is copied; the pool opens a new connection when it needs one.
  const last = openDatabase(database.connectionString, { max: 1 });
  const ended = await last.pool.query<{ name: string }>(
    "select current_database() as name, (select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())",
  );
  await last.close();
  await using copy = await freshBareDatabase(ended.rows[0]?.name);
  const opened = openDatabase(copy.connectionString);
  const found = await recognise(opened.db, randomUUID);
  expect(found.installation).toBe(first.installation);
  expect(found.restored).toContain("restored from a backup, or copied");
  await adopt(opened.db);
  expect((await recognise(opened.db, randomUUID)).restored).toBeNull();
  await opened.close();
});

test("a restore to a point in time begins a new timeline, and is seen by that alone", async () => {
  await using database = await freshDatabase();
  await recognise(database.db, randomUUID);
  await database.pool.query("update incarnation set timeline = timeline - 1");
  expect((await recognise(database.db, randomUUID)).restored).not.toBeNull();
});

test("a table that was dumped and loaded again is another table", async () => {
  await using database = await freshDatabase();
  await recognise(database.db, randomUUID);
  await database.pool.query(
    "create table loaded (like incarnation including all); insert into loaded select * from incarnation; drop table incarnation; alter table loaded rename to incarnation",
  );
  expect((await recognise(database.db, randomUUID)).restored).not.toBeNull();
});
