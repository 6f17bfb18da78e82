import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Page } from "../../src/domain/page.ts";
import { parseDeploymentId, parseSha } from "../../src/domain/ids.ts";
import { createPager, type PagerAccount } from "../../src/pager/pager.ts";

const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes long").toString("base64")}`;
const KEY = "0123456789abcdef0123456789abcdef";
const NOW = new Date("2026-03-02T03:14:00Z");
const ID = "00000000-0000-7000-8000-000000000001";

const page: Page = {
  event: "trigger",
  deployment: parseDeploymentId(ID) ?? never(),
  cause: "regression",
  summary: "Regression in shop, production: still happening.",
  app: "shop",
  environment: "production",
  number: 812,
  revision: parseSha("a".repeat(40)) ?? never(),
  since: new Date("2026-03-02T03:04:00Z"),
  errorsPerMinute: 76,
  errorsPerMinuteBefore: 0.3,
  usersHit: 118,
  url: "https://shop.acme.test/",
};

type Heard = { readonly headers: IncomingHttpHeaders; readonly body: string; readonly path: string };
let server: Server | null = null;
afterEach(() => new Promise<void>((done) => (server === null ? done() : server.closeAllConnections(), server?.close(() => done()))));

/** A receiver on loopback that answers with this status, or not at all. */
async function receiver(status: number | "nothing", headers: Record<string, string> = {}): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const made = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      heard.push({ headers: request.headers, body, path: request.url ?? "" });
      if (status !== "nothing") response.writeHead(status, headers).end("x".repeat(100_000));
    });
  });
  server = made;
  await new Promise<void>((ready) => made.listen(0, "127.0.0.1", ready));
  const { port } = made.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, heard };
}

function pagerAt(account: PagerAccount, timeoutMs = 10_000) {
  return createPager({ accounts: new Map([["pager", account]]), now: () => NOW, timeoutMs });
}

test("a plain call is signed as Standard Webhooks says, and a second try has the same id", async () => {
  const { url, heard } = await receiver(204);
  const pager = pagerAt({ shape: "plain", url, secret: SECRET });
  expect(await pager.call("pager", "msg.1", page)).toEqual({ kind: "taken" });
  await pager.call("pager", "msg.1", page);
  const [first, second] = heard;
  const timestamp = String(NOW.getTime() / 1000);
  const key = Buffer.from(SECRET.slice("whsec_".length), "base64");
  const expected = createHmac("sha256", key).update(`msg.1.${timestamp}.${first?.body}`).digest("base64");
  expect(first?.headers).toMatchObject({
    "webhook-id": "msg.1",
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${expected}`,
    "content-type": "application/json",
  });
  expect(second?.headers["webhook-id"]).toBe("msg.1");
  expect(JSON.parse(first?.body ?? "")).toMatchObject({
    type: "greenlight.trigger",
    data: { key: ID, app: "shop", cause: "regression", number: 812 },
  });
  expect(first?.body).not.toContain(SECRET);
});

test("a call in PagerDuty's shape opens, acknowledges and resolves one incident", async () => {
  const { url, heard } = await receiver(202);
  const pager = pagerAt({ shape: "pagerduty", url, routingKey: KEY });
  const long = { ...page, summary: "x".repeat(2000) };
  for (const event of ["trigger", "acknowledge", "resolve"] as const) await pager.call("pager", `msg.${event}`, { ...long, event });
  const bodies = heard.map(({ body }) => JSON.parse(body));
  const head = { routing_key: KEY, dedup_key: `greenlight:${ID}` };
  expect(bodies[0]).toMatchObject({
    ...head,
    event_action: "trigger",
    payload: { source: "shop/production", severity: "error", timestamp: page.since.toISOString(), custom_details: { deployment: "#812" } },
    links: [{ href: page.url, text: "Open shop" }],
  });
  expect(bodies[0].payload.summary).toHaveLength(1024);
  expect(bodies.slice(1)).toEqual([
    { ...head, event_action: "acknowledge" },
    { ...head, event_action: "resolve" },
  ]);
});

test.each([
  { status: 202, kind: "taken" },
  { status: 429, headers: { "retry-after": "120" }, kind: "again", afterMs: 120_000 },
  { status: 429, headers: { "retry-after": "99999999" }, kind: "again", afterMs: 300_000 },
  { status: 503, kind: "again", afterMs: null },
  { status: 400, kind: "refused" },
  { status: 404, kind: "refused" },
  { status: 302, headers: { location: "http://127.0.0.1:1/elsewhere" }, kind: "refused" },
] as const)("HTTP $status is $kind", async ({ status, kind, ...rest }) => {
  const { url, heard } = await receiver(status, "headers" in rest ? { ...rest.headers } : {});
  const answer = await pagerAt({ shape: "pagerduty", url, routingKey: KEY }).call("pager", "msg.1", page);
  expect(answer).toMatchObject({ kind, ...("afterMs" in rest ? { afterMs: rest.afterMs } : {}) });
  expect(JSON.stringify(answer)).not.toMatch(/hook|0123456789abcdef/);
  expect(heard).toHaveLength(1);
});

test("who hangs, or is not there, is called again", async () => {
  const { url } = await receiver("nothing");
  const hung = await pagerAt({ shape: "pagerduty", url, routingKey: KEY }, 300).call("pager", "msg.1", page);
  expect(hung).toMatchObject({ kind: "again", because: expect.stringContaining("no answer in time") });
  const gone = await pagerAt({ shape: "pagerduty", url: "http://127.0.0.1:1/hook", routingKey: KEY }).call("pager", "msg.1", page);
  expect(gone).toMatchObject({ kind: "again" });
  expect(await pagerAt({ shape: "pagerduty", url: "http://127.0.0.1:1/hook", routingKey: KEY }).reach("pager")).toContain(
    "cannot be reached",
  );
});

function never(): never {
  throw new Error("an id of a test is none");
}
