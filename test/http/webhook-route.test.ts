import { describe, expect, test } from "vitest";
import { deliver, rawRequest, SECRET, sign, startWorld } from "./world.ts";

const PUSH = JSON.stringify({
  ref: "refs/heads/main",
  before: "0".repeat(40),
  after: "a".repeat(40),
  repository: { id: 1, full_name: "acme/shop", pushed_at: 1_790_000_000 },
  pusher: { name: "ann", email: "ann@acme.test" },
  commits: [],
});

/** As large as wanted, sent in pieces, and counted by who takes them. */
function* flood(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(64 * 1024, "a");
  for (let sent = 0; sent < bytes; sent += piece.length) yield piece;
}

function head(fields: Readonly<Record<string, string>>): string[] {
  const lines = Object.entries({ host: "x", "content-type": "application/json", ...fields });
  return ["POST /webhooks/github HTTP/1.1", ...lines.map(([name, value]) => `${name}: ${value}`)];
}

const MEGABYTE = 1024 * 1024;

describe("signatures", () => {
  test("a signed delivery is stored as the bytes that came, with allowed headers only", async () => {
    await using world = await startWorld();
    const id = "11111111-1111-4111-8111-111111111111";
    const { status, json } = await deliver(world.url, "push", PUSH, { "x-github-delivery": id, authorization: "secret", cookie: "a=b" });
    expect([status, json]).toEqual([202, { delivery: id, result: "accepted" }]);
    const stored = world.stored.get(id);
    expect(stored?.body.toString()).toBe(PUSH);
    expect(Object.keys(stored?.headers ?? {}).toSorted()).toEqual(["content-type", "user-agent", "x-github-delivery", "x-github-event"]);
  });

  test.each([
    { name: "another secret", signature: sign(PUSH, "wrong"), status: 401 },
    { name: "the secret of another connection", signature: sign(PUSH, "another-secret"), status: 401 },
    { name: "of another body", signature: sign(`${PUSH} `), status: 401 },
    { name: "too short", signature: sign(PUSH).slice(0, -2), status: 401 },
    { name: "too long", signature: `${sign(PUSH)}ab`, status: 401 },
    { name: "no hex", signature: `sha256=${"z".repeat(64)}`, status: 401 },
    { name: "empty", signature: "", status: 401 },
    { name: "sha1", signature: `sha1=${"a".repeat(40)}`, status: 401 },
    { name: "no scheme", signature: sign(PUSH).slice("sha256=".length), status: 401 },
    { name: "twice", signature: `${sign(PUSH)}, ${sign(PUSH)}`, status: 401 },
    { name: "upper-case hex", signature: `sha256=${sign(PUSH).slice(7).toUpperCase()}`, status: 202 },
  ])("signature $name is $status", async ({ signature, status }) => {
    await using world = await startWorld();
    const told = await deliver(world.url, "push", PUSH, { "x-hub-signature-256": signature });
    expect([told.status, world.stored.size]).toEqual([status, status === 202 ? 1 : 0]);
  });

  test("each connection takes its own secret at its own path", async () => {
    await using world = await startWorld();
    const send = (secret: string) =>
      fetch(`${world.url}/webhooks/github/acme`, {
        method: "POST",
        body: PUSH,
        headers: { "content-type": "application/json", "x-github-event": "push", "x-hub-signature-256": sign(PUSH, secret) },
      });
    expect((await send(SECRET)).status).toBe(401);
    expect((await send("another-secret")).status).toBe(202);
    expect([...world.stored.values()].map((delivery) => delivery.connection)).toEqual(["acme"]);
  });

  test("without a signature the body is not read: 401, and the connection is closed", async () => {
    await using world = await startWorld();
    const size = 24 * MEGABYTE;
    const { answer, sent } = await rawRequest(world.port, { head: head({ "content-length": String(size) }), body: flood(size) });
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer.toLowerCase()).toContain("connection: close");
    // What left the sender is what the kernel's buffers on both sides hold.
    expect(sent).toBeLessThan(12 * MEGABYTE);
  });

  test("a sender that waits for 100-continue is refused without it", async () => {
    await using world = await startWorld();
    const unsigned = await rawRequest(world.port, { head: head({ "content-length": "1000", expect: "100-continue" }), until: /\}/ });
    expect(unsigned.answer).toMatch(/^HTTP\/1\.1 401 /);
    const signed = await rawRequest(world.port, {
      head: head({
        "content-length": String(PUSH.length),
        expect: "100-continue",
        "x-hub-signature-256": sign(PUSH),
        "x-github-event": "push",
      }),
      until: /100 Continue/,
    });
    expect(signed.answer).toMatch(/^HTTP\/1\.1 100 Continue/);
  });
});

