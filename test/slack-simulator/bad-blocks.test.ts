import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { button, mrkdwn, option, plain, section, text } from "./blocks.ts";
import { call, startSlack, type TestSlack } from "./world.ts";

/** Shapes Slack refuses whatever their length: the sentence and the pointer. */

type Row = readonly [name: string, blocks: unknown, fault: string];

const actions = (...elements: unknown[]): unknown[] => [{ type: "actions", elements }];
const input = (element: object, members: object = {}): object => ({ type: "input", label: plain("l"), element, ...members });
const image = (members: object): unknown[] => [{ type: "image", alt_text: "a", ...members }];
const task = (members: object): object => ({ type: "task_card", task_id: "t", title: "T", status: "pending", ...members });
const rich = (...elements: unknown[]): unknown[] => [{ type: "rich_text", elements }];
const words = (...elements: unknown[]): unknown[] => rich({ type: "rich_text_section", elements });
const cell = { type: "raw_text", text: "x" };
const table = { type: "table", rows: [[cell]] };

const rows: readonly Row[] = [
  ["a block without type", [{ text: mrkdwn("x") }], "missing required field: type [json-pointer:/blocks/0]"],
  ["an unknown block", [{ type: "banner" }], "unsupported type: banner [json-pointer:/blocks/0/type]"],
  ["a name of Object's", [{ type: "constructor" }], "unsupported type: constructor [json-pointer:/blocks/0/type]"],
  ["an alert in a message", [{ type: "alert", text: mrkdwn("x") }], "unsupported type: alert [json-pointer:/blocks/0/type]"],
  ["a foreign member", [{ type: "divider", colour: "red" }], "invalid additional property: colour [json-pointer:/blocks/0]"],
  ["a numeric block_id", [{ type: "divider", block_id: 7 }], "must provide a string [json-pointer:/blocks/0/block_id]"],
  ["an empty block_id", [{ type: "divider", block_id: "" }], "must be more than 0 characters [json-pointer:/blocks/0/block_id]"],
  ["a section of nothing", [{ type: "section" }], "must define either `text` or `fields` [json-pointer:/blocks/0/type]"],
  ["an empty section text", [section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"],
  ["a section text that is a string", [{ type: "section", text: "x" }], "must provide an object [json-pointer:/blocks/0/text]"],
  [
    "a text of unknown kind",
    [{ type: "section", text: { type: "html", text: "x" } }],
    "unsupported type: html [json-pointer:/blocks/0/text/type]",
  ],
  [
    "emoji on mrkdwn",
    [{ type: "section", text: { ...mrkdwn("x"), emoji: true } }],
    "invalid additional property: emoji [json-pointer:/blocks/0/text]",
  ],
  [
    "verbatim on plain_text",
    [{ type: "section", text: { ...plain("x"), verbatim: true } }],
    "invalid additional property: verbatim [json-pointer:/blocks/0/text]",
  ],
  ["no fields", [{ type: "section", fields: [] }], "must provide at least 1 items [json-pointer:/blocks/0/fields]"],
  ["expand as a word", [{ ...section("x"), expand: "yes" }], "must provide a boolean [json-pointer:/blocks/0/expand]"],
  [
    "an input as accessory",
    [{ ...section("x"), accessory: { type: "plain_text_input" } }],
    "unsupported type: plain_text_input [json-pointer:/blocks/0/accessory/type]",
  ],
  ["mrkdwn in a header", [{ type: "header", text: mrkdwn("x") }], "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"],
  ["a header without text", [{ type: "header" }], "missing required field: text [json-pointer:/blocks/0]"],
  ["no actions", actions(), "must provide at least 1 items [json-pointer:/blocks/0/elements]"],
  [
    "an image among actions",
    actions({ type: "image", image_url: "https://x.test", alt_text: "a" }),
    "unsupported type: image [json-pointer:/blocks/0/elements/0/type]",
  ],
  [
    "a button without text",
    actions({ type: "button", action_id: "a" }),
    "missing required field: text [json-pointer:/blocks/0/elements/0]",
  ],
  ["a button of mrkdwn", actions(button({ text: mrkdwn("x") })), "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/text/type]"],
  ["an empty button", actions(button({ text: plain("") })), "must be more than 0 characters [json-pointer:/blocks/0/elements/0/text/text]"],
  ["a style of our own", actions(button({ style: "warning" })), "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]"],
  ["a value that is an object", actions(button({ value: { d: 1 } })), "must provide a string [json-pointer:/blocks/0/elements/0/value]"],
  [
    "a confirm without text",
    actions(button({ confirm: { title: plain("x") } })),
    "missing required field: text [json-pointer:/blocks/0/elements/0/confirm]",
  ],
  [
    "a confirm titled in mrkdwn",
    actions(button({ confirm: { title: mrkdwn("x"), text: plain("x") } })),
    "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/confirm/title/type]",
  ],
  [
    "two elements of one action_id",
    actions(button(), button()),
    '`action_id` "press" already exists [json-pointer:/blocks/0/elements/1/action_id]',
  ],
  [
    "two blocks of one block_id",
    [
      { type: "divider", block_id: "b" },
      { type: "divider", block_id: "b" },
    ],
    '`block_id` "b" already exists [json-pointer:/blocks/1/block_id]',
  ],
  [
    "an overflow of nothing",
    [{ ...section("x"), accessory: { type: "overflow", options: [] } }],
    "must provide at least 1 items [json-pointer:/blocks/0/accessory/options]",
  ],
  [
    "an overflow's option that says nothing when it is picked",
    [{ ...section("x"), accessory: { type: "overflow", options: [{ text: plain("a") }] } }],
    "missing required field: value [json-pointer:/blocks/0/accessory/options/0]",
  ],
  [
    "a select of nothing",
    actions({ type: "static_select" }),
    "must define either `options` or `option_groups` [json-pointer:/blocks/0/elements/0/type]",
  ],
  [
    "a select of both",
    actions({ type: "static_select", options: [option("a")], option_groups: [{ label: plain("g"), options: [option("a")] }] }),
    "must not define both `options` and `option_groups` [json-pointer:/blocks/0/elements/0]",
  ],
  [
    "an initial option that is not offered",
    actions({ type: "static_select", options: [option("a")], initial_option: option("b") }),
    "failed to match schema [json-pointer:/blocks/0/elements/0/initial_option]",
  ],
  [
    "an option without value",
    actions({ type: "static_select", options: [{ text: plain("a") }] }),
    "missing required field: value [json-pointer:/blocks/0/elements/0/options/0]",
  ],
  [
    "an option with a url in a select",
    actions({ type: "static_select", options: [{ ...option("a"), url: "https://x.test" }] }),
    "invalid additional property: url [json-pointer:/blocks/0/elements/0/options/0]",
  ],
  [
    "an option in mrkdwn",
    actions({ type: "static_select", options: [{ text: mrkdwn("a"), value: "a" }] }),
    "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/options/0/text/type]",
  ],
  [
    "a negative min_query_length",
    actions({ type: "external_select", min_query_length: -1 }),
    "must be greater than -1 [json-pointer:/blocks/0/elements/0/min_query_length]",
  ],
  [
    "a date of another country",
    actions({ type: "datepicker", initial_date: "24/11/2026" }),
    "failed to match schema [json-pointer:/blocks/0/elements/0/initial_date]",
  ],
  [
    "a time past midnight",
    actions({ type: "timepicker", initial_time: "24:00" }),
    "failed to match schema [json-pointer:/blocks/0/elements/0/initial_time]",
  ],
  [
    "milliseconds for seconds",
    actions({ type: "datetimepicker", initial_date_time: 1_764_000_000_000 }),
    "must be less than 10000000000 [json-pointer:/blocks/0/elements/0/initial_date_time]",
  ],
  [
    "an image of two sources",
    image({ image_url: "https://x.test", slack_file: { id: "F1" } }),
    "must not define both `image_url` and `slack_file` [json-pointer:/blocks/0]",
  ],
  ["an image of no source", image({}), "must define either `image_url` or `slack_file` [json-pointer:/blocks/0/type]"],
  [
    "an image without alt_text",
    [{ type: "image", image_url: "https://x.test" }],
    "missing required field: alt_text [json-pointer:/blocks/0]",
  ],
  ["an image from a file", image({ image_url: "file:///etc/passwd" }), "failed to match schema [json-pointer:/blocks/0/image_url]"],
  ["no context", [{ type: "context", elements: [] }], "must provide at least 1 items [json-pointer:/blocks/0/elements]"],
  [
    "a button in a context",
    [{ type: "context", elements: [button()] }],
    "unsupported type: button [json-pointer:/blocks/0/elements/0/type]",
  ],
  ["a task that is completed", [task({ status: "completed" })], "must be a valid enum value [json-pointer:/blocks/0/status]"],
  ["a task without id", [{ type: "task_card", title: "T", status: "pending" }], "missing required field: task_id [json-pointer:/blocks/0]"],
  ["a task with text as output", [task({ output: mrkdwn("x") })], "unsupported type: mrkdwn [json-pointer:/blocks/0/output/type]"],
  [
    "a task without output elements",
    [task({ output: { type: "rich_text", elements: [] } })],
    "must provide at least 1 items [json-pointer:/blocks/0/output/elements]",
  ],
  [
    "two plans",
    [
      { type: "plan", title: "a" },
      { type: "plan", title: "b" },
    ],
    "only one plan block is allowed [json-pointer:/blocks]",
  ],
  [
    "a plan beside a task",
    [{ type: "plan", title: "a" }, task({})],
    "task_card blocks may not stand beside a plan block [json-pointer:/blocks]",
  ],
  [
    "a plan of other blocks",
    [{ type: "plan", title: "a", tasks: [{ type: "divider" }] }],
    "unsupported type: divider [json-pointer:/blocks/0/tasks/0/type]",
  ],
  ["a ragged table cell", [{ type: "table", rows: [["x"]] }], "must provide an object [json-pointer:/blocks/0/rows/0/0]"],
  ["an empty table", [{ type: "table", rows: [] }], "must provide at least 1 items [json-pointer:/blocks/0/rows]"],
  [
    "a data_table without caption",
    [{ type: "data_table", rows: [[cell], [cell]] }],
    "missing required field: caption [json-pointer:/blocks/0]",
  ],
  [
    "a data_table of a header only",
    [{ type: "data_table", caption: "c", rows: [[cell]] }],
    "must provide at least 2 items [json-pointer:/blocks/0/rows]",
  ],
  [
    "a container in a container",
    [{ type: "container", title: plain("t"), child_blocks: [{ type: "container", title: plain("t"), child_blocks: [] }] }],
    "unsupported type: container [json-pointer:/blocks/0/child_blocks/0/type]",
  ],
  [
    "an unnamed container",
    [{ type: "container", child_blocks: [{ type: "divider" }] }],
    "must define either `title` or `rich_text_title` [json-pointer:/blocks/0/type]",
  ],
  [
    "a container of odd width",
    [{ type: "container", title: plain("t"), width: "huge", child_blocks: [{ type: "divider" }] }],
    "must be a valid enum value [json-pointer:/blocks/0/width]",
  ],
  ["an empty card", [{ type: "card" }], "must define at least one of `hero_image`, `title`, `body`, `actions` [json-pointer:/blocks/0]"],
  [
    "rich text of unknown words",
    words({ type: "shout", text: "x" }),
    "unsupported type: shout [json-pointer:/blocks/0/elements/0/elements/0/type]",
  ],
  [
    "rich text of no words",
    words({ type: "text", text: "" }),
    "must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]",
  ],
  ["a link without url", words({ type: "link", text: "x" }), "missing required field: url [json-pointer:/blocks/0/elements/0/elements/0]"],
  [
    "a date without format",
    words({ type: "date", timestamp: 1 }),
    "missing required field: format [json-pointer:/blocks/0/elements/0/elements/0]",
  ],
  [
    "a style of our own in rich text",
    words({ type: "text", text: "x", style: { big: true } }),
    "invalid additional property: big [json-pointer:/blocks/0/elements/0/elements/0/style]",
  ],
  [
    "a list of odd style",
    rich({ type: "rich_text_list", style: "dash", elements: [] }),
    "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]",
  ],
  ["words outside a section", rich({ type: "text", text: "x" }), "unsupported type: text [json-pointer:/blocks/0/elements/0/type]"],
  [
    "an emoji in preformatted text",
    rich({ type: "rich_text_preformatted", elements: [{ type: "emoji", name: "x" }] }),
    "unsupported type: emoji [json-pointer:/blocks/0/elements/0/elements/0/type]",
  ],
  ["a button in an input", [input(button())], "unsupported type: button [json-pointer:/blocks/0/element/type]"],
  [
    "an input without label",
    [{ type: "input", element: { type: "plain_text_input" } }],
    "missing required field: label [json-pointer:/blocks/0]",
  ],
  [
    "a number input that does not say if decimals",
    [input({ type: "number_input" })],
    "missing required field: is_decimal_allowed [json-pointer:/blocks/0/element]",
  ],
  [
    "more files than ten",
    [input({ type: "file_input", max_files: 11 })],
    "must be less than 11 [json-pointer:/blocks/0/element/max_files]",
  ],
  [
    "two elements in focus",
    [input({ type: "plain_text_input", focus_on_load: true }), input({ type: "plain_text_input", focus_on_load: true })],
    "only one element may set `focus_on_load` [json-pointer:/blocks/1/element/focus_on_load]",
  ],
  [
    "a filter of nothing",
    actions({ type: "conversations_select", filter: {} }),
    "must provide at least 1 items [json-pointer:/blocks/0/elements/0/filter]",
  ],
];

const viewRows: readonly Row[] = [
  ["without anything", {}, "missing required field: title [json-pointer:/view]"],
  ["without title", { type: "modal", blocks: [] }, "missing required field: title [json-pointer:/view]"],
  ["without blocks", { type: "modal", title: plain("t") }, "missing required field: blocks [json-pointer:/view]"],
  ["that is a home", { type: "home", blocks: [] }, "unsupported type: home [json-pointer:/view/type]"],
  ["with a title in mrkdwn", { type: "modal", title: mrkdwn("t"), blocks: [] }, "unsupported type: mrkdwn [json-pointer:/view/title/type]"],
  [
    "with inputs and no submit",
    { type: "modal", title: plain("t"), blocks: [section("x"), input({ type: "plain_text_input" })] },
    "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/1/input]",
  ],
  [
    "with a plan",
    { type: "modal", title: plain("t"), blocks: [{ type: "plan", title: "p" }] },
    "unsupported type: plan [json-pointer:/view/blocks/0/type]",
  ],
  [
    "with a card",
    { type: "modal", title: plain("t"), blocks: [{ type: "card", title: mrkdwn("x") }] },
    "unsupported type: card [json-pointer:/view/blocks/0/type]",
  ],
  ["with a table", { type: "modal", title: plain("t"), blocks: [table] }, "unsupported type: table [json-pointer:/view/blocks/0/type]"],
  [
    "with a member of our own",
    { type: "modal", title: plain("t"), blocks: [], width: 9 },
    "invalid additional property: width [json-pointer:/view]",
  ],
];
const homeRows: readonly Row[] = [
  ["with a title", { type: "home", title: plain("t"), blocks: [] }, "invalid additional property: title [json-pointer:/view]"],
  ["that is a modal", { type: "modal", title: plain("t"), blocks: [] }, "unsupported type: modal [json-pointer:/view/type]"],
  [
    "with an alert",
    { type: "home", blocks: [{ type: "alert", text: mrkdwn("x") }] },
    "unsupported type: alert [json-pointer:/view/blocks/0/type]",
  ],
  [
    "with markdown",
    { type: "home", blocks: [{ type: "markdown", text: "x" }] },
    "unsupported type: markdown [json-pointer:/view/blocks/0/type]",
  ],
];

describe("Slack refuses", () => {
  let slack: TestSlack;
  beforeAll(async () => {
    slack = await startSlack();
  });
  afterAll(() => slack.close());

  test.each(rows)("%s", async (_name, blocks, fault) => {
    const answer = await call(slack.web, "chat.postMessage", { channel: "C01DEPLOYS", text: "t", blocks });
    expect(answer).toMatchObject({ ok: false, error: "invalid_blocks", errors: [fault] });
  });

  test.each(viewRows)("a modal %s", async (_name, view, fault) => {
    const answer = await call(slack.web, "views.open", { trigger_id: "1.2.none", view });
    expect(answer).toMatchObject({ ok: false, error: "invalid_arguments", errors: expect.arrayContaining([fault]) });
  });

  test.each(homeRows)("a home %s", async (_name, view, fault) => {
    const answer = await call(slack.web, "views.publish", { user_id: "U01ANN", view });
    expect(answer).toMatchObject({ ok: false, error: "invalid_arguments", errors: [fault] });
  });

  test("two tables, with an error name of their own", async () => {
    const answer = await call(slack.web, "chat.postMessage", { channel: "C01DEPLOYS", text: "t", blocks: [table, table] });
    expect(answer).toMatchObject({ error: "invalid_attachments", errors: ["only_one_table_allowed [json-pointer:/blocks]"] });
  });

  test("markdown blocks that are too long together", async () => {
    const blocks = [
      { type: "markdown", text: text(6001) },
      { type: "markdown", text: text(6000) },
    ];
    expect(await call(slack.web, "chat.postMessage", { channel: "C01DEPLOYS", text: "t", blocks })).toMatchObject({
      error: "msg_blocks_too_long",
    });
  });

  test("a view above 250 kB", async () => {
    const blocks = Array.from({ length: 90 }, () => section(text(2900)));
    expect(await call(slack.web, "views.publish", { user_id: "U01ANN", view: { type: "home", blocks } })).toMatchObject({
      error: "view_too_large",
    });
  });

  test("blocks by its own validator, with pointers from the list on", async () => {
    const answer = await call(slack.web, "blocks.validate", { blocks: [section(text(3001))] });
    expect(answer).toMatchObject({
      ok: false,
      errors: [{ pointer: "/0/text/text", constraint: { type: "max_length", expected: 3000, got: 3001 } }],
    });
    expect(await call(slack.web, "blocks.validate", { blocks: [section("x")] })).toMatchObject({ ok: true });
  });
});
