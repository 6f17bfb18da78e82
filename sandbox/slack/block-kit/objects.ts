import { also, byType, either, flag, list, may, need, object, oneOf, string, type Rule } from "./rules.ts";
import { isJson } from "../json.ts";

/** Composition objects: texts, options, confirm dialogs, files. Limits: docs.slack.dev/reference/block-kit/composition-objects. */

export function plainText(max: number): Rule {
  return byType({ plain_text: object({ text: need(string({ min: 1, max })), emoji: may(flag()) }) });
}

export function mrkdwn(max: number): Rule {
  return byType({ mrkdwn: object({ text: need(string({ min: 1, max })), verbatim: may(flag()) }) });
}

/** plain_text or mrkdwn: a union, so Slack reports it in two lines. */
export function anyText(max: number): Rule {
  return byType(
    {
      plain_text: object({ text: need(string({ min: 1, max })), emoji: may(flag()) }),
      mrkdwn: object({ text: need(string({ min: 1, max })), verbatim: may(flag()) }),
    },
    { union: true },
  );
}

export const actionId = string({ min: 1, max: 255 });
export const blockId = string({ min: 1, max: 255 });
export const placeholder = plainText(150);
export const style = oneOf("primary", "danger");

export const confirm = object({
  title: may(plainText(100)),
  text: need(anyText(300)),
  confirm: may(plainText(30)),
  deny: may(plainText(30)),
  style: may(style),
});

/** Older documentation said 75 for `value`; it is 150. */
const optionValue = string({ min: 1, max: 150 });

export const option = object({ text: need(plainText(75)), value: need(optionValue), description: may(plainText(75)) });
export const richOption = object({ text: need(anyText(75)), value: need(optionValue), description: may(anyText(75)) });
/** An option of an overflow menu. Only one with a url can do without a value. */
export const linkOption: Rule = also(
  object({
    text: need(plainText(75)),
    value: may(optionValue),
    description: may(plainText(75)),
    url: may(string({ min: 1, max: 3000 })),
  }),
  (value, pointer) =>
    isJson(value) && value["value"] === undefined && value["url"] === undefined
      ? [{ pointer, message: "missing required field: value", code: "missing_field" }]
      : [],
);

export const optionGroup = object({ label: need(plainText(75)), options: need(list(option, { min: 1, max: 100 })) });

export const slackFile = also(object({ id: may(string({ min: 1 })), url: may(string({ min: 1 })) }), either("id", "url"));

/** What an image and an image element share: `image_url` or `slack_file`, never both. */
export const imageSource: Rule = either("image_url", "slack_file");

export const imageMembers = {
  alt_text: need(string({ min: 1, max: 2000 })),
  image_url: may(string({ min: 1, max: 3000, pattern: /^https?:\/\//u })),
  slack_file: may(slackFile),
};

export const dispatchConfig = object({
  trigger_actions_on: may(list(oneOf("on_enter_pressed", "on_character_entered"), { min: 1, max: 2 })),
});

export const conversationFilter: Rule = also(
  object({
    include: may(list(oneOf("im", "mpim", "private", "public"), { min: 1 })),
    exclude_external_shared_channels: may(flag()),
    exclude_bot_users: may(flag()),
  }),
  (value, pointer) =>
    isJson(value) && Object.keys(value).length === 0 ? [{ pointer, message: "must provide at least 1 items", code: "min_items" }] : [],
);
