import { button, mrkdwn, option, plain, section } from "../blocks.ts";
import { actions, input, type Wrong } from "./shapes.ts";

/** What stands in a block to be pressed, picked or filled in. */
export const WRONG_ELEMENTS: readonly Wrong[] = [
  [
    "an input as accessory",
    [{ ...section("x"), accessory: { type: "plain_text_input" } }],
    "unsupported type: plain_text_input [json-pointer:/blocks/0/accessory/type]",
  ],
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
