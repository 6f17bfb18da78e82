import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gitlabWebhook } from "../../src/gitlab/webhook.ts";
import { pipelineHook } from "./hooks.ts";
import { createProject } from "./project.ts";
import { deliver, seconds, SECRET, signature, startWorld } from "./world.ts";

const project = createProject("acme/web/shop");
const BODY = JSON.stringify(pipelineHook(project, project.run({ sha: "a".repeat(40), jobs: ["unit"] })));

let world: Awaited<ReturnType<typeof startWorld>>;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => world.stored.clear());

describe("a secret token", () => {
  test.each([
    { name: "the right one", token: SECRET, status: 202 },
    { name: "another one", token: `${SECRET}x`, status: 401 },
    { name: "its beginning", token: SECRET.slice(0, -1), status: 401 },
    { name: "none", token: "", status: 401 },
  ])("$name is $status", async ({ token, status }) => {
    const told = await deliver(world.url, BODY, { headers: { "x-gitlab-token": token } });
    expect([told.status, world.stored.size]).toEqual([status, status === 202 ? 1 : 0]);
    expect(JSON.stringify(told.json)).not.toContain(SECRET);
  });

  test("is not asked for where a signing token is, and is no way around it", async () => {
    const unsigned = { "webhook-signature": "", "x-gitlab-token": SECRET };
    expect((await deliver(world.url, BODY, { connection: "signed", headers: unsigned })).status).toBe(401);
    expect((await deliver(world.url, BODY, { connection: "signed" })).status).toBe(202);
  });
});

describe("a signature", () => {
  const at = seconds();
  const good = signature("msg_x", at, BODY);
  const other = signature("msg_x", at, BODY, `whsec_${Buffer.from("somebody else's token!").toString("base64")}`);

  test.each([
    { name: "of the body", given: {}, status: 202 },
    { name: "second of two", given: { "webhook-signature": `${other} ${good}` }, status: 202 },
    { name: "of another version beside a good one", given: { "webhook-signature": `v1a,${good.slice(3)} ${good}` }, status: 202 },
    { name: "of another token", given: { "webhook-signature": other }, status: 401 },
    { name: "of another body", given: { "webhook-signature": signature("msg_x", at, `${BODY} `) }, status: 401 },
    { name: "of another id", given: { "webhook-id": "msg_y" }, status: 401 },
    { name: "of another moment", given: { "webhook-timestamp": String(Number(at) - 1) }, status: 401 },
    { name: "without an id", given: { "webhook-id": "" }, status: 401 },
    { name: "without a moment", given: { "webhook-timestamp": "" }, status: 401 },
    { name: "that is none", given: { "webhook-signature": "v1,abc" }, status: 401 },
    { name: "of another version alone", given: { "webhook-signature": `v2,${good.slice(3)}` }, status: 401 },
    { name: "behind four bad ones", given: { "webhook-signature": `${`${other} `.repeat(4)}${good}` }, status: 401 },
  ])("$name is $status", async ({ given, status }) => {
    const headers = { "webhook-id": "msg_x", "webhook-timestamp": at, "webhook-signature": good, ...given };
    const told = await deliver(world.url, BODY, { connection: "signed", headers });
    expect([told.status, world.stored.size]).toEqual([status, status === 202 ? 1 : 0]);
  });

  test.each([
    { name: "6 minutes old", minutes: -6, status: 401 },
    { name: "6 minutes ahead", minutes: 6, status: 401 },
    { name: "4 minutes old", minutes: -4, status: 202 },
  ])("$name is $status", async ({ minutes, status }) => {
    const then = seconds(Date.now() + minutes * 60_000);
    const headers = { "webhook-id": "msg_t", "webhook-timestamp": then, "webhook-signature": signature("msg_t", then, BODY) };
    expect((await deliver(world.url, BODY, { connection: "signed", headers })).status).toBe(status);
  });

  test("needs a token that GitLab showed, and one of the two secrets there must be", () => {
    const options = { connection: "acme", secret: null, signingToken: null, now: () => new Date() };
    expect(() => gitlabWebhook(options)).toThrow("no webhook secret");
    expect(() => gitlabWebhook({ ...options, secret: "" })).toThrow("no webhook secret");
    expect(() => gitlabWebhook({ ...options, signingToken: "just-a-secret" })).toThrow("whsec_");
  });
});

