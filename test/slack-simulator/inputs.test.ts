import { describe, expect, test } from "vitest";
import { option, plain } from "./blocks.ts";
import { startBot } from "./bots.ts";
import { startSlack, type TestSlack } from "./world.ts";

/** What Slack's client does with the inputs of a form before the bot hears of it, and with options that the bot gives. */

function field(id: string, element: object): object {
  return { type: "input", block_id: id, optional: true, label: plain(id), element: { action_id: "value", ...element } };
}

const form = {
  type: "modal",
  callback_id: "form",
  title: plain("Form"),
  submit: plain("Send"),
  blocks: [
    field("servers", { type: "number_input", is_decimal_allowed: false, min_value: "1", max_value: "64" }),
    field("mail", { type: "email_text_input" }),
    field("link", { type: "url_text_input" }),
    field("whom", { type: "multi_static_select", options: ["a", "b", "c"].map((one) => option(one)), max_selected_items: 2 }),
    field("when", { type: "datetimepicker" }),
    field("what", { type: "external_select", min_query_length: 0 }),
  ],
};

type Opened = { readonly at: { readonly user: string; readonly view_id: string }; readonly sent: Record<string, unknown>[] };

async function open(slack: TestSlack, answer: (typed: string) => Promise<object> = async () => ({ options: [] })): Promise<Opened> {
  const sent: Record<string, unknown>[] = [];
  await startBot(slack, "socket", (app) => {
    app.command("/deploy", async ({ ack, client, body }) => {
      await ack();
      await client.apiCall("views.open", { trigger_id: body.trigger_id, view: form });
    });
    app.options("value", async ({ ack, options }) => ack(Object.assign({ options: [] }, await answer(options.value))));
    app.view("form", async ({ ack, view }) => {
      sent.push(Object.fromEntries(Object.entries(view.state.values).map(([block, actions]) => [block, actions["value"]])));
      await ack();
    });
  });
  await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy" });
  await expect.poll(() => slack.state().views["U01ANN"]?.length).toBe(1);
  return { at: { user: "U01ANN", view_id: String(slack.state().views["U01ANN"]?.[0]?.["id"]) }, sent };
}

describe("Slack's client refuses, before the bot hears of it,", () => {
  test.each([
    ["servers", "many", "Please enter a whole number."],
    ["servers", "1.5", "Please enter a whole number."],
    ["servers", "0", "Please enter 1 or more."],
    ["servers", "65", "Please enter 64 or less."],
    ["mail", "ann", "Please enter a valid e-mail address."],
    ["link", "shop.acme.test", "Please enter a valid URL."],
    ["whom", ["a", "b", "c"], "Please choose at most 2."],
  ])("%s: %o", async (block, value, sentence) => {
    await using slack = await startSlack();
    const { at, sent } = await open(slack);
    expect(await slack.submit({ ...at, values: { [block]: value } })).toMatchObject({ result: "not_sent", errors: { [block]: sentence } });
    expect(sent).toEqual([]);
  });

  test("and sends what is right, a time as Unix seconds", async () => {
    await using slack = await startSlack();
    const { at, sent } = await open(slack);
    const values = { servers: "64", mail: "ann@acme.test", link: "https://shop.acme.test", whom: ["a", "c"], when: 1_795_430_000 };
    expect(await slack.submit({ ...at, values })).toMatchObject({ result: "ok", view: null });
    expect(sent).toMatchObject([
      {
        servers: { value: "64" },
        whom: { selected_options: [{ value: "a" }, { value: "c" }] },
        when: { selected_date_time: 1_795_430_000 },
      },
    ]);
  });
});

describe("a select that searches", () => {
  test("shows groups of options, and takes one of them", async () => {
    await using slack = await startSlack();
    const groups = [
      { label: plain("Candidates"), options: [option("9f3c2ab")] },
      { label: plain("Branches"), options: [option("main"), option("fix")] },
    ];
    const { at, sent } = await open(slack, async () => ({ options: undefined, option_groups: groups }));
    const found = await slack.typeSelect({ ...at, action_id: "value", block_id: "what", value: "" });
    expect(found.option_groups).toMatchObject(groups);
    expect(found.options.map((one) => one["value"])).toEqual(["9f3c2ab", "main", "fix"]);
    await slack.submit({ ...at, values: { what: "fix" } });
    expect(sent).toMatchObject([{ what: { selected_option: { value: "fix" } } }]);
  });

  test.each([
    ["an empty group", { options: undefined, option_groups: [{ label: plain("g"), options: [] }] }, "must provide at least 1 items"],
    ["101 options", { options: Array.from({ length: 101 }, (_, index) => option(`${index}`)) }, "no more than 100 items allowed"],
    ["no list at all", { options: undefined }, "missing required field: options"],
  ])("shows that it failed for %s", async (_name, answer, sentence) => {
    await using slack = await startSlack();
    const { at } = await open(slack, async () => answer);
    const found = await slack.typeSelect({ ...at, action_id: "value", block_id: "what", value: "" });
    expect(found).toMatchObject({ options: [], shown: expect.stringContaining(sentence) });
  });

  test("shows that it failed when the bot needs more than 3 s, and what came before stays choosable", async () => {
    await using slack = await startSlack();
    const gate = Promise.withResolvers<void>();
    const asked: string[] = [];
    const { at, sent } = await open(slack, async (typed) => {
      asked.push(typed);
      if (typed === "slow") await gate.promise;
      return { options: [option("main")] };
    });
    await slack.typeSelect({ ...at, action_id: "value", block_id: "what", value: "" });
    const slow = slack.typeSelect({ ...at, action_id: "value", block_id: "what", value: "slow" });
    await expect.poll(() => asked).toEqual(["", "slow"]);
    slack.advance(3_000);
    expect(await slow).toMatchObject({ result: "operation_timeout", shown: "Failed to load options", options: [] });
    gate.resolve();
    expect(await slack.submit({ ...at, values: { what: "main" } })).toMatchObject({ result: "ok" });
    expect(sent).toMatchObject([{ what: { selected_option: { value: "main" } } }]);
  });
});
