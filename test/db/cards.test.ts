import { afterAll, beforeAll, expect, test } from "vitest";
import { dirtyCards, cardPosted, ensureRunCard, giveCard, markPainted, tickDeployment, touchDeployment } from "../../src/db/cards.ts";
import { addReply, beginReply, markReplyDrawn, nextReplies } from "../../src/db/replies.ts";
import { cardElsewhere } from "../../src/db/own-messages.ts";
import { insertDeployment } from "../../src/db/deployments.ts";
import { lockRun } from "../../src/db/runs.ts";
import { ensureEnvironment } from "../../src/db/snapshot.ts";
import type { Reply } from "../../src/domain/card.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import type { RunId } from "../../src/domain/ids.ts";
import { environmentOf, modelOf, newId, newRunId, requested, sha } from "../domain/model.ts";
import { freshDatabase, type TestDatabase } from "../support/database.ts";

const CARD = { app: "shop", channel: "#shop" };
const NOW = new Date("2026-03-02T09:00:00Z");
let database: TestDatabase;
let numbers = 0;

beforeAll(async () => {
  database = await freshDatabase();
  await ensureEnvironment(database.db, environmentOf());
});
afterAll(() => database[Symbol.asyncDispose]());

async function asked(runId: RunId | null, over: Partial<Deployment> = {}): Promise<Deployment> {
  const model = modelOf();
  const command = requested(1, { runId });
  model.must(command);
  numbers += 1;
  const deployment = { ...model.get(command.id), ...over, number: numbers };
  await insertDeployment(database.db, deployment);
  return deployment;
}

async function aRun(number: number): Promise<RunId> {
  const id = newRunId();
  await database.db.transaction((tx) => lockRun(tx, { id, app: "shop", revision: sha(number) }, NOW));
  await ensureRunCard(database.db, { ...CARD, id: newId(), runId: id });
  return id;
}

function reply(key: string): Reply {
  return { key, kind: "note", ping: null, broadcast: false, mention: [], text: key, preformatted: null, rollBackButton: false };
}

async function cardsOf(id: string): Promise<readonly { id: string; run_id: string | null }[]> {
  return (await database.pool.query<{ id: string; run_id: string | null }>("select id, run_id from cards where deployment_id = $1", [id]))
    .rows;
}

test("a run's card is made once, and handed to the first deployment that asks people; the next gets its own", async () => {
  const run = await aRun(11);
  await ensureRunCard(database.db, { ...CARD, id: newId(), runId: run });
  const [first, second] = [await asked(run), await asked(run)];
  await giveCard(database.db, { ...CARD, id: newId() }, first);
  await giveCard(database.db, { ...CARD, id: newId() }, first);
  await giveCard(database.db, { ...CARD, id: newId() }, second);
  expect(await cardsOf(first.id)).toMatchObject([{ run_id: run }]);
  expect(await cardsOf(second.id)).toMatchObject([{ run_id: null }]);
  const painted = { channel: "C1", hash: "h", drawnVersion: 1, asOf: NOW, posted: true };
  expect(await cardPosted(database.db, second.id)).toBeNull();
  const [[runs], [own]] = [await cardsOf(first.id), await cardsOf(second.id)];
  await markPainted(database.db, runs?.id ?? "", { ...painted, ts: "1.5" });
  expect([await cardPosted(database.db, first.id), await cardPosted(database.db, second.id)]).toMatchObject([{ ts: "1.5" }, { ts: "1.5" }]);
  await markPainted(database.db, own?.id ?? "", { ...painted, ts: "1.6" });
  expect([await cardPosted(database.db, first.id), await cardPosted(database.db, second.id)]).toEqual([
    { channel: "C1", ts: "1.5" },
    { channel: "C1", ts: "1.6" },
  ]);
});

test("a reply is stored once, however often it is asked for, also by two at once", async () => {
  const deployment = await asked(null);
  await giveCard(database.db, { ...CARD, id: newId() }, deployment);
  const add = (key: string) =>
    database.db.transaction((tx) => addReply(tx, { id: newId(), deployment: deployment.id, body: reply(key), at: NOW }));
  await Promise.all([add("live"), add("live"), add("live")]);
  await add("live");
  await add("verdict");
  const [card] = await cardsOf(deployment.id);
  expect(await nextReplies(database.db)).toEqual([]);
  await markPainted(database.db, card?.id ?? "", { channel: "C1", ts: "1.1", hash: "h", drawnVersion: 1, asOf: NOW, posted: true });
  expect((await nextReplies(database.db)).map((due) => due.reply.key)).toEqual(["live", "verdict"]);
});

