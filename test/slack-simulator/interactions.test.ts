import { describe, expect, test } from "vitest";
import { startBot, type Mode } from "./bots.ts";
import { post, startSlack } from "./world.ts";

const modal = {
  type: "modal" as const,
  callback_id: "rollback",
  title: { type: "plain_text" as const, text: "Roll back" },
  submit: { type: "plain_text" as const, text: "Roll back" },
  notify_on_close: true,
  blocks: [
    {
      type: "input" as const,
      block_id: "target",
      label: { type: "plain_text" as const, text: "Version" },
      element: { type: "external_select" as const, action_id: "version", min_query_length: 0 },
    },
    {
      type: "input" as const,
      block_id: "why",
      label: { type: "plain_text" as const, text: "Reason" },
      element: { type: "plain_text_input" as const, action_id: "reason", max_length: 20 },
    },
  ],
};
const card = {
  channel: "C01DEPLOYS",
  text: "Approval needed: shop to production",
  blocks: [
    {
      type: "actions",
      block_id: "act:9",
      elements: [
        {
          type: "button",
          action_id: "approve",
          text: { type: "plain_text", text: "Approve & Deploy" },
          value: '{"d":"1"}',
          style: "primary",
        },
      ],
    },
  ],
};

describe.each<Mode>(["socket", "http"])("in %s mode the bot receives", (mode) => {
  test("a slash command with mentions escaped, and its reply is shown", async () => {
    await using slack = await startSlack();
    const seen: unknown[] = [];
    await startBot(slack, mode, (app) => {
      app.command("/deploy", async ({ ack, command }) => {
        seen.push([command.text, command.user_id, command.channel_name]);
        await ack("Which app?");
      });
    });
    const outcome = await slack.command({
      user: "U02BOB",
      channel: "C01DEPLOYS",
      text: "/deploy shop for @ann and @product-owners in #general",
    });
    expect(outcome).toMatchObject({ result: "ok", shown: null });
    expect(seen).toEqual([
      ["shop for <@U01ANN|ann> and <!subteam^S01OWNERS|@product-owners> in <#C02GENERAL|general>", "U02BOB", "shop-deploys"],
    ]);
    expect(slack.ephemerals("U02BOB")).toMatchObject([{ text: "Which app?", by: "command" }]);
  });

  test("a click on a button, and edits the card it stands on", async () => {
    await using slack = await startSlack();
    await startBot(slack, mode, (app) => {
      app.action("approve", async ({ ack, body, client, action }) => {
        await ack();
        if (body.type !== "block_actions" || action.type !== "button") return;
        await client.chat.update({ channel: "C01DEPLOYS", ts: body.container["message_ts"], text: `approved ${action.value}`, blocks: [] });
      });
    });
    const ts = await post(slack, card);
    const outcome = await slack.click({ user: "U01ANN", channel: "C01DEPLOYS", ts, action_id: "approve" });
    expect(outcome.result).toBe("ok");
    expect(slack.state().presses).toMatchObject([{ action_id: "approve", block_id: "act:9", state: "ok" }]);
    await expect.poll(() => slack.history("C01DEPLOYS", ts).map((version) => version.text)).toEqual([card.text, 'approved {"d":"1"}']);
  });

  test("a modal's options, errors, submission and closing", async () => {
    await using slack = await startSlack();
    const closed: string[] = [];
    await startBot(slack, mode, (app) => {
      app.command("/deploy", async ({ ack, client, body }) => {
        await ack();
        await client.views.open({ trigger_id: body.trigger_id, view: modal });
      });
      app.options("version", async ({ ack, options }) => {
        await ack({ options: [{ text: { type: "plain_text", text: `v${options.value}` }, value: `v${options.value}` }] });
      });
      app.view("rollback", async ({ ack, view }) => {
        const reason = view.state.values["why"]?.["reason"]?.value ?? "";
        if (reason === "no") await ack({ response_action: "errors", errors: { why: "Say more" } });
        else if (reason === "wrong") await ack({ response_action: "errors", errors: { nowhere: "Say more" } });
        else await ack();
      });
      app.view({ callback_id: "rollback", type: "view_closed" }, async ({ ack, view }) => {
        closed.push(view.id);
        await ack();
      });
    });
    await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy" });
    await expect.poll(() => slack.state().views["U01ANN"]?.length).toBe(1);
    const id = String(slack.state().views["U01ANN"]?.[0]?.["id"]);
    const at = { user: "U01ANN", view_id: id };

    const suggested = await slack.typeSelect({ ...at, action_id: "version", value: "2.40" });
    expect(suggested.options).toEqual([{ text: { type: "plain_text", text: "v2.40" }, value: "v2.40" }]);
    expect(await slack.submit({ ...at, values: { target: "v2.40" } })).toMatchObject({
      result: "not_sent",
      errors: { why: expect.any(String) },
    });
    expect(await slack.submit({ ...at, values: { why: "x".repeat(21) } })).toMatchObject({
      result: "not_sent",
      errors: { why: expect.any(String) },
    });
    expect(await slack.submit({ ...at, values: { why: "no" } })).toMatchObject({ result: "ok", errors: { why: "Say more" }, view: { id } });
    expect(await slack.submit({ ...at, values: { why: "wrong" } })).toMatchObject({
      shown: expect.stringContaining("nowhere"),
      view: { id },
    });
    expect(await slack.typeSelect({ ...at, action_id: "version", value: "x".repeat(75) })).toMatchObject({
      options: [],
      shown: expect.stringContaining("must be less than 76 characters"),
    });
    await expect(slack.submit({ ...at, values: { target: "v9.99" } })).rejects.toThrow("does not offer");
    await slack.closeView(at);
    expect(closed).toEqual([id]);
    expect(slack.state().views).toEqual({});
  });

  test("shortcuts, app_home_opened and an ephemeral's click", async () => {
    await using slack = await startSlack();
    const seen: string[] = [];
    await startBot(slack, mode, (app) => {
      app.shortcut("new_deploy", async ({ ack }) => (seen.push("shortcut"), await ack()));
      app.shortcut(
        { type: "message_action", callback_id: "rollback_msg" },
        async ({ ack, shortcut }) => (seen.push(shortcut.message.ts), await ack()),
      );
      app.event("app_home_opened", async ({ event, client }) => {
        await client.views.publish({ user_id: event.user, view: { type: "home", blocks: [{ type: "divider" }] } });
      });
      app.action("again", async ({ ack, respond, body }) => {
        await ack();
        seen.push(String(body.type === "block_actions" && body.container["is_ephemeral"]));
        await respond({ text: "done", replace_original: true });
      });
    });
    const ts = await post(slack, card);
    await slack.shortcut({ user: "U01ANN", callback_id: "new_deploy" });
    await slack.shortcut({ user: "U01ANN", callback_id: "rollback_msg", channel: "C01DEPLOYS", ts });
    expect(seen).toEqual(["shortcut", ts]);
    expect(await slack.openHome({ user: "U02BOB" })).toMatchObject({ result: "ok" });
    await expect.poll(() => slack.state().homes["U02BOB"]?.["type"]).toBe("home");

    const whisper = {
      channel: "C01DEPLOYS",
      user: "U02BOB",
      text: "Not yet",
      blocks: [{ type: "actions", elements: [{ type: "button", action_id: "again", text: { type: "plain_text", text: "Again" } }] }],
    };
    const { message_ts: whisperTs = "" } = await slack.web.chat.postEphemeral(whisper);
    await expect(slack.click({ user: "U01ANN", channel: "C01DEPLOYS", ts: whisperTs, action_id: "again" })).rejects.toThrow("U02BOB only");
    await slack.click({ user: "U02BOB", channel: "C01DEPLOYS", ts: whisperTs, action_id: "again" });
    await expect.poll(() => slack.ephemerals("U02BOB")[0]?.text).toBe("done");
    expect(seen.at(-1)).toBe("true");
  });
});
