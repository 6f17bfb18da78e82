import { afterAll, beforeAll, expect, test } from "vitest";
import { endDelivery, loadDelivery, unfinishedDeliveries } from "../../src/db/inbox.ts";
import { takeDelivery } from "../../src/engine/deliveries.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";

let desk: Desk;
let bot: Replica;
beforeAll(async () => {
  desk = await openDesk();
  bot = await desk.open("one");
});
afterAll(() => desk[Symbol.asyncDispose]());

function delivery(source: string, connection: string, body: string) {
  return { source, connection, id: "1", event: "push", headers: {}, body: Buffer.from(body), result: null, reason: null };
}

test("two senders may choose the same id: neither's delivery is taken for the other's", async () => {
  const senders = [delivery("github", "default", "one"), delivery("ci", "default", "two"), delivery("ci", "jenkins", "three")];
  for (const sent of senders) expect(await takeDelivery(bot.engine, sent)).toBe("stored");
  for (const sent of senders) expect(await takeDelivery(bot.engine, sent)).toBe("duplicate");
  const [first, second, third] = senders;
  if (first === undefined || second === undefined || third === undefined) throw new Error("three senders are needed");
  await endDelivery(bot.engine.db, second, "ignored", "read");
  const stored = await Promise.all(senders.map((sent) => loadDelivery(bot.engine.db, sent)));
  expect(stored.map((row) => [row?.body.toString(), row?.result])).toEqual([
    ["one", null],
    ["two", "ignored"],
    ["three", null],
  ]);
  const open = await unfinishedDeliveries(bot.engine.db);
  expect(open.map(({ source, connection, id }) => `${source}/${connection}/${id}`).toSorted()).toEqual([
    "ci/jenkins/1",
    "github/default/1",
  ]);
});
