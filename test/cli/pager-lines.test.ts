import { createServer } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pagerLines } from "../../src/cli/pager-lines.ts";
import { parseConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/domain/config.ts";
import { createPager } from "../../src/pager/pager.ts";

/** Whoever pages, on loopback: it answers whatever is asked, and writes down how it was asked. */
const asked: string[] = [];
const receiver = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.writeHead(404).end();
});
let url = "";

beforeEach(async () => {
  asked.length = 0;
  await new Promise<void>((ready) => receiver.listen(0, "127.0.0.1", ready));
  const address = receiver.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  url = `http://127.0.0.1:${address.port}/hook`;
});
afterEach(() => new Promise<void>((done) => (receiver.closeAllConnections(), receiver.close(() => done()))));

const place = (name: string, more: string): string =>
  `      ${name}: { deploy: automatically, target: { type: ssh, hosts: [deploy@${name}.acme.test], directory: /srv/shop, recipe: django }${more} }`;

function config(): Config {
  const parsed = parseConfig(
    `
connections:
  night: { type: pager, url: "https://oncall.acme.test/hook", secret: env:ONCALL_SECRET }
  spare: { type: pager, routing_key: env:PAGERDUTY_KEY }
apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    environments:
${place("staging", "")}
${place("production", ', watch: { for: 30m, http: { url: "https://shop.acme.test/health" }, on_regression: offer }, on_call: [U01ANN], escalate: { to: night, after: 10m }')}
`,
    "greenlight.yml",
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
  return parsed.value;
}

function lines(at: { readonly night: string; readonly spare: string }, failed: ReadonlyMap<string, string> = new Map()) {
  const accounts = new Map([
    [
      "night",
      { shape: "plain" as const, url: at.night, secret: `whsec_${Buffer.from("a secret of thirty-two bytes long").toString("base64")}` },
    ],
    ["spare", { shape: "pagerduty" as const, url: at.spare, routingKey: "0123456789abcdef0123456789abcdef" }],
  ]);
  return pagerLines(createPager({ accounts, now: () => new Date() }), config(), failed);
}

test("a pager that answers is named with what it is called for, and nobody is called to find out", async () => {
  expect(await lines({ night: url, spare: url })).toEqual([
    { ok: true, says: "pager night: answers; called for shop/production" },
    { ok: true, says: "pager spare: answers; called for nothing" },
  ]);
  expect(asked).toEqual(["HEAD /", "HEAD /"]);
});

test("one that is not there, and one that refused the last call, are wrong", async () => {
  const refused = "127.0.0.1 refuses the call (HTTP 403)";
  const [night, spare] = await lines({ night: url, spare: "http://127.0.0.1:1/hook" }, new Map([["night", refused]]));
  expect(night).toEqual({ ok: false, says: `pager night: ${refused}` });
  expect(spare?.ok).toBe(false);
  expect(spare?.says).toMatch(/^pager spare: 127\.0\.0\.1(?::1)? cannot be reached/u);
});
