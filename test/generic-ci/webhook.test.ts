import { execFile } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCi } from "../../src/generic-ci/normalise.ts";
import { ciWebhook } from "../../src/generic-ci/webhook.ts";
import { startHttp } from "../../src/http/server.ts";
import { webhookRoutes } from "../../src/http/webhook-route.ts";
import type { Delivery } from "../../src/http/webhook-source.ts";
import { wholeMessage } from "./message.ts";

const silent = { debug() {}, warn() {}, error() {} };
const SECRET = "a-secret-of-this-test";
const WHSEC = `whsec_${Buffer.from("twenty-four bytes of key").toString("base64")}`;
const LONG = "x".repeat(100);
const BODY = JSON.stringify(wholeMessage());

const stored = new Map<string, Delivery>();
let server: Awaited<ReturnType<typeof startHttp>>;

beforeAll(async () => {
  const secrets = { default: SECRET, standard: WHSEC, long: LONG, strict: SECRET };
  server = await startHttp({
    port: 0,
    host: "127.0.0.1",
    routes: webhookRoutes({
      sources: Object.entries(secrets).map(([connection, secret]) =>
        ciWebhook({ connection, secret, strict: connection === "strict", now: () => new Date() }),
      ),
      async store(delivery) {
        const key = `${delivery.connection} ${delivery.id}`;
        if (stored.has(key)) return "duplicate";
        stored.set(key, { ...delivery, body: Buffer.from(delivery.body) });
        return "stored";
      },
      log: silent,
    }),
    log: silent,
    ready: async () => ({ ok: true, because: [] }),
  });
});
afterAll(() => server.close(0));

type Signing = { readonly id?: string; readonly at?: number; readonly key?: string | Buffer; readonly connection?: string };