describe("sizes and types", () => {
  const signature = { "x-hub-signature-256": `sha256=${"a".repeat(64)}` };

  test("a declared body over 25 MB is 413 before it is read", async () => {
    await using world = await startWorld();
    const size = 26 * MEGABYTE;
    const { answer, sent } = await rawRequest(world.port, {
      head: head({ ...signature, "content-length": String(size) }),
      body: flood(size),
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(sent).toBeLessThan(12 * MEGABYTE);
  });

  test("a streamed body is 413 as soon as it is over the limit", async () => {
    await using world = await startWorld({ limits: { bodyBytes: MEGABYTE } });
    function* chunked(): Generator<Buffer> {
      for (const piece of flood(64 * MEGABYTE)) yield Buffer.concat([Buffer.from("10000\r\n"), piece, Buffer.from("\r\n")]);
    }
    const { answer, sent } = await rawRequest(world.port, {
      head: head({ ...signature, "transfer-encoding": "chunked" }),
      body: chunked(),
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(sent).toBeLessThan(32 * MEGABYTE);
  });

  test("a signed body of 24 MB is taken, declared or streamed", async () => {
    await using world = await startWorld();
    const body = Buffer.from(JSON.stringify({ padding: "a".repeat(24 * MEGABYTE) }));
    expect((await deliver(world.url, "push", body)).status).toBe(202);
    const streamed = await fetch(`${world.url}/webhooks/github`, {
      method: "POST",
      body: new Blob([body]).stream(),
      duplex: "half",
      headers: { "content-type": "application/json", "x-github-event": "push", "x-hub-signature-256": sign(body) },
    });
    expect(streamed.status).toBe(202);
    expect([...world.stored.values()].every((delivery) => delivery.body.equals(body))).toBe(true);
  });

  test("bodies over the budget are told 503 with Retry-After, small ones still get in", async () => {
    await using world = await startWorld({ limits: { inFlightBytes: 4 * MEGABYTE } });
    const size = String(7 * MEGABYTE);
    const refused = await rawRequest(world.port, { head: head({ ...signature, "content-length": size }) });
    expect(refused.answer).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: 5/i);
    expect((await deliver(world.url, "push", PUSH)).status).toBe(202);
  });

  test.each([{ "content-type": "application/x-www-form-urlencoded" }, { "content-type": "text/plain" }, { "content-encoding": "gzip" }])(
    "%o is 415",
    async (headers) => {
      await using world = await startWorld();
      const { status, json } = await deliver(world.url, "push", PUSH, headers);
      expect([status, world.stored.size]).toEqual([415, 0]);
      expect(json).toHaveProperty("error");
    },
  );

  test("a charset is no other type", async () => {
    await using world = await startWorld();
    expect((await deliver(world.url, "push", PUSH, { "content-type": "Application/JSON; charset=utf-8" })).status).toBe(202);
  });
});

describe("answers", () => {
  test("the same id again is a duplicate, also when both come at once", async () => {
    await using world = await startWorld();
    const id = { "x-github-delivery": "22222222-2222-4222-8222-222222222222" };
    const both = await Promise.all([deliver(world.url, "push", PUSH, id), deliver(world.url, "push", PUSH, id)]);
    expect(both.map(({ json }) => json["result"]).toSorted()).toEqual(["accepted", "duplicate"]);
    expect((await deliver(world.url, "push", PUSH, id)).json).toEqual({ delivery: id["x-github-delivery"], result: "duplicate" });
    expect(world.stored.size).toBe(1);
  });

  test("without a usable id the body's digest is the id", async () => {
    await using world = await startWorld();
    const first = await deliver(world.url, "push", PUSH, { "x-github-delivery": "' or 1=1" });
    const again = await deliver(world.url, "push", PUSH, { "x-github-delivery": "" });
    expect([first.json["result"], again.json["result"]]).toEqual(["accepted", "duplicate"]);
    expect(first.json["delivery"]).toMatch(/^[0-9a-f]{64}$/);
  });

  test("only a store that fails is answered 5xx", async () => {
    await using world = await startWorld({ brokenStore: true });
    const { status, json } = await deliver(world.url, "push", PUSH);
    expect(status).toBe(503);
    expect(JSON.stringify(json)).not.toContain("database is away");
  });

  test.each([
    { name: "NUL", body: PUSH.replace("ann", "a\\u0000n") },
    { name: "a lone surrogate", body: PUSH.replace("ann", "\\ud800") },
    { name: "raw bytes that are no UTF-8", body: Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d]) },
    { name: "2 million brackets", body: "[".repeat(2_000_000) },
    { name: "2 million nested arrays", body: `{"commits":${"[".repeat(2_000_000)}${"]".repeat(2_000_000)}}` },
    { name: "nothing", body: "" },
    { name: "null", body: "null" },
    { name: "prototype keys", body: '{"__proto__":{"ref":"refs/heads/main"},"constructor":{"prototype":1}}' },
  ])("$name in a signed body is 202 and stored", async ({ body }) => {
    await using world = await startWorld();
    expect((await deliver(world.url, "push", body)).status).toBe(202);
    expect(world.stored.size).toBe(1);
  });
});
