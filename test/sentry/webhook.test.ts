import { createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/http/webhook-source.ts";
import { startHttp } from "../../src/http/server.ts";
import { webhookRoutes } from "../../src/http/webhook-route.ts";
import { hintFromStored, readHint } from "../../src/sentry/hint.ts";
import { sentryWebhook } from "../../src/sentry/webhook.ts";
import { fixtures } from "../sandbox/judge.ts";
import { silent } from "../http/world.ts";

const FOLDER = join(fixtures, "sentry/webhooks");
const SECRET = "client-secret-of-the-test";

function issueHook(action: string): string {
  return JSON.stringify({
    action,
    data: { issue: { title: "ann@acme.test could not pay", project: { slug: "shop" } } },
    installation: { uuid: "u" },
  });
}

describe("Sentry's webhooks", () => {
  test("are taken with the right signature alone, once, and only where they point is stored", async () => {
    await using world = await startWorld();
    const body = issueHook("created");
    expect(await world.deliver(body, "another-secret")).toMatchObject({ status: 401 });
    expect(await world.deliver(body, null)).toMatchObject({ status: 401 });
    expect(await world.deliver(body)).toMatchObject({ status: 202, body: { result: "accepted" } });
    expect(await world.deliver(body)).toMatchObject({ status: 202, body: { result: "duplicate" } });
    const [stored] = world.stored;
    expect(stored?.body.toString()).toBe('{"projects":["shop"]}');
    expect(JSON.stringify(stored)).not.toContain("ann@acme.test");
    expect(hintFromStored(stored?.body ?? Buffer.of())).toEqual({ kind: "hint", projects: ["shop"] });
    expect(await world.deliver(issueHook("resolved"))).toMatchObject({
      status: 202,
      body: { result: "ignored", reason: "what people do with issues needs no look" },
    });
    expect(await world.deliver("no JSON")).toMatchObject({ status: 202, body: { result: "ignored" } });
  });

  test.for([
    ["issue.created.docs", { kind: "hint", projects: ["front-end"] }],
    ["issue.created.python", { kind: "hint" }],
    ["issue.resolved.python", { kind: "ignored", reason: "what people do with issues needs no look" }],
    ["event_alert.triggered.docs", { kind: "hint", projects: ["front-end"] }],
    ["event_alert.triggered.python", { kind: "hint" }],
    ["metric_alert.resolved.docs", { kind: "ignored", reason: "an alert that is over needs no look" }],
    ["installation.created.docs", { kind: "ignored", reason: "the integration was installed or removed" }],
  ] as const)("are read as Sentry documents them: %s", ([name, hint], { skip }) => {
    if (!existsSync(FOLDER)) return skip("the fixtures with Sentry's webhooks are absent");
    expect(readHint(readFileSync(join(FOLDER, `${name}.json`)))).toMatchObject(hint);
  });
});

async function startWorld() {
  const stored: Delivery[] = [];
  const server = await startHttp({
    port: 0,
    host: "127.0.0.1",
    routes: webhookRoutes({
      sources: [sentryWebhook({ connection: "default", secret: SECRET })],
      async store(delivery) {
        if (stored.some(({ id }) => id === delivery.id)) return "duplicate";
        stored.push({ ...delivery, body: Buffer.from(delivery.body) });
        return "stored";
      },
      log: silent,
    }),
    log: silent,
    ready: async () => ({ ok: true, because: [] }),
  });
  return {
    stored,
    async deliver(body: string, secret: string | null = SECRET) {
      const signature = secret === null ? {} : { "sentry-hook-signature": createHmac("sha256", secret).update(body).digest("hex") };
      const headers = { "content-type": "application/json", "sentry-hook-resource": "issue", ...signature };
      const answer = await fetch(`${server.url}/webhooks/sentry`, { method: "POST", headers, body });
      return { status: answer.status, body: await answer.json() };
    },
    [Symbol.asyncDispose]: () => server.close(0),
  };
}
