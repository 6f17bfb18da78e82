import type { Context } from "../context.ts";
import { textOf, type Json } from "../json.ts";
import { EVENT_RETRY_MS } from "../limits.ts";
import { deliver, type Ack } from "./deliver.ts";

/**
 * Sends an Events API event; when it is not acked, three times more, as Slack does, with the same event_id.
 * @returns the first attempt's ack
 */
export async function sendEvent(context: Context, event: Json): Promise<Ack> {
  const eventTs = context.ids.ts();
  const { team, bot } = context.seed;
  const payload: Json = {
    token: "verification-token",
    team_id: team.id,
    api_app_id: bot.app_id,
    event: { ...event, event_ts: eventTs },
    type: "event_callback",
    event_id: context.ids.next("Ev"),
    event_time: Math.floor(Number(eventTs)),
    authorizations: [{ enterprise_id: null, team_id: team.id, user_id: bot.user_id, is_bot: true, is_enterprise_install: false }],
    is_ext_shared_channel: false,
    event_context: context.ids.next("4-"),
  };
  return attempt(context, payload, textOf(event["type"]) ?? "event", 0, "");
}

async function attempt(context: Context, payload: Json, label: string, number: number, reason: string): Promise<Ack> {
  const ack = await deliver(context, { kind: "events_api", label, payload, acceptsResponse: false, retry: { attempt: number, reason } });
  const wait = EVENT_RETRY_MS[number];
  if (ack.result !== "ok" && !ack.noRetry && wait !== undefined) {
    const why = context.requestUrl === null && ack.cause === "timeout" ? "timeout" : (ack.cause ?? "unknown_error");
    context.clock.after(wait, () => void attempt(context, payload, label, number + 1, why));
  }
  return ack;
}

/** What Slack asks once when a request URL is saved. @returns whether the app gave the challenge back */
export async function verifyRequestUrl(context: Context): Promise<boolean> {
  if (context.requestUrl === null) return false;
  const challenge = context.ids.next("challenge-");
  const payload = { token: "verification-token", type: "url_verification", challenge };
  const ack = await deliver(context, { kind: "events_api", label: "url_verification", payload, acceptsResponse: true });
  const body = typeof ack.body === "object" && ack.body !== null && "challenge" in ack.body ? ack.body.challenge : ack.body;
  return ack.result === "ok" && body === challenge;
}
