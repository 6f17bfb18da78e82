import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { appendHistory, historyHead, verifyHistory } from "../../src/db/history.ts";
import type { HistoryEntry } from "../../src/domain/environment.ts";
import { environmentId, parseDeploymentId } from "../../src/domain/ids.ts";
import { freshDatabase, type TestDatabase } from "../support/database.ts";

const KEY = "history-key-of-a-test";
const PRODUCTION = environmentId("shop", "production");
const STAGING = environmentId("shop", "staging");
const AT = new Date("2026-03-02T09:00:00.123Z");

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

function said(kind: string): HistoryEntry {
  const body = { reason: `because ${kind} \u0000 "'; drop table history; --`, at: AT, nested: { z: 1, a: [true, null] }, odd: "\ud800" };
  const deployment = parseDeploymentId("00000000-0000-7000-8000-000000000001");
  return { kind, deployment, actor: { kind: "slack", id: "UPETRA", name: "Petra $at" }, body };
}

beforeEach(async () => {
  await database.pool.query("delete from history");
  const appended = (environment: typeof PRODUCTION, ...kinds: readonly string[]) =>
    database.db.transaction((tx) => appendHistory(tx, KEY, environment, kinds.map(said), AT));
  await appended(PRODUCTION, "asked", "approved");
  await appended(STAGING, "asked");
  await appended(PRODUCTION, "started", "live");
});

test("an untouched chain verifies, of each environment by itself, and says its head", async () => {
  const { entries, faults, heads } = await verifyHistory(database.db, KEY);
  expect([entries, faults]).toEqual([5, []]);
  expect(heads.get(PRODUCTION)).toBe((await historyHead(database.db, PRODUCTION))?.mac);
  expect((await historyHead(database.db, PRODUCTION))?.sequence).toBe(4);
});

test("another key breaks every entry", async () => {
  expect((await verifyHistory(database.db, "another key")).faults).toHaveLength(5);
});

test.each<[string, string, number]>([
  ["a changed kind", "update history set kind = 'rejected' where sequence = 2", 2],
  ["a changed reason", "update history set body = jsonb_set(body, '{reason}', '\"none\"') where sequence = 2", 2],
  ["a changed actor", "update history set body = jsonb_set(body, '{actor,id}', '\"UEVE\"') where sequence = 2", 2],
  ["a changed time", "update history set at = at + interval '1 ms' where sequence = 2", 2],
  ["another deployment", "update history set deployment_id = null where sequence = 2", 2],
  ["a changed mac", "update history set mac = repeat('0', 64) where sequence = 2", 2],
  ["a deleted entry", "delete from history where sequence = 2", 3],
  ["a deleted first entry", "delete from history where environment_id = 'shop/production' and sequence = 1", 2],
  [
    "a deleted entry, the rest renumbered",
    "delete from history where sequence = 2; update history set sequence = sequence - 1 where sequence > 2",
    2,
  ],
  [
    "an inserted entry",
    "insert into history select environment_id, 5, at, 'approved', deployment_id, body, mac, repeat('a', 64) from history where environment_id = 'shop/production' and sequence = 4",
    5,
  ],
  [
    "two entries that changed places",
    "update history set sequence = 100 - sequence where environment_id = 'shop/production' and sequence in (2, 3); update history set sequence = case sequence when 98 then 3 else 2 end where sequence > 90",
    2,
  ],
  [
    "an entry of another environment",
    "update history set environment_id = 'shop/production', sequence = 5 where environment_id = 'shop/staging'",
    5,
  ],
])("%s is found where it is", async (_what, tampering, at) => {
  await database.pool.query(tampering);
  const { faults } = await verifyHistory(database.db, KEY);
  expect(faults[0]).toMatchObject({ environmentId: PRODUCTION, sequence: at });
});

test("a cut end shows in the head alone, which is why it is printed", async () => {
  const before = await historyHead(database.db, PRODUCTION);
  await database.pool.query("delete from history where environment_id = $1 and sequence > 2", [PRODUCTION]);
  const { faults, heads } = await verifyHistory(database.db, KEY);
  expect(faults).toEqual([]);
  expect(heads.get(PRODUCTION)).not.toBe(before?.mac);
});
