import { createHmac } from "node:crypto";
import { App, HTTPReceiver } from "@slack/bolt";
import { expect, test } from "vitest";
import { bufferedRoute } from "../../src/http/route.ts";
import { startWorld } from "./world.ts";

const SIGNING_SECRET = "slack-signing-secret";

function startBolt() {
  const receiver = new HTTPReceiver({ signingSecret: SIGNING_SECRET, endpoints: "/slack/events" });
  const app = new App({ receiver, authorize: async () => ({ botToken: "xoxb-x", botId: "B1", botUserId: "U1" }) });
  app.command("/deploy", async ({ ack, command }) => ack(`heard ${command.text}`));
  const route = bufferedRoute({
    path: "/slack/events",
    requires: ["x-slack-signature", "x-slack-request-timestamp"],
    serve: (request, response) => receiver.requestListener(request, response),
  });
  return startWorld({ routes: [route], limits: { bodyBytes: 1024 * 1024 } });
}

function press(url: string, body: string, secret: string): Promise<Response> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
  return fetch(`${url}/slack/events`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-signature": signature,
      "x-slack-request-timestamp": timestamp,
    },
  });
}

test("Bolt's own receiver verifies and answers on the same port", async () => {
  await using world = await startBolt();
  const body = new URLSearchParams({ command: "/deploy", text: "shop", user_id: "U2", team_id: "T1", channel_id: "C1" }).toString();
  const answer = await press(world.url, body, SIGNING_SECRET);
  expect([answer.status, await answer.text()]).toEqual([200, "heard shop"]);
  expect((await press(world.url, body, "wrong")).status).toBe(401);
  expect((await press(world.url, "a".repeat(2 * 1024 * 1024), SIGNING_SECRET)).status).toBe(413);
});
