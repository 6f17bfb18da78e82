import { describe, expect, test } from "vitest";
import { objectsOf } from "../../sandbox/slack/json.ts";
import { button, plain, section } from "./blocks.ts";
import { call, post, startSlack } from "./world.ts";

const deploys = { channel: "C01DEPLOYS" };

describe("a message", () => {
  test("keeps every version, with the blocks rule of chat.update", async () => {
    await using slack = await startSlack();
    const ts = await post(slack, {
      ...deploys,
      text: "one",
      blocks: [section("1")],
      metadata: { event_type: "card", event_payload: { d: "1" } },
    });
    const edit = (args: object): Promise<Record<string, unknown>> => call(slack.web, "chat.update", { ...deploys, ts, ...args });
    expect(await edit({ text: "two", blocks: [section("2")] })).toMatchObject({ ok: true, text: "two", ts });
    expect(slack.messages("C01DEPLOYS")[0]).toMatchObject({ edited: null, editCount: 1, metadata: { event_type: "card" } });
    await edit({ text: "three" });
    expect(slack.messages("C01DEPLOYS")[0]).toMatchObject({ blocks: null, edited: { user: "UBOT01" }, editCount: 2 });
    await edit({ text: "four", metadata: {} });
    expect(slack.messages("C01DEPLOYS")[0]).toMatchObject({ metadata: null });
    expect(slack.history("C01DEPLOYS", ts).map((version) => [version.text, version.blocks?.length ?? 0])).toEqual([
      ["one", 1],
      ["two", 1],
      ["three", 0],
      ["four", 0],
    ]);
  });

  test("gets block ids and action ids when it came without", async () => {
    await using slack = await startSlack();
    await post(slack, {
      ...deploys,
      text: "t",
      blocks: [{ type: "actions", elements: [{ type: "button", text: { type: "plain_text", text: "Go" } }] }],
    });
    expect(slack.messages("C01DEPLOYS")[0]?.blocks).toMatchObject([
      { block_id: expect.any(String), elements: [{ action_id: expect.any(String) }] },
    ]);
  });

  test("in a thread counts at its parent, broadcast or not, and leaves a tombstone", async () => {
    await using slack = await startSlack();
    const ts = await post(slack, { ...deploys, text: "card" });
    await post(slack, { ...deploys, text: "log", thread_ts: ts });
    await post(slack, { ...deploys, text: "regression", thread_ts: ts, reply_broadcast: true });
    expect(slack.thread("#shop-deploys", ts).map((one) => [one.text, one.subtype, one.reply_count])).toEqual([
      ["card", null, 2],
      ["log", null, 0],
      ["regression", "thread_broadcast", 0],
    ]);
    const history = await call(slack.web, "conversations.history", deploys);
    expect(history["messages"]).toMatchObject([{ text: "regression" }, { text: "card", reply_count: 2 }]);
    await call(slack.web, "chat.delete", { ...deploys, ts });
    expect(slack.messages("C01DEPLOYS")[0]).toMatchObject({ subtype: "tombstone", text: "This message was deleted." });
    expect(slack.history("C01DEPLOYS", ts).at(-1)).toMatchObject({ deleted: true });
  });

  test("for one person is seen by that person, in a thread only when it has replies", async () => {
    await using slack = await startSlack();
    const ts = await post(slack, { ...deploys, text: "card" });
    const whisper = { ...deploys, user: "U02BOB", text: "not yet", thread_ts: ts };
    expect(await call(slack.web, "chat.postEphemeral", whisper)).toEqual(
      expect.objectContaining({ ok: true, message_ts: expect.any(String) }),
    );
    expect(slack.ephemerals("U02BOB")).toEqual([]);
    await post(slack, { ...deploys, text: "reply", thread_ts: ts });
    const { message_ts: whisperTs } = await call(slack.web, "chat.postEphemeral", whisper);
    expect(slack.ephemerals("U02BOB")).toMatchObject([{ text: "not yet", thread_ts: ts }]);
    expect(slack.ephemerals("U01ANN")).toEqual([]);
    expect(await call(slack.web, "chat.update", { ...deploys, ts: whisperTs, text: "x" })).toMatchObject({ error: "message_not_found" });
  });

  test("goes to a channel by name, to a person by id, and is cut above 40,000 characters", async () => {
    await using slack = await startSlack();
    expect(await call(slack.web, "chat.postMessage", { channel: "#shop-deploys", text: "x" })).toMatchObject({ channel: "C01DEPLOYS" });
    expect(await call(slack.web, "chat.postMessage", { channel: "U02BOB", text: "hello Bob" })).toMatchObject({
      channel: expect.stringMatching(/^D/u),
    });
    const long = await call(slack.web, "chat.postMessage", { ...deploys, text: "x".repeat(40_001) });
    expect(long).toMatchObject({ ok: true, warning: "message_truncated" });
    expect(slack.messages("C01DEPLOYS").at(-1)?.text).toHaveLength(40_000);
  });

  test("has a permalink, a thread's reply one of its own", async () => {
    await using slack = await startSlack();
    const ts = await post(slack, { ...deploys, text: "card" });
    const reply = await post(slack, { ...deploys, text: "log", thread_ts: ts });
    const link = (message: string): Promise<Record<string, unknown>> =>
      call(slack.web, "chat.getPermalink", { ...deploys, message_ts: message });
    expect(await link(ts)).toMatchObject({ permalink: `https://acme.slack.com/archives/C01DEPLOYS/p${ts.replace(".", "")}` });
    expect(await link(reply)).toMatchObject({ permalink: expect.stringContaining(`?thread_ts=${ts}&cid=C01DEPLOYS`) });
  });

  test.each([
    ["no_text", { text: "", blocks: [section("x")] }],
    [
      "two_primaries",
      { text: "t", blocks: [{ type: "actions", elements: [button({ style: "primary" }), button({ action_id: "b", style: "primary" })] }] },
    ],
    ["long_button", { text: "t", blocks: [{ type: "actions", elements: [button({ text: plain("x".repeat(31)) })] }] }],
    ["lonely_emoji", { text: "t", blocks: [section("*Tests*\n:x:")] }],
    ["broadcast", { text: "deployed by <!channel>" }],
    [
      "action_id_twice",
      {
        text: "t",
        blocks: [
          { type: "actions", elements: [button()] },
          { type: "actions", elements: [button()] },
        ],
      },
    ],
  ])("that Slack takes and readers suffer from carries the lint %s", async (rule, message) => {
    await using slack = await startSlack();
    expect(await call(slack.web, "chat.postMessage", { ...deploys, ...message })).toMatchObject({ ok: true });
    expect(slack.messages("C01DEPLOYS")[0]?.lints).toMatchObject([{ rule }]);
    expect(slack.state().dev.lints).toBe(1);
  });

  test("carries a file", async () => {
    await using slack = await startSlack();
    await slack.web.files.uploadV2({ channel_id: "C01DEPLOYS", filename: "deploy.log", content: "line 1", initial_comment: "The log" });
    expect(slack.messages("C01DEPLOYS")).toMatchObject([{ text: "The log", files: [{ name: "deploy.log", size: 6 }] }]);
  });

  test("carries no file whose size is not the announced one, nor one that never came", async () => {
    await using slack = await startSlack();
    const { getUploadURLExternal, completeUploadExternal } = slack.web.files;
    const ticket = await getUploadURLExternal({ filename: "a.log", length: 3 });
    const answer = await fetch(ticket.upload_url ?? "", { method: "POST", body: "four" });
    expect(answer.status).toBe(400);
    const files: [{ id: string }] = [{ id: ticket.file_id ?? "" }];
    await expect(completeUploadExternal({ files, channel_id: "C01DEPLOYS" })).rejects.toThrow("file_not_found");
    expect((await fetch(ticket.upload_url ?? "", { method: "POST", body: "abc" })).status).toBe(200);
    await completeUploadExternal({ files, channel_id: "C01DEPLOYS" });
    expect(slack.file(ticket.file_id ?? "")).toMatchObject({ name: "a.log", text: "abc" });
    await expect(completeUploadExternal({ files })).rejects.toThrow("file_not_found");
  });
});

