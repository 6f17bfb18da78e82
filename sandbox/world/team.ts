import type { SlackSeed } from "../slack/seed.ts";

/** Slack ids of the people of Acme. Bob and Cleo have the e-mails under which they commit. */
export const PEOPLE = { ann: "U0ANN", bob: "U0BOB", cleo: "U0CLEO", eve: "U0EVE", farid: "U0FARID", gus: "U0GUEST" } as const;

export type PersonKey = keyof typeof PEOPLE;

export const CHANNEL = { id: "C0SHOPDEPLOYS", name: "shop-deploys" } as const;

export const BOT_USER = "U0GREENLIGHT";

/** Who can be played on the page, as the simulator's bench shows them. */
export const PLAYED = [
  { key: "ann", name: "Ann", note: "product owner, may approve", role: "approver" },
  { key: "bob", name: "Bob", note: "developer, on call today", role: "on_call" },
  { key: "eve", name: "Eve", note: "support, may not approve", role: "observer" },
] as const satisfies readonly { key: PersonKey; name: string; note: string; role: string }[];

/** Beside them, where two yeses are wanted: somebody who gives the second one, and somebody from outside. */
export const PLAYED_TOO = [
  { key: "farid", name: "Farid", note: "product owner, may approve", role: "approver" },
  { key: "gus", name: "Gus", note: "a guest of an agency", role: "observer" },
] as const satisfies readonly { key: PersonKey; name: string; note: string; role: string }[];

const { gus: guest, ...members } = PEOPLE;
const everybody = Object.values(members);

/** The workspace Acme: product owners, developers, support, a guest and somebody of another company. */
export const acme: SlackSeed = {
  team: { id: "T0ACME", name: "Acme", domain: "acme" },
  users: [
    { id: PEOPLE.ann, name: "Ann", real_name: "Ann Janssens", email: "ann@acme.test" },
    { id: PEOPLE.bob, name: "Bob", real_name: "Bob Peeters", email: "bob@acme.test" },
    { id: PEOPLE.cleo, name: "Cleo", real_name: "Cleo Maes", email: "cleo@acme.test" },
    { id: PEOPLE.eve, name: "Eve", real_name: "Eve Claes", email: "eve@acme.test" },
    { id: PEOPLE.farid, name: "Farid", real_name: "Farid Amrani", email: "farid@acme.test" },
    { id: guest, name: "gus", real_name: "Gus (guest)", email: "gus@agency.test", is_restricted: true },
    { id: "U0PARTNER", name: "sam", real_name: "Sam (Parcels Ltd)", team_id: "T0PARCELS" },
  ],
  channels: [
    { id: CHANNEL.id, name: CHANNEL.name, members: [...everybody, guest, BOT_USER], topic: "What goes where, and when" },
    { id: "C0GENERAL", name: "general", members: [...everybody, BOT_USER], is_general: true },
    { id: "C0PARCELS", name: "acme-parcels", members: [PEOPLE.cleo, "U0PARTNER", BOT_USER], is_ext_shared: true },
  ],
  usergroups: [{ id: "S0OWNERS", handle: "product-owners", name: "Product owners", users: [PEOPLE.ann, PEOPLE.farid] }],
  bot: {
    user_id: BOT_USER,
    bot_id: "B0GREENLIGHT",
    app_id: "A0GREENLIGHT",
    name: "greenlight",
    real_name: "Greenlight",
    scopes: [
      "commands",
      "chat:write",
      "channels:read",
      "groups:read",
      "im:write",
      "users:read",
      "users:read.email",
      "usergroups:read",
      "files:write",
    ],
    commands: [{ command: "/deploy", description: "Deploy an app", usage_hint: "shop to production", should_escape: true }],
    shortcuts: [
      { type: "global", callback_id: "new_deploy", name: "New deployment" },
      { type: "message", callback_id: "rollback_msg", name: "Roll back this deploy" },
    ],
    home_tab_enabled: true,
  },
};
