import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { button, mrkdwn, option, plain, section, text } from "./blocks.ts";
import { call, startSlack, type TestSlack } from "./world.ts";

/** Each limit of Block Kit: n is accepted, n + 1 is refused with Slack's sentence at Slack's pointer. */

type Row = readonly [name: string, limit: number, build: (n: number) => unknown, pointer: string, sentence: string];

const many = <T>(n: number, make: (index: number) => T): T[] => Array.from({ length: n }, (_, index) => make(index));
const chars = (limit: number): string => `must be less than ${limit + 1} characters`;
const items = (limit: number): string => `no more than ${limit} items allowed`;
const actions = (...elements: unknown[]): unknown[] => [{ type: "actions", elements }];
const select = (members: object): unknown[] => actions({ type: "static_select", action_id: "s", ...members });
const confirm = (members: object): unknown[] =>
  actions(button({ confirm: { title: plain("Sure?"), text: plain("Really"), confirm: plain("Yes"), deny: plain("No"), ...members } }));
const taskBlock = (members: object): unknown[] => [{ type: "task_card", task_id: "t", title: "T", status: "pending", ...members }];
const cell = { type: "raw_text", text: "x" };

const messageRows: readonly Row[] = [
  ["blocks of a message", 50, (n) => many(n, () => ({ type: "divider" })), "/blocks", items(50)],
  ["block_id", 255, (n) => [{ type: "divider", block_id: text(n) }], "/blocks/0/block_id", chars(255)],
  ["section text", 3000, (n) => [section(text(n))], "/blocks/0/text/text", chars(3000)],
  ["section fields", 10, (n) => [{ type: "section", fields: many(n, () => mrkdwn("f")) }], "/blocks/0/fields", items(10)],
  ["section field", 2000, (n) => [{ type: "section", fields: [mrkdwn(text(n))] }], "/blocks/0/fields/0/text", chars(2000)],
  ["actions elements", 25, (n) => actions(...many(n, (i) => button({ action_id: `a${i}` }))), "/blocks/0/elements", items(25)],
  ["context elements", 10, (n) => [{ type: "context", elements: many(n, () => mrkdwn("c")) }], "/blocks/0/elements", items(10)],
  ["header text", 150, (n) => [{ type: "header", text: plain(text(n)) }], "/blocks/0/text/text", chars(150)],
  [
    "image alt_text",
    2000,
    (n) => [{ type: "image", image_url: "https://x.test/a.png", alt_text: text(n) }],
    "/blocks/0/alt_text",
    chars(2000),
  ],
  [
    "image title",
    2000,
    (n) => [{ type: "image", image_url: "https://x.test/a.png", alt_text: "a", title: plain(text(n)) }],
    "/blocks/0/title/text",
    chars(2000),
  ],
  ["image_url", 3000, (n) => [{ type: "image", image_url: `https://${text(n - 8)}`, alt_text: "a" }], "/blocks/0/image_url", chars(3000)],
  ["button text", 75, (n) => actions(button({ text: plain(text(n)) })), "/blocks/0/elements/0/text/text", chars(75)],
  ["button value", 2000, (n) => actions(button({ value: text(n) })), "/blocks/0/elements/0/value", chars(2000)],
  ["button url", 3000, (n) => actions(button({ url: `https://${text(n - 8)}` })), "/blocks/0/elements/0/url", chars(3000)],
  [
    "accessibility_label",
    75,
    (n) => actions(button({ accessibility_label: text(n) })),
    "/blocks/0/elements/0/accessibility_label",
    chars(75),
  ],
  ["action_id", 255, (n) => actions(button({ action_id: text(n) })), "/blocks/0/elements/0/action_id", chars(255)],
  ["confirm title", 100, (n) => confirm({ title: plain(text(n)) }), "/blocks/0/elements/0/confirm/title/text", chars(100)],
  ["confirm text", 300, (n) => confirm({ text: plain(text(n)) }), "/blocks/0/elements/0/confirm/text/text", chars(300)],
  ["confirm yes", 30, (n) => confirm({ confirm: plain(text(n)) }), "/blocks/0/elements/0/confirm/confirm/text", chars(30)],
  ["confirm no", 30, (n) => confirm({ deny: plain(text(n)) }), "/blocks/0/elements/0/confirm/deny/text", chars(30)],
  [
    "overflow options",
    5,
    (n) => [{ ...section("s"), accessory: { type: "overflow", action_id: "o", options: many(n, (i) => option(`o${i}`)) } }],
    "/blocks/0/accessory/options",
    items(5),
  ],
  ["select options", 100, (n) => select({ options: many(n, (i) => option(`o${i}`)) }), "/blocks/0/elements/0/options", items(100)],
  [
    "select groups",
    100,
    (n) => select({ option_groups: many(n, (i) => ({ label: plain(`g${i}`), options: [option(`o${i}`)] })) }),
    "/blocks/0/elements/0/option_groups",
    items(100),
  ],
  [
    "options of a group",
    100,
    (n) => select({ option_groups: [{ label: plain("g"), options: many(n, (i) => option(`o${i}`)) }] }),
    "/blocks/0/elements/0/option_groups/0/options",
    items(100),
  ],
  [
    "label of a group",
    75,
    (n) => select({ option_groups: [{ label: plain(text(n)), options: [option("o")] }] }),
    "/blocks/0/elements/0/option_groups/0/label/text",
    chars(75),
  ],
  [
    "option text",
    75,
    (n) => select({ options: [{ text: plain(text(n)), value: "v" }] }),
    "/blocks/0/elements/0/options/0/text/text",
    chars(75),
  ],
  ["option value", 150, (n) => select({ options: [option(text(n))] }), "/blocks/0/elements/0/options/0/value", chars(150)],
  [
    "option description",
    75,
    (n) => select({ options: [{ ...option("v"), description: plain(text(n)) }] }),
    "/blocks/0/elements/0/options/0/description/text",
    chars(75),
  ],
  [
    "placeholder",
    150,
    (n) => select({ options: [option("v")], placeholder: plain(text(n)) }),
    "/blocks/0/elements/0/placeholder/text",
    chars(150),
  ],
  [
    "radio buttons",
    10,
    (n) => actions({ type: "radio_buttons", options: many(n, (i) => option(`o${i}`)) }),
    "/blocks/0/elements/0/options",
    items(10),
  ],
  [
    "checkboxes",
    10,
    (n) => actions({ type: "checkboxes", options: many(n, (i) => option(`o${i}`)) }),
    "/blocks/0/elements/0/options",
    items(10),
  ],
  ["markdown text", 12_000, (n) => [{ type: "markdown", text: text(n) }], "/blocks/0/text", chars(12_000)],
  ["table rows", 100, (n) => [{ type: "table", rows: many(n, () => [cell]) }], "/blocks/0/rows", items(100)],
  ["table cells", 20, (n) => [{ type: "table", rows: [many(n, () => cell)] }], "/blocks/0/rows/0", items(20)],
  ["data_table rows", 101, (n) => [{ type: "data_table", caption: "c", rows: many(n, () => [cell]) }], "/blocks/0/rows", items(101)],
  [
    "data_table page_size",
    100,
    (n) => [{ type: "data_table", caption: "c", page_size: n, rows: [[cell], [cell]] }],
    "/blocks/0/page_size",
    "must be less than 101",
  ],
  [
    "container title",
    150,
    (n) => [{ type: "container", title: plain(text(n)), child_blocks: [{ type: "divider" }] }],
    "/blocks/0/title/text",
    chars(150),
  ],
  [
    "container children",
    10,
    (n) => [{ type: "container", title: plain("t"), child_blocks: many(n, () => ({ type: "divider" })) }],
    "/blocks/0/child_blocks",
    items(10),
  ],
  ["card subtitle", 150, (n) => [{ type: "card", title: mrkdwn("t"), subtitle: mrkdwn(text(n)) }], "/blocks/0/subtitle/text", chars(150)],
  ["card body", 200, (n) => [{ type: "card", body: mrkdwn(text(n)) }], "/blocks/0/body/text", chars(200)],
  [
    "card buttons",
    3,
    (n) => [{ type: "card", title: mrkdwn("t"), actions: many(n, (i) => button({ action_id: `a${i}` })) }],
    "/blocks/0/actions",
    items(3),
  ],
  [
    "tasks of a plan",
    50,
    (n) => [{ type: "plan", title: "t", tasks: many(n, (i) => ({ type: "task_card", task_id: `t${i}`, title: "T", status: "pending" })) }],
    "/blocks/0/tasks",
    items(50),
  ],
  [
    "carousel cards",
    10,
    (n) => [{ type: "carousel", elements: many(n, () => ({ type: "card", title: mrkdwn("t") })) }],
    "/blocks/0/elements",
    items(10),
  ],
  [
    "context_actions",
    5,
    (n) => [
      { type: "context_actions", elements: many(n, (i) => ({ type: "icon_button", action_id: `i${i}`, icon: "trash", text: plain("x") })) },
    ],
    "/blocks/0/elements",
    items(5),
  ],
  [
    "video title",
    199,
    (n) => [{ type: "video", video_url: "https://v.test", thumbnail_url: "https://t.test", alt_text: "a", title: plain(text(n)) }],
    "/blocks/0/title/text",
    chars(199),
  ],
  [
    "task output",
    1,
    (n) => taskBlock({ output: { type: "rich_text", elements: many(n, () => ({ type: "rich_text_section", elements: [] })) } }),
    "/blocks/0/output/elements",
    items(1),
  ],
  [
    "initial_value",
    3000,
    (n) => [{ type: "input", label: plain("l"), element: { type: "plain_text_input", initial_value: text(n) } }],
    "/blocks/0/element/initial_value",
    chars(3000),
  ],
  [
    "max_length",
    3000,
    (n) => [{ type: "input", label: plain("l"), element: { type: "plain_text_input", max_length: n } }],
    "/blocks/0/element/max_length",
    "must be less than 3001",
  ],
  [
    "input label",
    2000,
    (n) => [{ type: "input", label: plain(text(n)), element: { type: "plain_text_input" } }],
    "/blocks/0/label/text",
    chars(2000),
  ],
  [
    "input hint",
    2000,
    (n) => [{ type: "input", label: plain("l"), hint: plain(text(n)), element: { type: "plain_text_input" } }],
    "/blocks/0/hint/text",
    chars(2000),
  ],
  [
    "list indent",
    8,
    (n) => [{ type: "rich_text", elements: [{ type: "rich_text_list", style: "bullet", indent: n, elements: [] }] }],
    "/blocks/0/elements/0/indent",
    "must be less than 9",
  ],
];

