import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { judge } from "../../src/domain/verdict/judge.ts";
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
    // On a busy machine it is probed less often.
    const probes = site.asked.length;
    expect(probes).toBeLessThanOrEqual(5);
    const samples = [{ page: "/health", samplesMs: site.asked.map(() => ms) }];
    const failing = up ? {} : { failing: [{ page: "/health", failed: probes, probes }] };
    const head = { monitor: "http", look: 7, at: NOW };
    expect(seen).toEqual({ ...head, kind: "site", up, latencyMs: ms, latencyP95Ms: ms, samples, ...failing, detail: `HTTP ${status}` });
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
    const failed = Math.floor(asked / 2);
    expect(seen).toMatchObject({ up: true, detail: "HTTP 200", partly: `/: HTTP 502, ${failed} of ${asked} times` });
    expect(seen).toMatchObject({ failing: [{ page: "/", failed, probes: asked }] });
    // How long the error page took says nothing of how long people wait.
    expect(seen).toMatchObject({ samples: [{ page: "/", samplesMs: { length: asked - failed } }] });
  });

  test("before the deployment it is asked more often, and afterwards what its slowest page takes is told", async () => {
    await using site = await startFarSide(({ url }) => ({ status: 200, text: "", afterMs: url.pathname === "/cart" ? 60 : 0 }));
    const watch = { url: `${site.url}/`, timeoutMs: 10_000, also: [{ url: `${site.url}/cart` }] };
    const before = await monitors.http(watch, look({ look: 0 }));
    expect(before).toMatchObject({ samples: [{ page: "/" }, { page: "/cart" }] });
    // Twenty, unless the machine is so busy that two seconds are over first.
    const asked = site.asked.filter(({ url }) => url.pathname === "/").length;
    expect(asked).toBeGreaterThan(5);
    expect(asked).toBeLessThanOrEqual(20);
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

  test("a page that trickles without end is read for the given time and size, and no longer", async () => {
    await using slow = await startTrickle({ everyMs: 20, bytes: 10 });
    const watch = { url: `${slow.url}/`, timeoutMs: 300, contains: "never" };
    expect(await monitors.http(watch, look())).toMatchObject({ up: false, latencyMs: null, detail: "no answer within 0.3 s" });
    // The text it must have comes after the 256 KiB that are read.
    await using large = await startTrickle({ everyMs: 0, bytes: 64 * 1024 });
    const seen = await monitors.http({ url: `${large.url}/`, timeoutMs: 30_000, contains: "never" }, look());
    expect(seen).toMatchObject({ up: false, detail: "HTTP 200, without the text it must have" });
    expect(large.sentBytes()).toBeLessThan(5 * 16 * 1024 * 1024);
  });

  test("a page that answers and then breaks off in the middle of its text is down", async () => {
    await using site = await startTrickle({ everyMs: 1, bytes: 10, breakAfter: 2 });
    const seen = await monitors.http({ url: `${site.url}/`, timeoutMs: 10_000, contains: "never" }, look());
    expect(seen).toMatchObject({ up: false, detail: "no connection (ECONNRESET)" });
  });

  test("no redirect sends a user and password, or anything of ours, anywhere", async () => {
    await using site = await startFarSide(({ url }) =>
      url.pathname === "/" ? { status: 302, headers: { location: `//user:secret@${new URL(site.url).host}/in` } } : { status: 200 },
    );
    expect(await monitors.http({ url: `${site.url}/`, timeoutMs: 10_000 }, look())).toMatchObject({ up: true });
    expect(site.asked.map(({ authorization }) => authorization)).toEqual(site.asked.map(() => null));
    expect(site.asked.some(({ url }) => url.pathname === "/in")).toBe(true);
  });

  test.each([
    { before: [], after: ["/", "/cart"], level: "act" },
    { before: [], after: ["/cart"], level: "propose" },
    { before: ["/cart"], after: ["/cart"], level: "none" },
    { before: ["/cart"], after: ["/"], level: "propose" },
    { before: ["/", "/cart"], after: ["/", "/cart"], level: "none" },
  ])("of two pages $after down at three looks, before $before: $level", async ({ before, after, level }) => {
    let down: readonly string[] = before;
    await using site = await startFarSide(({ url }) => ({ status: down.includes(url.pathname) ? 502 : 200, text: "" }));
    const watch = { url: `${site.url}/`, timeoutMs: 10_000, also: [{ url: `${site.url}/cart` }] };
    const baseline = await monitors.http(watch, look({ look: 0 }));
    down = after;
    const looks = await Promise.all([1, 2, 3].map((number) => monitors.http(watch, look({ look: number }))));
    const clock = { liveAt: NOW, until: new Date(NOW.getTime() + 60_000), now: NOW };
    expect(judge({ forMs: 60_000, everyMs: 2000 }, [baseline, ...looks], clock).level).toBe(level);
  });
});

/** A page of full stops that never ends: so many bytes at a time. `breakAfter`: it hangs up after so many of them. */
async function startTrickle(page: { readonly everyMs: number; readonly bytes: number; readonly breakAfter?: number }) {
  let sent = 0;
  const server = createServer((_request, response) => {
    response.writeHead(200);
    let times = 0;
    const more = () => {
      if (response.destroyed) return;
      if (times === page.breakAfter) return void response.destroy();
      times += 1;
      sent += page.bytes;
      if (response.write(Buffer.alloc(page.bytes, "."))) setTimeout(more, page.everyMs);
      else response.once("drain", more);
    };
    more();
  });
  await new Promise<void>((listening) => {
    server.listen(0, "127.0.0.1", listening);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the page has no port");
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { url: `http://127.0.0.1:${address.port}`, sentBytes: () => sent, [Symbol.asyncDispose]: close };
}
