import { v7 as uuidv7 } from "uuid";
import { expect, test } from "vitest";
import { brokenCards } from "../../src/db/broken.ts";
import { dirtyCards } from "../../src/db/cards.ts";
import { addReply, nextReplies } from "../../src/db/replies.ts";
import { nextNotices } from "../../src/db/notices.ts";
import type { Reply } from "../../src/domain/card.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import { apply } from "../../src/engine/apply.ts";
import { homeOf } from "../../src/engine/home.ts";
import { painting } from "../../src/engine/painting.ts";
import { renderHome } from "../../src/slack/render/home.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";
import { PRODUCTION, request } from "../support/engine-world.ts";
import { sha } from "../domain/model.ts";

const BECAUSE = "Greenlight is not in the channel. Type /invite @greenlight there.";

function ping(key: string): Reply {
  return { key, kind: "ping", ping: "failed", broadcast: false, mention: ["UDORA"], text: key, preformatted: null, rollBackButton: false };
}

/** A deployment that waits for a yes, whose card was shown once. */
async function shown(desk: Desk): Promise<Replica & { readonly id: DeploymentId; readonly card: string }> {
  const replica = await desk.open("one");
  const { engine } = replica;
  await apply(engine, PRODUCTION, { kind: "found_live", hosts: [{ host: "web-1.acme.test", revision: sha(1) }] });
  const id = await request(engine, sha(2));
  const [card] = await dirtyCards(engine.db);
  if (card === undefined) throw new Error("it has no card");
  const at = { channel: "C1", ts: "1.1", hash: "h", drawnVersion: card.version, asOf: engine.clock(), posted: true };
  expect(await painting(engine).painted(card.id, at)).toBe(true);
  return { ...replica, id, card: card.id };
}

test("a channel that takes no card: whoever deployed is told once, the Home tab says it, and nothing is lost when it does again", async () => {
  await using desk = await openDesk();
  const { engine, id, card } = await shown(desk);
  const paint = painting(engine);
  await paint.broken(card, BECAUSE);
  await paint.broken(card, BECAUSE);
  const notices = await nextNotices(engine.db);
  expect(notices.filter((notice) => notice.to === "UDORA" && notice.text.includes(BECAUSE))).toHaveLength(1);
  expect(notices[0]?.text).toContain("The deployment goes on without it");
  expect(await dirtyCards(engine.db)).toEqual([]);
  const home = await homeOf(engine, "UDORA");
  expect(JSON.stringify(renderHome(home, { now: new Date(), timezone: "UTC", linkOf: () => null }).blocks)).toContain(
    "/invite @greenlight",
  );
  await engine.db.transaction((tx) =>
    addReply(tx, { id: uuidv7(), deployment: id, body: ping("old news"), at: new Date(Date.now() - 600_000) }),
  );
  await engine.db.transaction((tx) => addReply(tx, { id: uuidv7(), deployment: id, body: ping("fresh"), at: new Date() }));
  expect(await nextReplies(engine.db)).toEqual([]);
  expect((await paint.brokenCards()).map((one) => one.id)).toEqual([card]);
  await paint.mended(card);
  expect(await brokenCards(engine.db)).toEqual([]);
  expect((await homeOf(engine, "UDORA")).troubles).toEqual([]);
  const due = (await nextReplies(engine.db)).map((one) => one.reply);
  expect(due.filter((reply) => reply.late !== undefined).map((reply) => reply.late?.lines.map((line) => line.text))).toEqual([
    ["shop/production: old news."],
  ]);
  expect(due.some((reply) => reply.text === "fresh")).toBe(true);
  expect(due.some((reply) => reply.text === "old news")).toBe(false);
});

test("that Slack is away is known to whoever paints next, and forgotten when it is back", async () => {
  await using desk = await openDesk();
  const { engine } = await desk.open("one");
  const other = (await desk.open("two")).engine;
  const since = new Date("2026-11-25T09:10:00Z");
  await painting(engine).away.begin(since);
  await painting(other).away.begin(new Date("2026-11-25T10:00:00Z"));
  expect(await painting(other).away.since()).toEqual(since);
  await painting(other).away.over();
  expect(await painting(engine).away.since()).toBeNull();
});
