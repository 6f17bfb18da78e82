import { button, mrkdwn, plain, section } from "../blocks.ts";
import { actions, cell, type Wrong } from "./shapes.ts";

const image = (members: object): unknown[] => [{ type: "image", alt_text: "a", ...members }];
const task = (members: object): object => ({ type: "task_card", task_id: "t", title: "T", status: "pending", ...members });
const rich = (...elements: unknown[]): unknown[] => [{ type: "rich_text", elements }];
const words = (...elements: unknown[]): unknown[] => rich({ type: "rich_text_section", elements });

/** Blocks of a message. */
export const WRONG_BLOCKS: readonly Wrong[] = [
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
  ["mrkdwn in a header", [{ type: "header", text: mrkdwn("x") }], "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"],
  ["a header without text", [{ type: "header" }], "missing required field: text [json-pointer:/blocks/0]"],
  ["no actions", actions(), "must provide at least 1 items [json-pointer:/blocks/0/elements]"],
  [
    "two blocks of one block_id",
    [
      { type: "divider", block_id: "b" },
      { type: "divider", block_id: "b" },
    ],
    '`block_id` "b" already exists [json-pointer:/blocks/1/block_id]',
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
];
