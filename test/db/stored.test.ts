import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromStored, toStored } from "../../src/db/stored.ts";
import { freshDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await database.pool.query("create table kept (value jsonb not null)");
});
afterAll(() => database[Symbol.asyncDispose]());

async function throughDatabase(value: unknown): Promise<unknown> {
  const written = await database.pool.query<{ value: unknown }>("insert into kept values ($1::jsonb) returning value", [
    JSON.stringify(toStored(value)),
  ]);
  return fromStored(written.rows[0]?.value);
}

describe("what is stored comes back as it was", () => {
  test.each<[string, unknown]>([
    ["a date", new Date("2026-03-02T09:00:00.123Z")],
    ["dates deep inside", { a: [{ b: new Date(0) }], c: null }],
    ["text that looks like a date", "2026-03-02T09:00:00.123Z"],
    ["hostile text", `'"; drop table kept; -- </script> <!channel> \u202e \\u0000 $1 %s`],
    ["every plane of Unicode", "a\u00e9\u4e2d\u{1f680}\ufeff\u200b"],
    ["keys of objects", { __proto__: null, constructor: "x", toString: "y", "a.b": 1, "": 2 }],
    ["numbers", [0, -1, 2 ** 53, 0.1, 1e-10]],
    ["an empty list and map", { list: [], map: {} }],
  ])("%s", async (_what, value) => {
    expect(await throughDatabase(value)).toEqual(value);
  });

  test.each<[string, unknown, unknown]>([
    ["NUL, which jsonb refuses", "a\u0000b", "a\ufffdb"],
    ["half a surrogate pair", "a\ud800b", "a\ufffdb"],
    ["both in a key", { "a\u0000\udfff": 1 }, { "a\ufffd\ufffd": 1 }],
    ["what is not there", { a: 1, b: undefined }, { a: 1 }],
  ])("except %s", async (_what, value, kept) => {
    expect(await throughDatabase(value)).toEqual(kept);
  });

  test("foreign text that copies our tag is no date", async () => {
    const title = { $at: "2026-03-02T09:00:00.123Z" };
    expect(await throughDatabase({ title: JSON.stringify(title) })).toEqual({ title: JSON.stringify(title) });
  });
});
