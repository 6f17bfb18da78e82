import { expect, test } from "vitest";
import { createSentryClient } from "../../src/sentry/client.ts";
import { startFarSide } from "./far-side.ts";
import { LIVE, NOW, RELEASE, REVISION, TOKEN, WATCH, answers, issueJson, look, monitorsAt } from "./sentry-answers.ts";

test("counts this release after it went live against all others before", async () => {
  const held = {
    after: [
      [1, 30],
      [2.5, 12],
    ],
    before: [
      [-50, 4],
      [-10.5, 2],
    ],
    users: 9,
  } as const;
  await using sentry = await startFarSide(answers(held));
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look());
  expect(seen).toMatchObject({
    monitor: "sentry",
    look: 7,
    at: NOW,
    kind: "errors",
    after: { from: LIVE, to: NOW, events: 42, users: 9 },
    before: { from: new Date("2026-03-02T08:33:00Z"), to: LIVE, events: 6 },
    signal: "proven",
    lastEventAt: new Date("2026-03-02T09:35:40Z"),
  });
  const [first, ...others] = sentry.asked.map(({ url }) => url.searchParams.get("query"));
  expect(first).toBe(`firstRelease:"${RELEASE}"`);
  // They are asked side by side, each once.
  const expected = [
    `is:regressed release:"${RELEASE}"`,
    `is:escalating release:"${RELEASE}"`,
    `release:"${RELEASE}"`,
    ...Array.from({ length: 4 }, () => `!release:"${RELEASE}"`),
    `release:"${RELEASE}"`,
    `release:"${RELEASE}"`,
    `is_transaction:true !release:"${RELEASE}"`,
    `release:"${RELEASE}"`,
  ];
  expect(others.toSorted()).toEqual(expected.toSorted());
  expect(sentry.asked.every(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
});

test("an event from while the hosts were switched one by one proves that Sentry hears this version, and counts for nothing", async () => {
  await using sentry = await startFarSide(answers({ after: [[-0.5, 1]] }));
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look());
  expect(seen).toMatchObject({ kind: "errors", signal: "proven", after: { events: 0 }, lastEventAt: LIVE });
});

test("tells the minutes before, so that bursts can be known as such", async () => {
  await using sentry = await startFarSide(
    answers({
      before: [
        [-60, 4],
        [-1, 2],
      ],
      releases: [RELEASE],
    }),
  );
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look());
  if (seen.kind !== "errors") throw new Error(`expected errors, got ${seen.kind}`);
  expect(seen.beforePerMinute).toHaveLength(60);
  expect([seen.beforePerMinute?.[0], seen.beforePerMinute?.[59]]).toEqual([4, 2]);
});

test("reads new issues over all pages, each once", async () => {
  const one = issueJson();
  const two = issueJson({ id: "78", count: 1, userCount: 1, isUnhandled: false });
  await using sentry = await startFarSide((asked) => {
    if (!asked.url.pathname.endsWith("/issues/")) return answers({})(asked);
    if (asked.url.searchParams.get("query")?.startsWith("is:") === true) return { body: [] };
    const isSecond = asked.url.searchParams.get("cursor") === "0:100:0";
    const link = `<${sentry.url}/x?cursor=0:100:0>; rel="next"; results="${!isSecond}"; cursor="0:100:0"`;
    return { headers: { link }, body: isSecond ? [one, two] : [one] };
  });
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look());
  if (seen.kind !== "errors") throw new Error(`expected errors, got ${seen.kind}`);
  expect(seen.newIssues.map(({ id, events, users, unhandled }) => ({ id, events, users, unhandled }))).toEqual([
    { id: "77", events: 3, users: 2, unhandled: true },
    { id: "78", events: 1, users: 1, unhandled: false },
  ]);
  expect(sentry.asked.filter(({ url }) => url.searchParams.get("query")?.startsWith("firstRelease:") === true)).toHaveLength(2);
});

test("strict privacy lets only class, place in the code, counts and link out", async () => {
  await using sentry = await startFarSide(
    answers({ issues: [issueJson(), issueJson({ id: "78", metadata: { type: "Jane Doe was here" } })] }),
  );
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look({ privacy: "strict" }));
  expect(seen).toMatchObject({
    newIssues: [
      { title: "KeyError", place: "shop/cart.py in add", events: 3 },
      { title: "an error of another kind", place: null },
    ],
  });
  expect(JSON.stringify(seen)).not.toMatch(/jane/i);
  const open = await monitorsAt(sentry.url).sentry(WATCH, look());
  expect(open).toMatchObject({ newIssues: [{ title: "KeyError: 'Jane Doe'", place: "/patients/jane-doe" }, {}] });
});

