import type { SlackSeed } from "../../sandbox/slack/seed.ts";

/** A small team: a channel with the bot, one without, a private and an archived one, a guest, and somebody of another team. */
export const seed: SlackSeed = {
  team: { id: "T01SIM", name: "Acme", domain: "acme" },
  users: [
    { id: "U01ANN", name: "ann", real_name: "Ann Peeters", email: "ann@acme.test", is_admin: true },
    { id: "U02BOB", name: "bob", real_name: "Bob Maes", email: "bob@acme.test" },
    { id: "U03EVE", name: "eve", real_name: "Eve Claes", email: "eve@acme.test" },
    { id: "U04GUEST", name: "guest", real_name: "Gus Guest", is_restricted: true },
    { id: "U05STRANGER", name: "sam", real_name: "Sam Stranger", team_id: "T99OTHER" },
    { id: "U06GONE", name: "gone", real_name: "Gone", email: "gone@acme.test", deleted: true },
  ],
  channels: [
    { id: "C01DEPLOYS", name: "shop-deploys", members: ["U01ANN", "U02BOB", "U03EVE", "UBOT01"] },
    { id: "C02GENERAL", name: "general", members: ["U01ANN", "U02BOB"], is_general: true },
    { id: "C03SECRET", name: "secret", members: ["U01ANN"], is_private: true },
    { id: "C04OLD", name: "old", members: ["U01ANN", "UBOT01"], is_archived: true },
    { id: "C05SHARED", name: "shared", members: ["U01ANN", "U05STRANGER", "UBOT01"], is_ext_shared: true },
    { id: "C06OURS", name: "ours", members: ["U01ANN", "UBOT01"], is_private: true },
  ],
  usergroups: [
    { id: "S01OWNERS", handle: "product-owners", users: ["U01ANN"] },
    { id: "S02GONE", handle: "gone", users: [], deleted: true },
  ],
  bot: {
    user_id: "UBOT01",
    bot_id: "B01BOT",
    app_id: "A01APP",
    name: "greenlight",
    scopes: [
      "commands",
      "chat:write",
      "channels:read",
      "channels:join",
      "groups:read",
      "im:write",
      "users:read",
      "users:read.email",
      "usergroups:read",
      "files:write",
      "reactions:write",
      "channels:history",
    ],
    commands: [{ command: "/deploy", description: "Deploy an app", usage_hint: "app [ref] [to env]", should_escape: true }],
    shortcuts: [
      { type: "global", callback_id: "new_deploy", name: "New deploy" },
      { type: "message", callback_id: "rollback_msg", name: "Roll back this deploy" },
    ],
  },
};

export const bot = { signingSecret: "signing-secret", botToken: "xoxb-sim", appToken: "xapp-sim" };
export const controlToken = "control-token";
