import { afterEach, beforeEach, expect, test } from "vitest";
import type { Rosters } from "../../src/domain/duty.ts";
import { onDuty } from "../../src/engine/on-duty.ts";
import { createRosters } from "../../src/roster/roster.ts";
import { openOffice } from "../slack/office.ts";
import { startSlack } from "../slack-simulator/world.ts";
import { startDuty, type DutyServer } from "./duty-server.ts";

const TOKEN = "a-token-that-nobody-may-read";
let duty: DutyServer;
let now: Date;
beforeEach(async () => {
  duty = await startDuty();
  now = new Date("2026-03-02T03:14:00Z");
});
afterEach(() => duty[Symbol.asyncDispose]());

function rostersAt(url: string, timeoutMs = 10_000): Rosters {
  return createRosters({ accounts: new Map([["duty", { url, token: TOKEN }]]), now: () => now, timeoutMs });
}

function later(seconds: number): void {
  now = new Date(now.getTime() + seconds * 1000);
}

const BOB = { kind: "email", email: "bob@acme.test" };
const EVE = { kind: "id", id: "U03EVE" };

test.each([
  ['{"on_call":[{"slack":"U03EVE"},{"email":"Bob@acme.test"}]}', [EVE, BOB]],
  ['["U03EVE", "bob@acme.test"]', [EVE, BOB]],
  ['{"on_call":[]}', []],
])("%s names whom it names", async (body, people) => {
  duty.answers((response) => response.end(body));
  expect(await rostersAt(duty.url).ask("duty")).toEqual({ kind: "read", people });
  expect(duty.asked[0]?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, accept: "application/json" });
  expect(duty.asked[0]?.method).toBe("GET");
});

test.each([
  "",
  "null",
  "7",
  '"U03EVE"',
  "<!doctype html><title>Sign in</title>",
  '{"on_call":"U03EVE"}',
  '{"on_call":["@on-call"]}',
  '{"on_call":["Bob Maes"]}',
  '{"on_call":["<!channel>"]}',
  '{"on_call":[{"slack":"U03EVE","email":"bob@acme.test"}]}',
  '{"on_call":[{"slack":"U03EVE","until":"2020-01-01"}]}',
  '{"on_call":["U03EVE"],"error":"stale"}',
  '{"on_call":["bob@acme.test",null]}',
  JSON.stringify(Array.from({ length: 21 }, (_, index) => `U0${index}AB`)),
])("%s is no answer, and nothing of it is repeated", async (body) => {
  duty.answers((response) => response.writeHead(200, { "content-type": "application/json" }).end(body));
  const answer = await rostersAt(duty.url).ask("duty");
  expect(answer).toMatchObject({ kind: "unreadable", because: expect.stringContaining('its answer is not `{"on_call"') });
  expect(JSON.stringify(answer)).not.toMatch(/doctype|channel|Maes|stale|U03EVE|a-token|a-secret/u);
});

test("a redirect is not followed, and a token that is refused is said to be", async () => {
  await using elsewhere = await startDuty();
  duty.answers((response) => response.writeHead(302, { location: elsewhere.url }).end());
  const answer = await rostersAt(duty.url).ask("duty");
  expect(answer).toMatchObject({ kind: "unreadable", because: expect.stringContaining("redirects elsewhere") });
  expect(elsewhere.asked).toEqual([]);
  duty.answers((response) => response.writeHead(401).end());
  expect(await rostersAt(duty.url).ask("duty")).toMatchObject({ because: expect.stringContaining("refuses our token (HTTP 401)") });
  duty.answers((response) => response.writeHead(500).end("the database is away"));
  expect(await rostersAt(duty.url).ask("duty")).toMatchObject({ because: expect.stringMatching(/^127\.0\.0\.1:\d+ answers HTTP 500$/u) });
});

test("an answer without an end is not read to its end", async () => {
  duty.answers((response) => {
    const more = (): void => void (response.destroyed || response.write(" ".repeat(16_384), () => setImmediate(more)));
    more();
  });
  expect(await rostersAt(duty.url).ask("duty")).toMatchObject({ because: expect.stringContaining("more than 64 KiB") });
});

test("who hangs, before the answer or in the middle of it, or is not there, cannot be reached", async () => {
  duty.answers(() => undefined);
  expect(await rostersAt(duty.url, 200).ask("duty")).toMatchObject({ because: expect.stringContaining("no answer in time") });
  duty.answers((response) => response.write('{"on_call":'));
  expect(await rostersAt(duty.url, 200).ask("duty")).toMatchObject({ because: expect.stringContaining("no answer in time") });
  const gone = await rostersAt("http://127.0.0.1:1/now").ask("duty");
  expect(gone).toMatchObject({ kind: "unreadable", because: expect.stringContaining("127.0.0.1:1 cannot be reached") });
  expect(await rostersAt(duty.url).ask("another")).toMatchObject({ kind: "unreadable" });
});

test("an answer is believed for half a minute, no answer for five seconds, and many ask once", async () => {
  const rosters = rostersAt(duty.url);
  duty.names("U03EVE");
  await Promise.all([rosters.ask("duty"), rosters.ask("duty")]);
  duty.names("U02BOB");
  later(29);
  expect(await rosters.ask("duty")).toMatchObject({ people: [EVE] });
  expect(duty.asked).toHaveLength(1);
  later(2);
  expect(await rosters.ask("duty")).toMatchObject({ people: [{ id: "U02BOB" }] });
  duty.answers((response) => response.writeHead(503).end());
  later(31);
  expect(await rosters.ask("duty")).toMatchObject({ kind: "unreadable" });
  duty.names("U02BOB");
  expect(await rosters.ask("duty")).toMatchObject({ kind: "unreadable" });
  later(6);
  expect(await rosters.ask("duty")).toMatchObject({ kind: "read" });
});

test("only members of our own team are on duty, whatever a roster says; of the others it is told why", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  const { directory } = office.slack;
  duty.names("U03EVE", { email: "bob@acme.test" }, "U04GUEST", "U05STRANGER", "U06GONE", "UBOT01", "U0NOBODY", "x@evil.test");
  const engine = { rosters: rostersAt(duty.url), directory };
  const { ids, unread } = await onDuty(engine, ["duty"]);
  expect(ids).toEqual(["U03EVE", "U02BOB"]);
  expect(unread).toHaveLength(1);
  for (const stranger of [
    "U04GUEST is a guest",
    "U05STRANGER is of another",
    "U06GONE is deactivated",
    "UBOT01 is a bot",
    "U0NOBODY",
    "x@evil.test",
  ])
    expect(unread[0]).toContain(stranger);
});
