import { createHmac } from "node:crypto";
import type { Context } from "../context.ts";
import { parseJson, type Json } from "../json.ts";

export type Reply = { readonly status: number; readonly body: unknown; readonly noRetry: boolean };

/** `v0=` and the HMAC of "v0:time:body" (docs.slack.dev/authentication/verifying-requests-from-slack). */
export function sign(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
}

/** The body and type Slack uses for each kind of request. Bolt refuses a content type with a charset behind it. */
export function encode(kind: "slash_commands" | "interactive" | "events_api", payload: Json): { type: string; body: string } {
  if (kind === "events_api") return { type: "application/json", body: JSON.stringify(payload) };
  const type = "application/x-www-form-urlencoded";
  if (kind === "interactive") return { type, body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString() };
  const fields = Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]));
  return { type, body: new URLSearchParams(fields).toString() };
}

/** One signed POST. @throws when nobody answers. */
export async function postSigned(
  context: Context,
  request: { url: string; type: string; body: string; headers: Record<string, string>; signal: AbortSignal },
): Promise<Reply> {
  // Real time, not the simulated clock: the bot compares it with its own.
  const timestamp = String(Math.floor(Date.now() / 1000));
  const response = await fetch(request.url, {
    method: "POST",
    redirect: "manual",
    signal: request.signal,
    body: Buffer.from(request.body),
    headers: {
      "content-type": request.type,
      "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": sign(context.bot.signingSecret, timestamp, request.body),
      ...request.headers,
    },
  });
  const text = await response.text();
  const parsed = text === "" ? undefined : (parseJson(text) ?? text);
  return { status: response.status, body: parsed, noRetry: response.headers.get("x-slack-no-retry") === "1" };
}
