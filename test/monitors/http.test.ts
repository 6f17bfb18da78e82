import { describe, expect, test } from "vitest";
import { startFarSide } from "./far-side.ts";
import { NOW, REVISION, look, monitorsAt } from "./sentry-answers.ts";

const monitors = monitorsAt("http://127.0.0.1:9");

describe.concurrent("the site's monitor", () => {
  test.each([
    { status: 200, up: true },
    { status: 204, up: true },
    { status: 304, up: true },
    { status: 404, up: false },
    { status: 500, up: false },
    { status: 502, up: false },
  ])("HTTP $status is up: $up", async ({ status, up }) => {
    await using site = await startFarSide(() => ({ status, text: "" }));
    const seen = await monitors.http({ url: `${site.url}/health`, timeoutMs: 10_000 }, look());
    const ms: unknown = expect.any(Number);
    const samples = [{ page: "/health", samplesMs: [ms, ms, ms, ms, ms] }];
    const head = { monitor: "http", look: 7, at: NOW };
    expect(seen).toEqual({ ...head, kind: "site", up, latencyMs: ms, latencyP95Ms: ms, samples, detail: `HTTP ${status}` });
  });

  test("a site that hangs is down", async () => {
    await using site = await startFarSide(() => "hang");
    const seen = await monitors.http({ url: site.url, timeoutMs: 200 }, look());
    expect(seen).toMatchObject({ kind: "site", up: false, latencyMs: null, detail: "no answer within 0.2 s" });
  });

  test("a site that refuses connections is down", async () => {
    const site = await startFarSide(() => "hang");
    await site[Symbol.asyncDispose]();
    const seen = await monitors.http({ url: site.url, timeoutMs: 10_000 }, look());
    expect(seen).toMatchObject({ kind: "site", up: false, detail: "no connection (ECONNREFUSED)" });
  });

  test("a redirect within the site is followed to its end", async () => {
    await using site = await startFarSide(({ url }) =>
      url.pathname === "/" ? { status: 302, headers: { location: "/en/" } } : { status: 503, text: "" },
    );
    expect(await monitors.http({ url: site.url, timeoutMs: 10_000 }, look())).toMatchObject({ up: false, detail: "HTTP 503" });
  });

  test("a redirect to another host is up and not followed", async () => {
    await using elsewhere = await startFarSide(() => ({ status: 500 }));
    await using site = await startFarSide(() => ({ status: 301, headers: { location: elsewhere.url } }));
    const seen = await monitors.http({ url: site.url, timeoutMs: 10_000 }, look());
    expect(seen).toMatchObject({ up: true, detail: "HTTP 301, to another host" });
    expect(elsewhere.asked).toEqual([]);
  });

  test("a redirect in a circle is down", async () => {
    await using site = await startFarSide(() => ({ status: 302, headers: { location: "/again" } }));
    expect(await monitors.http({ url: site.url, timeoutMs: 10_000 }, look())).toMatchObject({ up: false });
    // At each of the look's five probes the first answer and three redirects.
    expect(site.asked.length).toBeLessThanOrEqual(5 * 4);
  });

  test("a page must contain what it is asked to", async () => {
    await using site = await startFarSide(({ url }) => ({
      status: 200,
      text: url.pathname === "/" ? "Welcome to the shop" : "Fatal error",
    }));
    const watch = { url: `${site.url}/`, timeoutMs: 10_000, contains: "Welcome" };
    expect(await monitors.http(watch, look())).toMatchObject({ up: true, detail: "HTTP 200" });
    expect(await monitors.http({ ...watch, url: `${site.url}/cart` }, look())).toMatchObject({
      up: false,
      detail: "HTTP 200, without the text it must have",
    });
  });

  test("of several pages all must fail for the site to be down; what fails is told", async () => {
    await using site = await startFarSide(({ url }) => ({ status: url.pathname === "/cart" ? 502 : 200, text: "" }));
    const also = [{ url: `${site.url}/cart` }];
    expect(await monitors.http({ url: `${site.url}/`, timeoutMs: 10_000, also }, look())).toMatchObject({
      up: true,
      detail: "HTTP 200",
      partly: "/cart: HTTP 502",
    });
    const seen = await monitors.http({ url: `${site.url}/cart`, timeoutMs: 10_000, also }, look());
    expect(seen).toMatchObject({ up: false, detail: "HTTP 502" });
    expect(seen).not.toHaveProperty("partly");
  });

  test("a page that fails now and then is up, and it is told how often it failed", async () => {
    let asked = 0;
    await using site = await startFarSide(() => ({ status: (asked += 1) % 2 === 0 ? 502 : 200, text: "" }));
    const seen = await monitors.http({ url: `${site.url}/`, timeoutMs: 10_000 }, look());
    expect(seen).toMatchObject({ up: true, detail: "HTTP 200", partly: "/: HTTP 502, 2 of 5 times" });
    // How long the error page took says nothing of how long people wait.
    expect(seen).toMatchObject({ samples: [{ page: "/", samplesMs: { length: 3 } }] });
  });

  test("before the deployment it is asked more often, and afterwards what its slowest page takes is told", async () => {
    await using site = await startFarSide(({ url }) => ({ status: 200, text: "", afterMs: url.pathname === "/cart" ? 60 : 0 }));
    const watch = { url: `${site.url}/`, timeoutMs: 10_000, also: [{ url: `${site.url}/cart` }] };
    const before = await monitors.http(watch, look({ look: 0 }));
    expect(before).toMatchObject({ samples: [{ page: "/", samplesMs: { length: 20 } }, { page: "/cart" }] });
    const seen = await monitors.http(watch, look());
    if (seen.kind !== "site" || seen.latencyMs === null) throw new Error("nothing was timed");
    // A timer may fire a moment before its time.
    expect(seen.latencyMs).toBeGreaterThanOrEqual(55);
    expect(seen.latencyP95Ms).toBeGreaterThanOrEqual(seen.latencyMs);
  });

  test.each([
    { says: "in a header", in: "X-Revision", reply: { headers: { "x-revision": REVISION } }, kind: "deployed" },
    { says: "in short", in: "revision", reply: { body: { revision: REVISION.slice(0, 7) } }, kind: "deployed" },
    {
      says: "deep in its JSON, as Sentry names a release",
      in: "build.release",
      reply: { body: { build: { release: `shop@${REVISION}` } } },
      kind: "deployed",
    },
    { says: "of another one", in: "revision", reply: { body: { revision: "71D0E2C" } }, kind: "other" },
    { says: "nowhere", in: "revision", reply: { body: { build: "12" } }, kind: "unsaid" },
    { says: "in no JSON", in: "revision", reply: { text: "revision: 71d0e2c" }, kind: "unsaid" },
    { says: "in words that are none", in: "X-Revision", reply: { headers: { "x-revision": "the deadbeefed one" } }, kind: "unsaid" },
  ])("its revision, said $says, is $kind", async ({ in: revision, reply, kind }) => {
    await using site = await startFarSide(() => ({ status: 200, ...reply }));
    const watch = { url: `${site.url}/health`, timeoutMs: 10_000, revision };
    expect(await monitors.http(watch, look())).toMatchObject({ up: true, revision: { kind } });
    expect(await monitors.http(watch, look({ look: 0 }))).not.toHaveProperty("revision");
  });

  test("one of several servers with another revision is enough, and a site that is down says none", async () => {
    let asked = 0;
    await using site = await startFarSide(({ url }) => {
      asked += 1;
      return { status: url.pathname === "/" ? 200 : 502, body: { revision: asked % 2 === 0 ? "71d0e2c" : REVISION } };
    });
    const watch = { url: `${site.url}/`, timeoutMs: 10_000, revision: "revision" };
    const seen = await monitors.http(watch, look());
    expect(seen).toMatchObject({ revision: { kind: "other", said: "71d0e2c", deployed: REVISION, always: false } });
    expect(await monitors.http({ ...watch, url: `${site.url}/down` }, look())).not.toHaveProperty("revision");
  });
});