describe("what came before is a duplicate", () => {
  async function twice(first: Readonly<Record<string, string>>, second: Readonly<Record<string, string>>, other = BODY) {
    await deliver(world.url, BODY, { headers: first });
    return (await deliver(world.url, other, { headers: second })).json["result"];
  }
  const none = { "idempotency-key": "" };
  const event = (uuid: string, hook: string) => ({ ...none, "x-gitlab-event-uuid": uuid, "x-gitlab-webhook-uuid": hook });
  const another = JSON.stringify({ ...JSON.parse(BODY), user: null });

  test.each([
    {
      name: "by webhook-id before anything else",
      first: { "webhook-id": "a", "idempotency-key": "1" },
      second: { "webhook-id": "a", "idempotency-key": "2" },
      is: "duplicate",
    },
    {
      name: "by Idempotency-Key, whatever event UUID a resend has",
      first: { "idempotency-key": "1", "x-gitlab-event-uuid": "u" },
      second: { "idempotency-key": "1", "x-gitlab-event-uuid": "v" },
      is: "duplicate",
    },
    { name: "by event UUID, hook and body on older servers", first: event("u", "h"), second: event("u", "h"), is: "duplicate" },
    { name: "not by an event UUID that two hooks share", first: event("u", "h"), second: event("u", "i"), is: "accepted" },
    { name: "not by an event UUID that two states share", first: event("u", "h"), second: event("u", "h"), other: another, is: "accepted" },
    { name: "by the body where nothing is named", first: none, second: none, is: "duplicate" },
  ])("$name", async ({ first, second, other, is }) => {
    expect(await twice(first, second, other)).toBe(is);
  });
});

describe("what is stored", () => {
  test("has neither the secret nor a pipeline's variables", async () => {
    await deliver(world.url, BODY, { headers: { authorization: "Basic abc" } });
    const [delivery] = world.stored.values();
    expect(Object.keys(delivery?.headers ?? {}).toSorted()).toEqual(["content-type", "idempotency-key", "user-agent", "x-gitlab-event"]);
    expect(BODY).toContain("planted-secret-value");
    expect(delivery?.body.toString()).not.toContain("planted-secret-value");
    expect(JSON.parse(delivery?.body.toString() ?? "")).toMatchObject({ object_attributes: { variables: [], status: "created" } });
  });

  test("is nothing of a body with variables that is no JSON", async () => {
    expect((await deliver(world.url, BODY.slice(0, -1))).status).toBe(202);
    expect([...world.stored.values()].map(({ body }) => body.length)).toEqual([0]);
  });
});

describe("only a bad secret, type or size is answered 4xx", () => {
  test.each([
    { name: "nonsense", body: "{", reason: "not JSON" },
    { name: "no object_kind", body: "{}", reason: "object_kind" },
    { name: "a list", body: "[]", reason: "object_kind" },
    { name: "an event that is not used", body: '{"object_kind":"note"}', reason: "note events are not used" },
    { name: "an event without its fields", body: '{"object_kind":"pipeline"}', reason: "object_attributes" },
    { name: "a tag", body: '{"object_kind":"tag_push"}', reason: "push of a tag" },
    { name: "deep nesting", body: `{"object_kind":"build","a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, reason: "" },
  ])("$name is 202 and ignored", async ({ body, reason }) => {
    const { status, json } = await deliver(world.url, body);
    expect([status, json["result"]]).toEqual([202, "ignored"]);
    expect(json["reason"]).toContain(reason);
  });

  test("a form is 415", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await deliver(world.url, BODY, { headers })).status).toBe(415);
    expect(world.stored.size).toBe(0);
  });
});