async function send(body: string, { id = randomUUID(), at = Date.now(), key = SECRET, connection = "default" }: Signing = {}) {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return post(body, { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` }, connection);
}

async function post(body: string, headers: Readonly<Record<string, string>>, connection = "default") {
  const path = connection === "default" ? "/webhooks/ci" : `/webhooks/ci/${connection}`;
  const response = await fetch(`${server.url}${path}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  const json: unknown = await response.json();
  return { status: response.status, json };
}

test("a signed message is stored once, whichever way it is signed", async () => {
  const id = randomUUID();
  expect(await send(BODY, { id })).toEqual({ status: 202, json: { delivery: id, result: "accepted" } });
  expect(await send(BODY, { id })).toEqual({ status: 202, json: { delivery: id, result: "duplicate" } });
  expect((await send(BODY, { key: Buffer.from("twenty-four bytes of key"), connection: "standard" })).status).toBe(202);
  const hub = { "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(BODY).digest("hex")}` };
  const first = await post(BODY, { ...hub, "webhook-id": "mine" });
  expect(first).toMatchObject({ status: 202, json: { result: "accepted" } });
  // No id is signed here: another one is the same message still.
  expect(await post(BODY, { ...hub, "webhook-id": "another" })).toMatchObject({ status: 202, json: { result: "duplicate" } });
  expect([...stored.values()].every((delivery) => delivery.headers["webhook-signature"] === undefined)).toBe(true);
});

test("a wrong signature, an old one and none at all are 401, and say what to do", async () => {
  expect((await send(BODY, { key: "another secret" })).status).toBe(401);
  expect((await send(BODY, { key: LONG })).status).toBe(401);
  for (const at of [Date.now() - 6 * 60_000, Date.now() + 6 * 60_000]) {
    const late = await send(BODY, { at });
    expect(late).toMatchObject({ status: 401, json: { error: expect.stringContaining("5 minutes") } });
  }
  expect(await post(BODY, {})).toMatchObject({ status: 401, json: { error: expect.stringContaining("webhook-signature") } });
  const signed = { "webhook-id": "a b", "webhook-timestamp": "1", "webhook-signature": "v1,x" };
  expect(await post(BODY, signed)).toMatchObject({ status: 401, json: { error: expect.stringContaining("webhook-id") } });
  const now = String(Math.floor(Date.now() / 1000));
  for (const signature of ["v1,short", "v2,x", "sha256=x", " "]) {
    const answer = await post(BODY, { "webhook-id": "x", "webhook-timestamp": now, "webhook-signature": signature });
    expect([signature, answer.status]).toEqual([signature, 401]);
  }
});

test("a secret that is an empty key is refused: everybody could sign with it", () => {
  for (const secret of ["", "whsec_", "whsec_!!"])
    expect(() => ciWebhook({ connection: "default", secret, strict: false, now: () => new Date() })).toThrow(
      /the webhook secret of the CI/u,
    );
});

test("what a signed message gets wrong is 422 with the field's name, and is not stored", async () => {
  const before = stored.size;
  const { build, ...rest } = wholeMessage();
  expect(await send(JSON.stringify({ ...rest, build: { ...build, status: "green" } }))).toEqual({
    status: 422,
    json: { field: "build.status", error: "build.status must be queued, running, success, failed, canceled or skipped" },
  });
  expect(await send("{")).toMatchObject({ status: 422, json: { error: "the body must be JSON in UTF-8" } });
  expect(await send(JSON.stringify({ version: "x".repeat(1_100_000) }))).toMatchObject({ status: 422, json: { field: "the body" } });
  expect(stored.size).toBe(before);
});

test("under strict privacy no name of a test is stored, and all else is read as before", async () => {
  const id = randomUUID();
  expect((await send(BODY, { id, connection: "strict" })).status).toBe(202);
  const body = stored.get(`strict ${id}`)?.body ?? Buffer.of();
  expect(body.toString()).not.toMatch(/adds twice|patient/);
  const [whole, told] = [Buffer.from(BODY), body].map((bytes) => readCi(bytes));
  if (whole === undefined || !whole.ok || told === undefined || !told.ok) throw new Error("what was stored cannot be read");
  expect({ ...told.body, tests: null }).toEqual({ ...whole.body, tests: null });
  expect(told.body.tests).toMatchObject({ total: 412, failed: 1, failures: [] });
});

/** The shells that small build machines have. */
const SHELLS: readonly (readonly [string, ...string[]])[] = [["sh"], ["bash", "--posix"], ["busybox", "sh"]];

test.each(SHELLS.filter(([program]) => existsSync(`/bin/${program}`) || existsSync(`/usr/bin/${program}`)))(
  "docs/ci-webhook.sh tells the real server, run by %s",
  { timeout: 60_000 },
  async (program, ...words) => {
    const run = (connection: string, secret: string, body: string) =>
      new Promise<{ readonly code: number; readonly out: string }>((resolve) => {
        const env = { PATH: process.env["PATH"], GREENLIGHT_URL: `${server.url}/webhooks/ci/${connection}`, CI_WEBHOOK_SECRET: secret };
        const child = execFile(program, [...words, "docs/ci-webhook.sh"], { env }, (fault, stdout, stderr) => {
          const code = fault === null ? 0 : Number(fault.code);
          resolve({ code, out: `${stdout}${stderr}` });
        });
        child.stdin?.end(body);
      });
    const awkward = JSON.stringify({ ...wholeMessage(), provider: 'J\'enkins "é" $x `y` \\ %s' });
    for (const [connection, secret] of [
      ["default", SECRET],
      ["standard", WHSEC],
      ["long", LONG],
    ] as const) {
      const told = await run(connection, secret, awkward);
      expect(told).toMatchObject({ code: 0, out: expect.stringContaining('"accepted"') });
    }
    expect([...stored.values()].filter((delivery) => delivery.body.toString() === awkward).length).toBeGreaterThanOrEqual(3);
    expect(await run("default", "wrong", awkward)).toMatchObject({ code: 22, out: expect.stringContaining("the signature does not fit") });
    const wrong = await run("default", SECRET, awkward.replace('"version":1', '"version":9'));
    expect(wrong).toMatchObject({ code: 22, out: expect.stringContaining("version must be 1") });
  },
);