const view = (members: object): object => ({ type: "modal", title: plain("Roll back"), blocks: [], ...members });
const viewRows: readonly Row[] = [
  ["title", 24, (n) => view({ title: plain(text(n)) }), "/view/title/text", chars(24)],
  ["submit", 24, (n) => view({ submit: plain(text(n)) }), "/view/submit/text", chars(24)],
  ["close", 24, (n) => view({ close: plain(text(n)) }), "/view/close/text", chars(24)],
  ["private_metadata", 3000, (n) => view({ private_metadata: text(n) }), "/view/private_metadata", chars(3000)],
  ["callback_id", 255, (n) => view({ callback_id: text(n) }), "/view/callback_id", chars(255)],
  ["external_id", 255, (n) => view({ external_id: text(n) }), "/view/external_id", chars(255)],
  ["blocks", 100, (n) => view({ blocks: many(n, () => ({ type: "divider" })) }), "/view/blocks", items(100)],
  ["alert text", 200, (n) => view({ blocks: [{ type: "alert", text: mrkdwn(text(n)) }] }), "/view/blocks/0/text/text", chars(200)],
];

describe("Block Kit limits", () => {
  let slack: TestSlack;
  beforeAll(async () => {
    slack = await startSlack();
  });
  afterAll(() => slack.close());

  test.each(messageRows)("%s: %i passes, one more does not", async (_name, limit, build, pointer, sentence) => {
    const post = (n: number): Promise<Record<string, unknown>> =>
      call(slack.web, "chat.postMessage", { channel: "C01DEPLOYS", text: "t", blocks: build(n) });
    expect(await post(limit)).toMatchObject({ ok: true });
    const wanted = `${sentence} [json-pointer:${pointer}]`;
    const refused = await post(limit + 1);
    expect(refused).toMatchObject({ ok: false, error: "invalid_blocks", errors: [wanted] });
    expect(refused["response_metadata"]).toMatchObject({ messages: expect.arrayContaining([`[ERROR] ${wanted}`]) });
  });

  test.each(viewRows)("modal %s: %i passes, one more does not", async (_name, limit, build, pointer, sentence) => {
    const open = (n: number): Promise<Record<string, unknown>> => call(slack.web, "views.open", { trigger_id: "1.2.none", view: build(n) });
    // The view passed when only the trigger is at fault.
    expect(await open(limit)).toMatchObject({ error: "invalid_trigger_id" });
    expect(await open(limit + 1)).toMatchObject({ error: "invalid_arguments", errors: [`${sentence} [json-pointer:${pointer}]`] });
  });

  test("Slack's exact answer to a section that is too long", async () => {
    const answer = await call(slack.web, "chat.postMessage", {
      channel: "C01DEPLOYS",
      text: "t",
      blocks: [{ type: "divider" }, section(text(3001))],
    });
    expect(answer).toMatchObject({
      ok: false,
      error: "invalid_blocks",
      errors: ["must be less than 3001 characters [json-pointer:/blocks/1/text/text]"],
      response_metadata: {
        messages: [
          "[ERROR] failed to match all allowed schemas [json-pointer:/blocks/1/text]",
          "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]",
        ],
      },
    });
  });
});
