import type { SlackSeed } from "../../sandbox/slack/seed.ts";

/** The people of the guided tour, two channels, one group. */
export const ANN = "U01ANN";
export const BOB = "U02BOB";
export const EVE = "U03EVE";
export const DEPLOYS = "C01DEPLOYS";

export const seed: SlackSeed = {
  team: { id: "T01SIM", name: "Acme", domain: "acme" },
  users: [
    { id: ANN, name: "ann", real_name: "Ann Peeters", tz: "Europe/Brussels" },
    { id: BOB, name: "bob", real_name: "Bob Maes", tz: "Europe/Brussels" },
    { id: EVE, name: "eve", real_name: "Eve Claes", tz: "Europe/Brussels" },
  ],
  channels: [
    { id: DEPLOYS, name: "shop-deploys", members: [ANN, BOB, EVE, "UBOT01"] },
    { id: "C02GENERAL", name: "general", members: [ANN, BOB, EVE], is_general: true },
  ],
  usergroups: [{ id: "S01OWNERS", handle: "product-owners", users: [ANN] }],
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
      "im:write",
      "users:read",
      "users:read.email",
      "usergroups:read",
      "files:write",
    ],
    commands: [{ command: "/deploy", description: "Deploy, roll back, see what is live", usage_hint: "[app] [version] [to environment]" }],
    shortcuts: [
      { type: "global", callback_id: "new_deploy", name: "New deployment" },
      { type: "message", callback_id: "roll_back_this", name: "Roll back this deployment" },
    ],
  },
};

export const bot = { signingSecret: "signing-secret", botToken: "xoxb-sim", appToken: "xapp-sim" };
export const controlToken = "control-token";

/** What the sandbox's world publishes, at the step of the tour that the design shows first. */
export const world = {
  guide: {
    step: 2,
    of: 7,
    title: "Press Approve & Deploy as Eve",
    text: "You are Eve from support. She may not approve production. Press it and read the answer.",
    button: null,
    next: "Then: do it as Ann, who may.",
  },
  people: [
    { id: ANN, key: "ann", name: "Ann", note: "product owner, may approve", role: "owner" },
    { id: BOB, key: "bob", name: "Bob", note: "developer, on call today", role: "developer" },
    { id: EVE, key: "eve", name: "Eve", note: "support, may not approve", role: "support" },
  ],
  actions: [
    { verb: "push-good", label: "Push a good commit", note: "passes, deploys, stays healthy", icon: "ok", pressed: null, hidden: false },
    { verb: "push-bad", label: "Push a bad commit", note: "passes, then fails for visitors", icon: "bad", pressed: null, hidden: false },
    { verb: "kill", label: "Kill the bot", note: "at once, in the middle of anything", icon: "no", pressed: null, hidden: false },
    { verb: "start", label: "Start the bot again", note: "", icon: "live", pressed: null, hidden: true },
    { verb: "silence", label: "Silence Sentry", note: "no events: not the same as healthy", icon: "wait", pressed: false, hidden: false },
    { verb: "slow-down", label: "Slack says “slow down”", note: "error 429 for 20 s", icon: "warn", pressed: false, hidden: false },
  ],
  bot: { state: "up", since: "2026-11-24T09:00:00.000Z", note: null },
};
