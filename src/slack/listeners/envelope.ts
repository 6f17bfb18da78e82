import type { BlockAction, BlockElementAction } from "@slack/bolt";
import type { Intent } from "../../domain/intent.ts";
import type { Click, SlackActor, Where } from "../deps.ts";

/** What Slack's envelopes say of who pressed what where. Everything in them but the ids is a hint. */

export function actorOf(user: { readonly id: string; readonly name?: string; readonly username?: string }): SlackActor {
  return { kind: "slack", id: user.id, name: user.name ?? user.username ?? user.id };
}

/** The presser's own team: in a shared channel another one than ours. */
export function teamOf(body: { readonly user: { readonly team_id?: string }; readonly team?: { readonly id: string } | null }): string {
  return body.user.team_id ?? body.team?.id ?? "";
}

export function whereOfAction(body: BlockAction): Where {
  const thread: unknown = body.container["thread_ts"];
  const channel: unknown = body.channel?.id ?? body.container["channel_id"];
  return {
    channel: typeof channel === "string" ? channel : null,
    thread: typeof thread === "string" ? thread : null,
    responseUrl: body.response_url ?? null,
  };
}

/** One press has one action_ts, however often and by whichever connection it is delivered. */
export function clickOfAction(
  body: BlockAction,
  action: BlockElementAction,
  options: { readonly intent: Intent; readonly at: Date },
): Click {
  return {
    id: `press:${body.user.id}:${action.action_ts}:${action.action_id}`,
    actor: actorOf(body.user),
    team: teamOf(body),
    where: whereOfAction(body),
    ...options,
  };
}
