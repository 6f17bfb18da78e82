import { describe, expect, test } from "vitest";
import { bufferedRoute } from "../../src/http/route.ts";
import { startHttp } from "../../src/http/server.ts";
import type { Readiness } from "../../src/http/probes.ts";
import { rawRequest, silent, startWorld } from "./world.ts";

async function startProbes(readiness: Readiness, token: string | null = null) {
  const server = await startHttp({
    port: 0,
    host: "127.0.0.1",
    routes: [],
    log: silent,
    ready: async () => readiness,
    metrics: { token, render: async () => "greenlight_up 1\n" },
  });
  return { url: server.url, [Symbol.asyncDispose]: () => server.close(0) };
}

describe("probes", () => {
  test("healthz answers while the bot is not ready, and readyz says why it is not", async () => {
    await using server = await startProbes({ ok: false, because: ["the database is away"] });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${server.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ ready: false, because: ["the database is away"] });
  });

  test("readyz is 200 when ready, also for HEAD", async () => {
    await using server = await startProbes({ ok: true, because: [] });
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true }]);
    const head = await fetch(`${server.url}/readyz`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test("metrics need their token when there is one", async () => {
    await using server = await startProbes({ ok: true, because: [] }, "metrics-token");
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
    expect((await fetch(`${server.url}/metrics`, { headers: { authorization: "Bearer m" } })).status).toBe(401);
    const told = await fetch(`${server.url}/metrics`, { headers: { authorization: "Bearer metrics-token" } });
    expect([told.status, await told.text()]).toEqual([200, "greenlight_up 1\n"]);
  });
});

describe("routes", () => {
  test.each([
    { method: "GET", path: "/", status: 404, allow: null },
    { method: "POST", path: "/webhooks/nobody", status: 404, allow: null },
    { method: "POST", path: "/webhooks/github/unknown", status: 404, allow: null },
    { method: "POST", path: "/webhooks/github/%00", status: 404, allow: null },
    { method: "POST", path: "/webhooks/github/acme/more", status: 404, allow: null },
    { method: "GET", path: "/webhooks/github", status: 405, allow: "POST" },
    { method: "POST", path: "/healthz", status: 405, allow: "GET, HEAD" },
    { method: "DELETE", path: "/readyz", status: 405, allow: "GET, HEAD" },
  ])("$method $path is $status", async ({ method, path, status, allow }) => {
    await using world = await startWorld();
    const response = await fetch(world.url + path, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([status, allow]);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toHaveProperty("error");
  });

  test("a raw route gets its body whole, and nothing without the headers it requires", async () => {
    const bodies: unknown[] = [];
    const route = bufferedRoute({
      path: "/slack/events",
      requires: ["x-slack-signature"],
      serve(request, response) {
        bodies.push("rawBody" in request ? request.rawBody : null);
        response.end("ok");
      },
    });
    await using world = await startWorld({ routes: [route] });
    expect((await fetch(`${world.url}/slack/events`, { method: "POST", body: "a=1" })).status).toBe(401);
    const response = await fetch(`${world.url}/slack/events`, { method: "POST", body: "a=1", headers: { "x-slack-signature": "v0=1" } });
    expect([response.status, bodies]).toEqual([200, [Buffer.from("a=1")]]);
  });

  test("a fault in a route is answered 500, and the server goes on", async () => {
    const route = bufferedRoute({
      path: "/slack/events",
      requires: [],
      serve() {
        throw new Error("broken");
      },
    });
    await using world = await startWorld({ routes: [route] });
    expect((await fetch(`${world.url}/slack/events`, { method: "POST", body: "a" })).status).toBe(500);
    expect((await fetch(`${world.url}/healthz`)).status).toBe(200);
  });
});

describe("slow senders", () => {
  test("headers that do not come are cut", async () => {
    await using world = await startWorld({ limits: { headersMs: 200 } });
    const { answer } = await rawRequest(world.port, { head: [], body: [], until: /408/ });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("a body that trickles is answered 408 and cut", async () => {
    await using world = await startWorld({ limits: { stallMs: 200 } });
    const head = [
      "POST /webhooks/github HTTP/1.1",
      "host: x",
      "content-type: application/json",
      "content-length: 1000000",
      `x-hub-signature-256: sha256=${"a".repeat(64)}`,
    ];
    const { answer } = await rawRequest(world.port, { head, body: [Buffer.from("{")] });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain("too slowly");
  });
});
