import { describe, expect, test } from "vitest";
import { startFarSide } from "./far-side.ts";
import type { Reply } from "./far-side.ts";
import { NOW, TOKEN, WATCH, answers, look, monitorsAt } from "./sentry-answers.ts";

describe("whatever keeps Sentry from answering is a gap with its reason", () => {
  const replies: { name: string; reply: Reply; because: string }[] = [
    {
      name: "a revoked token",
      reply: { status: 401, body: { detail: "Invalid token" } },
      because: "Sentry refuses the token (HTTP 401): Invalid token",
    },
    {
      name: "a token without the scope",
      reply: { status: 403, body: { detail: "You do not have permission" } },
      because:
        "Sentry refuses the token (HTTP 403; it needs project:releases, project:read, event:read and org:read): You do not have permission",
    },
    {
      name: "an unknown organization",
      reply: { status: 404, body: {} },
      because: "Sentry knows no such organization, project, environment or release",
    },
    {
      name: "a rejected query",
      reply: { status: 400, body: { detail: "Bad\nquery" } },
      because: "Sentry rejects the request (HTTP 400): Bad query",
    },
    { name: "a failing server", reply: { status: 502, text: "<html>bad gateway" }, because: "Sentry failed (HTTP 502)" },
    {
      name: "a login page",
      reply: { text: "<!doctype html>", headers: { "content-type": "text/html" } },
      because: "Sentry's answer is not JSON (text/html)",
    },
    { name: "half an answer", reply: { text: '[{"id": "1"' }, because: "Sentry's answer is not JSON (application/json)" },
    {
      name: "another shape",
      reply: { body: { message: "hello" } },
      because: "Sentry's list of issues has another shape than it documents",
    },
    {
      name: "nonsense counts",
      reply: { body: [{ id: "1", count: "-3" }] },
      because: "Sentry's list of issues has another shape than it documents",
    },
    { name: "silence", reply: "hang", because: "Sentry did not answer within 0.3 s" },
    { name: "an endless answer", reply: { text: `["${"x".repeat(6_000_000)}"]` }, because: "Sentry's answer is too large to be one" },
  ];

  test("answers that come, but each so late that the look would outlast its job", async () => {
    let elapsed = 0;
    await using sentry = await startFarSide((asked) => {
      elapsed += 9_000;
      return answers({})(asked);
    });
    const seen = await monitorsAt(sentry.url, { elapsed: () => elapsed }).sentry(WATCH, look());
    expect(seen).toMatchObject({ kind: "gap", because: "Sentry answers too slowly: a look ends after 40 s" });
    // The fifth answer is the one too many; two more questions may be on their way by then.
    expect(sentry.asked.length).toBeGreaterThanOrEqual(5);
    expect(sentry.asked.length).toBeLessThanOrEqual(7);
  });

  test.each(replies)("$name", async ({ reply, because }) => {
    await using sentry = await startFarSide(() => reply);
    const timeoutMs = reply === "hang" ? 300 : 10_000;
    expect(await monitorsAt(sentry.url, { timeoutMs }).sentry(WATCH, look())).toEqual({
      monitor: "sentry",
      look: 7,
      at: NOW,
      kind: "gap",
      because,
    });
  });

  test("nobody listening", async () => {
    const sentry = await startFarSide(() => "hang");
    await sentry[Symbol.asyncDispose]();
    const seen = await monitorsAt(sentry.url).sentry(WATCH, look());
    expect(seen).toMatchObject({ kind: "gap", because: `Sentry at ${new URL(sentry.url).host} cannot be reached (ECONNREFUSED)` });
  });

  test("no series of events, which is what an unknown project gets", async () => {
    await using sentry = await startFarSide((asked) =>
      asked.url.pathname.endsWith("/events-timeseries/") ? { body: { timeSeries: [] } } : answers({})(asked),
    );
    expect(await monitorsAt(sentry.url).sentry(WATCH, look())).toMatchObject({
      kind: "gap",
      because: expect.stringContaining("no series of events"),
    });
  });

  test("a connection that does not exist", async () => {
    const seen = await monitorsAt("http://127.0.0.1:9").sentry({ ...WATCH, connection: "other" }, look());
    expect(seen).toMatchObject({ kind: "gap", because: 'there is no Sentry connection "other" with a token' });
  });
});

describe("the token goes to Sentry and nowhere else", () => {
  test("a redirect is refused", async () => {
    await using elsewhere = await startFarSide(() => ({ body: [] }));
    await using sentry = await startFarSide(() => ({ status: 307, headers: { location: `${elsewhere.url}/api/0/` } }));
    const seen = await monitorsAt(sentry.url).sentry(WATCH, look());
    expect(seen).toMatchObject({ kind: "gap", because: expect.stringContaining("redirects elsewhere") });
    expect(elsewhere.asked).toEqual([]);
  });

  test("a next page at another host is refused", async () => {
    await using elsewhere = await startFarSide(() => ({ body: [] }));
    const link = `<${elsewhere.url}/api/0/next>; rel="next"; results="true"; cursor="0:100:0"`;
    await using sentry = await startFarSide(() => ({ headers: { link }, body: [] }));
    const seen = await monitorsAt(sentry.url).sentry(WATCH, look());
    expect(seen).toMatchObject({ kind: "gap", because: expect.stringContaining("next page is at another address") });
    expect(elsewhere.asked).toEqual([]);
  });

  test("a next page that never ends is left after a few", async () => {
    await using sentry = await startFarSide((asked) => {
      const link = `<${sentry.url}/next>; rel="next"; results="true"; cursor="0:100:0"`;
      return asked.url.pathname.endsWith("/issues/") ? { headers: { link }, body: [] } : answers({})(asked);
    });
    expect(await monitorsAt(sentry.url).sentry(WATCH, look())).toMatchObject({ kind: "errors" });
    const pages = sentry.asked.filter(({ url }) => url.searchParams.get("query")?.startsWith("firstRelease:") === true);
    expect(pages.length).toBeLessThanOrEqual(5);
  });

  test("no gap tells it", async () => {
    await using sentry = await startFarSide((asked) => ({ status: 401, body: { detail: `bad header of ${asked.method}` } }));
    expect(JSON.stringify(await monitorsAt(sentry.url).sentry(WATCH, look()))).not.toContain(TOKEN);
  });
});

test("a rate limit is kept, but never longer than a minute", async () => {
  let limited = true;
  await using sentry = await startFarSide((asked) =>
    limited ? { status: 429, headers: { "retry-after": "99999999" }, body: {} } : answers({ after: [[1, 1]] })(asked),
  );
  let now = NOW.getTime();
  const monitors = monitorsAt(sentry.url, { now: () => new Date(now) });
  const gap = { kind: "gap", because: "Sentry asks to wait 60 s before the next request (HTTP 429)" };
  expect(await monitors.sentry(WATCH, look())).toMatchObject(gap);
  now += 30_000;
  expect(await monitors.sentry(WATCH, look())).toMatchObject({ kind: "gap", because: expect.stringContaining("wait 30 s") });
  expect(sentry.asked).toHaveLength(1);
  limited = false;
  now += 31_000;
  expect(await monitors.sentry(WATCH, look())).toMatchObject({ kind: "errors" });
});