test.each([
  { filename: "shop/cart.py", function: "Cart.add", place: "shop/cart.py in Cart.add" },
  { filename: "https://shop.acme.test/static/main.3f.js?user=jane-doe", function: "?", place: "static/main.3f.js" },
  { filename: "webpack:///./src/cart.tsx", function: "<anonymous>", place: "./src/cart.tsx in <anonymous>" },
  { filename: "/app/node_modules/@acme/cart/index.mjs", function: "add", place: "/app/node_modules/@acme/cart/index.mjs in add" },
  { filename: "C:\\shop\\Cart.cs", function: "App\\Cart::add", place: "/shop/Cart.cs in App\\Cart::add" },
  { filename: "https://shop.acme.test/patients/jane-doe?tab=1", function: "onclick", place: "onclick" },
  { filename: "/patients/jane.doe", function: "jane doe was here", place: null },
  { filename: "/patients/jane-doe.html#top", function: null, place: null },
  { filename: "jane@acme.test", function: "jane@acme.test", place: null },
  { filename: "/mail/jane-doe@acme.test/inline.js", function: "add", place: "add" },
  { filename: "jane doe.js", function: "", place: null },
])("strict privacy tells of $filename and $function no more than source code: $place", async ({ place, ...code }) => {
  await using sentry = await startFarSide(answers({ issues: [issueJson({ metadata: { type: "KeyError", ...code } })] }));
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look({ privacy: "strict" }));
  expect(seen).toMatchObject({ newIssues: [{ title: "KeyError", place }] });
  expect(JSON.stringify(seen)).not.toMatch(/jane/i);
});

test("a clock of Sentry's that is wrong moves the windows, and the times come back as ours", async () => {
  const skewed = new Date(NOW.getTime() + 90_000);
  await using sentry = await startFarSide((asked) => {
    const reply = answers({ issues: [issueJson({ firstSeen: "2026-03-02T09:35:30Z" })] })(asked);
    return reply === "hang" ? reply : { ...reply, headers: { date: skewed.toUTCString() } };
  });
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look());
  const series = sentry.asked.map(({ url }) => url.searchParams).filter((query) => query.get("yAxis") === "count()");
  const after = series.find((query) => query.get("query") === `release:"${RELEASE}"`);
  const start = Date.parse(after?.get("start") ?? "");
  expect(Math.abs(start - LIVE.getTime() - 90_000)).toBeLessThanOrEqual(1000);
  if (seen.kind !== "errors") throw new Error(`expected errors, got ${seen.kind}`);
  expect(Math.abs((seen.newIssues[0]?.firstSeen.getTime() ?? 0) - Date.parse("2026-03-02T09:34:00Z"))).toBeLessThanOrEqual(1000);
  expect(seen.after).toMatchObject({ from: LIVE, to: NOW });
});

test("an answer that takes long is no wrong clock, whether it was dated at once or at last", async () => {
  for (const datedAfterMs of [0, 9_000]) {
    let now = NOW.getTime();
    await using sentry = await startFarSide((asked) => {
      const reply = answers({})(asked);
      const date = new Date(now + datedAfterMs).toUTCString();
      now += 9_000;
      return reply === "hang" ? reply : { ...reply, headers: { date } };
    });
    const client = createSentryClient({ url: sentry.url, token: "t", organization: "acme", now: () => new Date(now) });
    await client.releasesSeen({ organization: "acme", project: "shop", environment: "production" }, { from: LIVE, to: NOW });
    expect(client.skewMs()).toBe(0);
  }
});

test.each([
  { name: "nothing at all proves nothing", held: {}, signal: "unproven" },
  { name: "an event of this release proves the signal", held: { after: [[1, 1]] }, signal: "proven" },
  { name: "an earlier release named like ours proves it", held: { releases: [null, `shop@${"a".repeat(40)}`] }, signal: "proven" },
  { name: "events without a release prove nothing", held: { before: [[-5, 40]], releases: [null] }, signal: "unproven" },
  {
    name: "events of releases named otherwise prove nothing",
    held: { before: [[-5, 40]], releases: ["1.4.2", REVISION] },
    signal: "unproven",
  },
] as const)("the self-test: $name", async ({ held, signal }) => {
  await using sentry = await startFarSide(answers(held));
  expect(await monitorsAt(sentry.url).sentry(WATCH, look())).toMatchObject({ kind: "errors", signal });
});

test("the self-test says that releases are named otherwise", async () => {
  await using sentry = await startFarSide(answers({ releases: ["1.4.2"] }));
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look());
  expect(seen).toMatchObject({ unprovenBecause: expect.stringContaining("do not carry shop@ and the full revision as their release") });
});

test("a server without the table of releases is believed by any event of the environment", async () => {
  await using sentry = await startFarSide((asked) =>
    asked.url.pathname.endsWith("/events/") ? { status: 404, body: {} } : answers({ before: [[-5, 4]] })(asked),
  );
  expect(await monitorsAt(sentry.url).sentry(WATCH, look())).toMatchObject({ signal: "proven" });
});

test("without a baseline nothing before is asked or claimed", async () => {
  await using sentry = await startFarSide(answers({ after: [[1, 5]] }));
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look({ baselineMs: 0 }));
  expect(seen).toMatchObject({ before: { from: LIVE, to: LIVE, events: 0 }, after: { events: 5 } });
  expect(sentry.asked.some(({ url }) => url.searchParams.get("query")?.startsWith("!"))).toBe(false);
});

test("people that cannot be counted are unknown, not none", async () => {
  await using sentry = await startFarSide((asked) =>
    asked.url.searchParams.get("yAxis") === "count_unique(user)" ? { status: 400, body: {} } : answers({ after: [[1, 5]] })(asked),
  );
  expect(await monitorsAt(sentry.url).sentry(WATCH, look())).toMatchObject({ after: { events: 5, users: null } });
});
