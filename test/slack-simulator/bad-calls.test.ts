import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { section, text } from "./blocks.ts";
import { bot, seed } from "./seed.ts";
import { call, clientOf, post, startSlack, type TestSlack } from "./world.ts";

/** Slack's error names, method by method. */

type Row = readonly [method: string, why: string, args: Record<string, unknown>, error: string];

const deploys = { channel: "C01DEPLOYS" };
const rows: readonly Row[] = [
  ["chat.postMessage", "no channel", { text: "t" }, "invalid_arguments"],
  ["chat.postMessage", "an unknown channel", { channel: "C99", text: "t" }, "channel_not_found"],
  ["chat.postMessage", "a private channel it is not in", { channel: "C03SECRET", text: "t" }, "channel_not_found"],
  ["chat.postMessage", "a private channel by name", { channel: "#secret", text: "t" }, "channel_not_found"],
  ["chat.postMessage", "a public channel it is not in", { channel: "C02GENERAL", text: "t" }, "not_in_channel"],
  ["chat.postMessage", "an archived channel", { channel: "C04OLD", text: "t" }, "is_archived"],
  ["chat.postMessage", "nothing to say", deploys, "no_text"],
  ["chat.postMessage", "empty text and blocks", { ...deploys, text: "", blocks: [] }, "no_text"],
  ["chat.postMessage", "blocks that are no JSON", { ...deploys, blocks: "[{" }, "invalid_blocks_format"],
  ["chat.postMessage", "blocks that are one object", { ...deploys, blocks: { type: "divider" } }, "invalid_blocks_format"],
  ["chat.postMessage", "blocks of strings", { ...deploys, blocks: ["x"] }, "invalid_blocks_format"],
  [
    "chat.postMessage",
    "101 attachments",
    { ...deploys, text: "t", attachments: Array.from({ length: 101 }, () => ({ text: "a" })) },
    "too_many_attachments",
  ],
  ["chat.postMessage", "attachments that are no list", { ...deploys, text: "t", attachments: "x" }, "invalid_attachments"],
  ["chat.postMessage", "markdown_text beside text", { ...deploys, text: "t", markdown_text: "m" }, "markdown_text_conflict"],
  ["chat.postMessage", "markdown_text that is too long", { ...deploys, markdown_text: text(12_001) }, "msg_too_long"],
  ["chat.postMessage", "metadata that is no JSON", { ...deploys, text: "t", metadata: "x" }, "invalid_metadata_format"],
  ["chat.postMessage", "metadata without payload", { ...deploys, text: "t", metadata: { event_type: "e" } }, "invalid_metadata_schema"],
  ["chat.postMessage", "metadata without a type", { ...deploys, text: "t", metadata: { event_payload: {} } }, "invalid_metadata_schema"],
  [
    "chat.postMessage",
    "metadata that is too large",
    { ...deploys, text: "t", metadata: { event_type: "e", event_payload: { x: text(20_000) } } },
    "metadata_too_large",
  ],
  ["chat.postMessage", "a thread_ts that is none", { ...deploys, text: "t", thread_ts: "yesterday" }, "invalid_thread_ts"],
  ["chat.update", "no ts", { ...deploys, text: "t" }, "invalid_arguments"],
  ["chat.update", "an unknown message", { ...deploys, ts: "1.000100", text: "t" }, "message_not_found"],
  ["chat.update", "an unknown channel", { channel: "C99", ts: "1.000100", text: "t" }, "channel_not_found"],
  ["chat.delete", "an unknown message", { ...deploys, ts: "1.000100" }, "message_not_found"],
  ["chat.delete", "an unknown channel", { channel: "C99", ts: "1.000100" }, "channel_not_found"],
  ["chat.postEphemeral", "no user", { ...deploys, text: "t" }, "invalid_arguments"],
  ["chat.postEphemeral", "somebody who is not in the channel", { ...deploys, user: "U05STRANGER", text: "t" }, "user_not_in_channel"],
  ["chat.postEphemeral", "nobody", { ...deploys, user: "U99", text: "t" }, "user_not_in_channel"],
  ["chat.postEphemeral", "a channel the bot is not in", { channel: "C02GENERAL", user: "U01ANN", text: "t" }, "not_in_channel"],
  ["chat.postEphemeral", "an archived channel", { channel: "C04OLD", user: "U01ANN", text: "t" }, "is_archived"],
  ["chat.postEphemeral", "nothing to say", { ...deploys, user: "U01ANN" }, "no_text"],
  ["chat.getPermalink", "an unknown message", { ...deploys, message_ts: "1.000100" }, "message_not_found"],
  ["chat.getPermalink", "an unknown channel", { channel: "C99", message_ts: "1.000100" }, "channel_not_found"],
  ["conversations.list", "an unknown type", { types: "secret_channel" }, "invalid_types"],
  ["conversations.list", "a type without scope", { types: "im" }, "missing_scope"],
  ["conversations.list", "a cursor of its own", { cursor: "page2" }, "invalid_cursor"],
  ["conversations.info", "an unknown channel", { channel: "C99" }, "channel_not_found"],
  ["conversations.info", "a private channel it is not in", { channel: "C03SECRET" }, "channel_not_found"],
  ["conversations.members", "an unknown channel", { channel: "C99" }, "channel_not_found"],
  ["conversations.join", "an archived channel", { channel: "C04OLD" }, "is_archived"],
  ["conversations.join", "a private channel", { channel: "C06OURS" }, "method_not_supported_for_channel_type"],
  ["conversations.open", "nobody", {}, "users_list_not_supplied"],
  ["conversations.open", "an unknown user", { users: "U99" }, "user_not_found"],
  ["conversations.open", "somebody who left", { users: "U06GONE" }, "user_disabled"],
  ["conversations.open", "nine people", { users: "U1,U2,U3,U4,U5,U6,U7,U8,U9" }, "too_many_users"],
  ["conversations.history", "a channel it is not in", { channel: "C02GENERAL" }, "not_in_channel"],
  ["conversations.history", "a private channel without scope", { channel: "C06OURS" }, "missing_scope"],
  ["conversations.history", "an oldest that is no time", { ...deploys, oldest: "then" }, "invalid_ts_oldest"],
  ["conversations.replies", "an unknown thread", { ...deploys, ts: "1.000100" }, "thread_not_found"],
  ["users.info", "an unknown user", { user: "U99" }, "user_not_found"],
  ["users.lookupByEmail", "nobody's address", { email: "nobody@acme.test" }, "users_not_found"],
  ["users.lookupByEmail", "the address of somebody who left", { email: "gone@acme.test" }, "users_not_found"],
  ["usergroups.users.list", "an unknown group", { usergroup: "S99" }, "no_such_subteam"],
  ["usergroups.users.list", "a deleted group", { usergroup: "S02GONE" }, "no_such_subteam"],
  ["views.open", "no view", { trigger_id: "1.2.x" }, "invalid_arguments"],
  ["views.update", "no id", { view: { type: "modal", title: { type: "plain_text", text: "t" }, blocks: [] } }, "invalid_arguments"],
  [
    "views.update",
    "an unknown view",
    { view_id: "V9", view: { type: "modal", title: { type: "plain_text", text: "t" }, blocks: [] } },
    "not_found",
  ],
  ["views.publish", "an unknown user", { user_id: "U99", view: { type: "home", blocks: [] } }, "invalid_arguments"],
  ["files.getUploadURLExternal", "no length", { filename: "a.log" }, "invalid_arguments"],
  ["files.completeUploadExternal", "an unknown file", { files: [{ id: "F9" }] }, "file_not_found"],
  ["reactions.add", "an unknown message", { ...deploys, timestamp: "1.000100", name: "eyes" }, "message_not_found"],
  ["apps.connections.open", "the bot's token", {}, "not_allowed_token_type"],
  ["chat.shout", "a method there is none of", {}, "unknown_method"],
];