test("a rollback's replies go to the card of what it rolls back, and redraw it", async () => {
  const original = await asked(null);
  await giveCard(database.db, { ...CARD, id: newId() }, original);
  const rollback = await asked(null, { id: newId(), kind: "rollback", rollsBack: original.id });
  await addReply(database.db, { id: newId(), deployment: rollback.id, body: reply("rolled back"), at: NOW });
  const [card] = await cardsOf(original.id);
  await markPainted(database.db, card?.id ?? "", { channel: "C1", ts: "1.2", hash: "h", drawnVersion: 1, asOf: NOW, posted: true });
  expect((await nextReplies(database.db)).filter((due) => due.cardId === card?.id).map((due) => due.reply.key)).toEqual(["rolled back"]);
  await touchDeployment(database.db, rollback);
  expect((await dirtyCards(database.db)).find((dirty) => dirty.id === card?.id)?.version).toBe(2);
});

test("an automatic deployment has no card of its own: its run's card is redrawn and takes its replies", async () => {
  const run = await aRun(12);
  const deployment = await asked(run, { automatic: true });
  await addReply(database.db, { id: newId(), deployment: deployment.id, body: reply("failed"), at: NOW });
  const rows = await database.pool.query("select 1 from replies r join cards c on c.id = r.card_id where c.run_id = $1", [run]);
  expect(rows.rowCount).toBe(1);
});

test("progress never makes an urgent card less urgent", async () => {
  const deployment = await asked(null);
  await giveCard(database.db, { ...CARD, id: newId() }, deployment);
  await tickDeployment(database.db, deployment);
  const [card] = await cardsOf(deployment.id);
  const dirty = (await dirtyCards(database.db)).find((candidate) => candidate.id === card?.id);
  expect(dirty?.priority).toBe("ask");
  await markPainted(database.db, card?.id ?? "", {
    channel: "C1",
    ts: "1.3",
    hash: "h",
    drawnVersion: dirty?.version ?? 0,
    asOf: NOW,
    posted: true,
  });
  await tickDeployment(database.db, deployment);
  expect((await dirtyCards(database.db)).find((candidate) => candidate.id === card?.id)?.priority).toBe("tick");
});

test("a message that is neither the card nor below it is one too many, unless a post is on its way", async () => {
  const deployment = await asked(null);
  await giveCard(database.db, { ...CARD, id: newId() }, deployment);
  const [card] = await cardsOf(deployment.id);
  const other = { channel: "C7", ts: "7.1" };
  // A post whose place is not written down yet may be just this one.
  expect(await cardElsewhere(database.db, other, deployment.id)).toBeNull();
  await markPainted(database.db, card?.id ?? "", { channel: "C7", ts: "7.2", hash: "h", drawnVersion: 1, asOf: NOW, posted: true });
  expect(await cardElsewhere(database.db, { channel: "C7", ts: "7.2" }, deployment.id)).toBeNull();
  expect(await cardElsewhere(database.db, other, deployment.id)).toEqual({ channel: "C7", ts: "7.2" });
  await database.db.transaction((tx) => addReply(tx, { id: newId(), deployment: deployment.id, body: reply("ping"), at: NOW }));
  const [due] = (await nextReplies(database.db)).filter((one) => one.cardId === card?.id);
  const upload = { file: "F1", title: "Errors", tries: 2, at: NOW };
  expect(await beginReply(database.db, due?.id ?? "", upload)).toBe(true);
  expect((await nextReplies(database.db)).find(({ id }) => id === due?.id)).toMatchObject({ posting: true, upload });
  expect(await cardElsewhere(database.db, other, deployment.id)).toBeNull();
  await markReplyDrawn(database.db, due?.id ?? "", "7.3", reply("ping"));
  expect(await cardElsewhere(database.db, { channel: "C7", ts: "7.3" }, deployment.id)).toBeNull();
  expect(await cardElsewhere(database.db, other, deployment.id)).toEqual({ channel: "C7", ts: "7.2" });
});

test("a card and a thread message have one place: whoever posts it a second time is told so", async () => {
  const deployment = await asked(null);
  await giveCard(database.db, { ...CARD, id: newId() }, deployment);
  const [card] = await cardsOf(deployment.id);
  const at = { channel: "C8", hash: "h", drawnVersion: 1, asOf: NOW, posted: true };
  expect(await markPainted(database.db, card?.id ?? "", { ...at, ts: "8.1" })).toBe(true);
  expect(await markPainted(database.db, card?.id ?? "", { ...at, ts: "8.2" })).toBe(false);
  await database.db.transaction((tx) => addReply(tx, { id: newId(), deployment: deployment.id, body: reply("once"), at: NOW }));
  const [due] = (await nextReplies(database.db)).filter((one) => one.cardId === card?.id);
  expect(await markReplyDrawn(database.db, due?.id ?? "", "8.3", reply("once"))).toBe(true);
  expect(await markReplyDrawn(database.db, due?.id ?? "", "8.4", reply("once"))).toBe(false);
  expect(await beginReply(database.db, due?.id ?? "")).toBe(false);
});
