import { mrkdwn, plain, section } from "../blocks.ts";
import { input, table, type Wrong } from "./shapes.ts";

/** Modals. */
export const WRONG_MODALS: readonly Wrong[] = [
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

/** Home tabs. */
export const WRONG_HOMES: readonly Wrong[] = [
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