describe("people and channels", () => {
  test("are listed as Slack lists them", async () => {
    await using slack = await startSlack();
    expect(await call(slack.web, "auth.test")).toMatchObject({ team_id: "T01SIM", user_id: "UBOT01", bot_id: "B01BOT", team: "Acme" });
    const list = await call(slack.web, "conversations.list", { types: "public_channel,private_channel", exclude_archived: true, limit: 2 });
    expect(list["channels"]).toMatchObject([
      { id: "C01DEPLOYS", is_member: true },
      { id: "C02GENERAL", is_member: false },
    ]);
    const ids: string[] = [];
    for await (const page of slack.web.paginate("conversations.list", { types: "public_channel,private_channel", limit: 2 })) {
      const { channels }: Record<string, unknown> = { ...page };
      ids.push(...objectsOf(channels).map((channel) => String(channel["id"])));
    }
    expect(ids).toEqual(["C01DEPLOYS", "C02GENERAL", "C04OLD", "C05SHARED", "C06OURS"]);
    const sam = () => call(slack.web, "users.info", { user: "U05STRANGER" });
    expect(await sam()).toMatchObject({ user: { team_id: "T99OTHER" } });
    expect(JSON.stringify(await sam())).not.toContain("is_stranger");
    await slack.change({ channel: { id: "C05SHARED", members: ["U05STRANGER", "U01ANN"] } });
    expect(await sam()).toMatchObject({ user: { team_id: "T99OTHER", is_stranger: true } });
    expect(await call(slack.web, "users.info", { user: "U04GUEST" })).toMatchObject({ user: { is_restricted: true } });
    expect(await call(slack.web, "users.lookupByEmail", { email: "Ann@acme.test" })).toMatchObject({
      user: { id: "U01ANN", is_admin: true },
    });
    expect(await call(slack.web, "usergroups.list", { include_users: true })).toMatchObject({
      usergroups: [{ id: "S01OWNERS", handle: "product-owners", users: ["U01ANN"] }],
    });
    expect(await call(slack.web, "usergroups.users.list", { usergroup: "S01OWNERS" })).toMatchObject({ users: ["U01ANN"] });
  });

  test("a public channel can be joined, a guest sees only its own", async () => {
    await using slack = await startSlack();
    expect(await call(slack.web, "conversations.join", { channel: "C02GENERAL" })).toMatchObject({
      ok: true,
      channel: { is_member: true },
    });
    expect(await call(slack.web, "chat.postMessage", { channel: "C02GENERAL", text: "t" })).toMatchObject({ ok: true });
    expect(() => slack.say({ user: "U04GUEST", channel: "C02GENERAL", text: "t" })).toThrow("does not see");
    await expect(slack.command({ user: "U06GONE", channel: "C01DEPLOYS", text: "/deploy" })).rejects.toThrow("deactivated");
    expect(await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deplyo" })).toMatchObject({
      result: "not_sent",
      shown: expect.stringContaining("not a valid command"),
    });
  });
});
