import { encodeValue } from "../../src/slack/action-value.ts";
import { seed } from "../../test/slack-simulator/seed.ts";

/** A card as it stands in Slack, and what its Approve button carries. */
export type ShownCard = {
  readonly channel: string;
  readonly ts: string;
  readonly blocks: readonly unknown[];
  readonly text: string;
  readonly pressed: Parameters<typeof encodeValue>[0];
};

/** Slack's own form of a press of Approve; ACTION_TS, PRESSER and TRIGGER are filled in for each press. */
export function payloadOf(card: ShownCard): string {
  const { team, bot } = seed;
  return JSON.stringify({
    type: "block_actions",
    user: { id: "PRESSER", username: "eve", name: "eve", team_id: team.id },
    api_app_id: bot.app_id,
    token: "verification",
    container: { type: "message", message_ts: card.ts, channel_id: card.channel, is_ephemeral: false },
    trigger_id: "TRIGGER",
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: card.channel, name: "shop-deploys" },
    message: {
      type: "message",
      user: bot.user_id,
      bot_id: bot.bot_id,
      app_id: bot.app_id,
      team: team.id,
      text: card.text,
      ts: card.ts,
      blocks: card.blocks,
    },
    state: { values: {} },
    response_url: "http://127.0.0.1:9/never",
    actions: [
      {
        action_id: "approve",
        block_id: "act:1",
        text: { type: "plain_text", text: "Approve & Deploy", emoji: true },
        value: encodeValue(card.pressed),
        style: "primary",
        type: "button",
        action_ts: "ACTION_TS",
      },
    ],
  });
}
