import { afterAll, beforeAll, expect, test } from "vitest";
import { endDeliveries, unreadDeliveries } from "../../src/db/inbox.ts";
import { runOf } from "../../src/db/runs.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import { stagesOf } from "../../src/domain/pipeline/stages.ts";
import { createInbox, readDeliveries, type Read } from "../../src/engine/deliveries.ts";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";
import { until } from "../support/until.ts";

let desk: Desk;
let bot: Replica;
beforeAll(async () => {
  desk = await openDesk();
  bot = await desk.open("one");
});
afterAll(() => desk[Symbol.asyncDispose]());

function delivery(source: string, connection: string, body: string, id = "1") {
  return { source, connection, id, event: "workflow_job", headers: {}, body: Buffer.from(body), result: null, reason: null };
}

function read({ event, body }: { readonly event: string | null; readonly body: Uint8Array }): Read {
  return normaliseGitHub(event ?? "", body);
}

function sha(letter: string): Sha {
  const revision = parseSha(letter.repeat(40));
  if (revision === null) throw new Error(`${letter} makes no revision`);
  return revision;
}

function job(revision: Sha, id: number, name: string): string {
  const times = { started_at: "2026-03-02T09:00:00Z", completed_at: "2026-03-02T09:01:00Z" };
  const workflowJob = { id, run_id: 7, run_attempt: 1, name, status: "completed", conclusion: "success", head_sha: revision, ...times };
  return JSON.stringify({
    repository: { id: 1, full_name: "acme/shop" },
    workflow_job: { ...workflowJob, head_branch: "main", html_url: null },
  });
}

async function outcomes(): Promise<readonly (readonly [string, string | null, number])[]> {
  const text = "select id, result, failures from deliveries order by source, connection, id";
  const { rows } = await desk.database.pool.query<{ id: string; result: string | null; failures: number }>(text);
  return rows.map(({ id, result, failures }) => [id, result, failures]);
}

test("two senders may choose the same id: neither's delivery is taken for the other's", async () => {
  const inbox = createInbox(bot.engine);
  const senders = [delivery("github", "default", "one"), delivery("ci", "default", "two"), delivery("ci", "jenkins", "three")];
  for (const sent of senders) expect(await inbox.take(sent)).toBe("stored");
  for (const sent of senders) expect(await inbox.take(sent)).toBe("duplicate");
  const [, second] = senders;
  if (second === undefined) throw new Error("three senders are needed");
  await endDeliveries(bot.engine.db, [{ ...second, result: "ignored", reason: "nul \u0000 and half \ud800" }]);
  const unread = await unreadDeliveries(bot.engine.db, { most: 10, bytes: 1_000_000, now: new Date() });
  expect(unread.map(({ source, connection, id, body }) => `${source}/${connection}/${id} ${body.toString()}`)).toEqual([
    "github/default/1 one",
    "ci/jenkins/1 three",
  ]);
  await desk.database.pool.query("delete from deliveries");
});

test("no more bytes are held at a time than are allowed, but always one delivery", async () => {
  const inbox = createInbox(bot.engine);
  for (const id of ["1", "2", "3"]) await inbox.take(delivery("github", "default", "x".repeat(1000), id));
  const unread = async () => (await unreadDeliveries(bot.engine.db, { most: 10, bytes: 1500, now: new Date() })).map(({ id }) => id);
  expect(await unread()).toEqual(["1", "2"]);
  await desk.database.pool.query("update deliveries set result = 'accepted' where id in ('1', '2')");
  expect(await unread()).toEqual(["3"]);
  await desk.database.pool.query("update deliveries set not_before = now() + interval '1 minute'");
  expect(await unread()).toEqual([]);
  await desk.database.pool.query("delete from deliveries");
});

test("what speaks of one run is folded at once, and one that cannot be folded holds up no other", async () => {
  const inbox = createInbox(bot.engine);
  const [good, bad] = [sha("1"), sha("2")];
  for (let index = 0; index < 30; index += 1)
    await inbox.take(delivery("github", "default", job(good, index, `job ${index}`), `good-${index}`));
  await inbox.take(delivery("github", "default", job(bad, 99, "unit"), "bad"));
  await inbox.take(delivery("github", "other", job(good, 100, "of a connection that is not the app's"), "foreign"));
  await inbox.take(delivery("github", "default", "{", "nonsense"));
  await desk.database.pool.query(`create function refuse() returns trigger language plpgsql as $$ begin
    if new.revision = '${bad}' then raise exception 'not this one'; end if; return new; end $$;
    create trigger refuse before update on runs for each row execute function refuse()`);
  await readDeliveries(bot.engine, read);
  const ends = new Map((await outcomes()).map(([id, result, failures]) => [id, [result, failures]]));
  expect([...ends].filter(([id]) => id.startsWith("good")).every(([, [result]]) => result === "accepted")).toBe(true);
  expect(ends.get("bad")).toEqual([null, 1]);
  expect(ends.get("foreign")).toEqual(["ignored", 0]);
  expect(ends.get("nonsense")).toEqual(["ignored", 0]);
  const stored = await runOf(bot.engine.db, "shop", good);
  expect(stored === null ? 0 : stagesOf(stored.run).length).toBe(30);
  expect(bot.faults.splice(0)).toEqual([expect.stringContaining("reading a delivery")]);

  // It is tried again, later and later, and in the end a person has to look.
  for (let tries = 2; tries <= 16; tries += 1) {
    await desk.database.pool.query("update deliveries set not_before = null where id = 'bad'");
    await readDeliveries(bot.engine, read);
  }
  expect(new Map((await outcomes()).map(([id, ...end]) => [id, end])).get("bad")).toEqual(["failed", 14]);
  bot.faults.splice(0);
  await desk.database.pool.query("drop trigger refuse on runs; update deliveries set result = null, not_before = null where id = 'bad'");
  await readDeliveries(bot.engine, read);
  expect(new Map((await outcomes()).map(([id, result]) => [id, result])).get("bad")).toBe("accepted");
});

test("a burst calls one reader, and two that read the same at once fold it once", async () => {
  await using other = await desk.open("other");
  await desk.database.pool.query("delete from deliveries; delete from pgboss.job");
  const revision = sha("3");
  const inboxes = [createInbox(bot.engine), createInbox(other.engine)];
  const sent = Array.from({ length: 200 }, (_, index) =>
    delivery("github", "default", job(revision, index, `job ${index}`), `burst-${index}`),
  );
  await Promise.all(sent.flatMap((one) => inboxes.map((inbox) => inbox.take(one))));
  const called = () => desk.database.pool.query("select 1 from pgboss.job where name = 'read' and state = 'created'");
  await until(
    async () => (await called()).rowCount === 1,
    () => "no reader is called",
  );
  await Promise.all([readDeliveries(bot.engine, read), readDeliveries(other.engine, read)]);
  expect((await outcomes()).filter(([, result]) => result === "accepted")).toHaveLength(200);
  const stored = await runOf(bot.engine.db, "shop", revision);
  expect(stored === null ? 0 : stagesOf(stored.run).length).toBe(200);
});