async function sendRaw(slack: TestSlack, headers: Record<string, string>, body: string): Promise<unknown> {
  const response = await fetch(`${slack.apiUrl}auth.test`, { method: "POST", headers, body: Buffer.from(body) });
  return response.json();
}

describe("the Web API refuses", () => {
  let slack: TestSlack;
  beforeAll(async () => {
    slack = await startSlack();
  });
  afterAll(() => slack.close());

  test.each(rows)("%s for %s", async (method, _why, args, error) => {
    expect(await call(slack.web, method, args)).toMatchObject({ ok: false, error });
  });

  test.each([
    ["a wrong token", "xoxb-other", "chat.postMessage", "invalid_auth"],
    ["the app token", bot.appToken, "chat.postMessage", "not_allowed_token_type"],
  ])("%s", async (_name, token, method, error) => {
    expect(await call(clientOf(slack, token), method, { ...deploys, text: "t" })).toMatchObject({ ok: false, error });
  });

  test("calls without a token or without a readable body", async () => {
    expect(await sendRaw(slack, { "content-type": "application/json" }, "{}")).toMatchObject({ error: "not_authed" });
    expect(await sendRaw(slack, { "content-type": "application/json" }, "{")).toMatchObject({ error: "invalid_json" });
    expect(await sendRaw(slack, { "content-type": "application/json" }, "[]")).toMatchObject({ error: "json_not_object" });
    expect(await sendRaw(slack, { "content-type": "text/csv" }, "a,b")).toMatchObject({ error: "invalid_post_type" });
  });

  test("edits and deletions of what others wrote", async () => {
    const { ts } = slack.say({ user: "U01ANN", channel: "C01DEPLOYS", text: "hello" });
    expect(await call(slack.web, "chat.update", { ...deploys, ts, text: "t" })).toMatchObject({ error: "cant_update_message" });
    expect(await call(slack.web, "chat.delete", { ...deploys, ts })).toMatchObject({ error: "cant_delete_message" });
  });

  test("edits that are too long, empty, or in a channel archived meanwhile", async () => {
    await using own = await startSlack();
    const ts = await post(own, { ...deploys, text: "t" });
    expect(await call(own.web, "chat.update", { ...deploys, ts, text: text(4000) })).toMatchObject({ ok: true });
    expect(await call(own.web, "chat.update", { ...deploys, ts, text: text(4001) })).toMatchObject({ error: "msg_too_long" });
    expect(await call(own.web, "chat.update", { ...deploys, ts })).toMatchObject({ error: "no_text" });
    await own.change({ channel: { id: "C01DEPLOYS", is_archived: true } });
    expect(await call(own.web, "chat.update", { ...deploys, ts, text: "t" })).toMatchObject({ error: "is_inactive" });
  });

  test("a scope that was not granted, saying which", async () => {
    await using poor = await startSlack({ seed: { ...seed, bot: { ...seed.bot, scopes: ["commands", "chat:write"] } } });
    const answer = await call(poor.web, "usergroups.list");
    expect(answer).toMatchObject({ ok: false, error: "missing_scope", needed: "usergroups:read", provided: "commands,chat:write" });
    expect(answer["response_metadata"]).toMatchObject({ scopes: ["commands", "chat:write"], acceptedScopes: ["usergroups:read"] });
  });

  test("user groups on a free plan, and a Home that is switched off", async () => {
    await using free = await startSlack({
      seed: { ...seed, team: { ...seed.team, plan: "free" }, bot: { ...seed.bot, home_tab_enabled: false } },
    });
    expect(await call(free.web, "usergroups.list")).toMatchObject({ error: "plan_upgrade_required" });
    expect(await call(free.web, "views.publish", { user_id: "U01ANN", view: { type: "home", blocks: [] } })).toMatchObject({
      error: "not_enabled",
    });
  });

  test("an external_id that another view has", async () => {
    const view = { type: "home", external_id: "one", blocks: [section("x")] };
    expect(await call(slack.web, "views.publish", { user_id: "U01ANN", view })).toMatchObject({ ok: true });
    expect(await call(slack.web, "views.publish", { user_id: "U01ANN", view })).toMatchObject({ ok: true });
    expect(await call(slack.web, "views.publish", { user_id: "U02BOB", view })).toMatchObject({ error: "duplicate_external_id" });
  });
});
