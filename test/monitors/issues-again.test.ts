import { expect, test } from "vitest";
import { startFarSide } from "./far-side.ts";
import { LIVE, WATCH, answers, issueJson, look, monitorsAt } from "./sentry-answers.ts";

const SINCE = "2026-03-02T09:35:00Z";
const old = issueJson({
  id: "70",
  count: "900",
  userCount: 400,
  firstSeen: "2025-11-02T09:34:10Z",
  filtered: { count: "4", userCount: 3 },
});
const regressed = { type: "set_regression", dateCreated: SINCE };

test("tells what was resolved and is back, with the counts of this release, since when", async () => {
  const activities = { 70: [{ type: "set_resolved", dateCreated: "2025-12-02T09:34:10Z" }, regressed] };
  await using sentry = await startFarSide(answers({ again: { regressed: [old] }, activities }));
  expect(await monitorsAt(sentry.url).sentry(WATCH, look())).toMatchObject({
    signal: "proven",
    newIssues: [{ id: "70", events: 4, users: 3, again: { how: "regressed", at: new Date(SINCE) } }],
  });
  const asked = sentry.asked.find(({ url }) => url.searchParams.get("query")?.startsWith("is:regressed") === true);
  expect(asked?.url.searchParams.get("start")).toBe(LIVE.toISOString());
});

test.each([
  { name: "came back before it was live", activity: [{ ...regressed, dateCreated: "2026-03-02T08:00:00Z" }] },
  { name: "came back nobody knows when", activity: [{ type: "set_resolved", dateCreated: SINCE }] },
])("leaves out what $name", async ({ activity }) => {
  await using sentry = await startFarSide(answers({ again: { regressed: [old] }, activities: { 70: activity } }));
  expect(await monitorsAt(sentry.url).sentry(WATCH, look())).toMatchObject({ kind: "errors", newIssues: [] });
});

test("an issue of this release that was resolved in between stays a new one", async () => {
  const held = { issues: [issueJson()], again: { regressed: [issueJson()] }, activities: { 77: [regressed] } };
  await using sentry = await startFarSide(answers(held));
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look());
  if (seen.kind !== "errors") throw new Error(`expected errors, got ${seen.kind}`);
  expect(seen.newIssues.map(({ id, again }) => [id, again])).toEqual([["77", undefined]]);
});

test("a server that does not know the word cannot say it; one that fails is a gap", async () => {
  let status = 400;
  await using sentry = await startFarSide((asked) =>
    asked.url.searchParams.get("query")?.startsWith("is:escalating") === true ? { status, body: {} } : answers({ after: [[1, 1]] })(asked),
  );
  expect(await monitorsAt(sentry.url).sentry(WATCH, look())).toMatchObject({ kind: "errors", newIssues: [] });
  status = 503;
  expect(await monitorsAt(sentry.url).sentry(WATCH, look())).toMatchObject({ kind: "gap", because: "Sentry failed (HTTP 503)" });
});
