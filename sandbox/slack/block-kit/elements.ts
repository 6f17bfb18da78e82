import { isJson, objectsOf } from "../json.ts";
import {
  actionId,
  confirm,
  conversationFilter,
  dispatchConfig,
  imageMembers,
  imageSource,
  linkOption,
  option,
  optionGroup,
  placeholder,
  plainText,
  richOption,
  style,
} from "./objects.ts";
import { also, byType, either, flag, integer, lazily, list, may, need, object, string, type Fields, type Rule } from "./rules.ts";
import { richText } from "./rich-text.ts";

/** Interactive elements. Limits: docs.slack.dev/reference/block-kit/block-elements and @slack/types. */

const acting = { action_id: may(actionId) };
const confirmed = { ...acting, confirm: may(confirm) };
const focused = { ...confirmed, focus_on_load: may(flag()) };
const chosen = { ...focused, placeholder: may(placeholder) };
const typed = { ...acting, focus_on_load: may(flag()), placeholder: may(placeholder), dispatch_action_config: may(dispatchConfig) };
const several = { max_selected_items: may(integer({ min: 1 })) };
const label = may(plainText75());
const options100 = may(list(option, { min: 1, max: 100 }));
const groups100 = may(list(optionGroup, { min: 1, max: 100 }));
const queryLength = may(integer({ min: 0 }));
const id = string({ min: 1 });
const responds = { response_url_enabled: may(flag()) };

function plainText75(): Rule {
  return string({ max: 75 });
}

const button: Fields = {
  ...confirmed,
  text: need(plainText(75)),
  value: may(string({ max: 2000 })),
  url: may(string({ min: 1, max: 3000 })),
  style: may(style),
  accessibility_label: label,
};

/** Every element type with its members. */
const members: Readonly<Record<string, Fields>> = {
  button,
  workflow_button: {
    ...confirmed,
    text: need(plainText(75)),
    workflow: need(object({ trigger: need(workflowTrigger()) })),
    style: may(style),
    accessibility_label: label,
  },
  overflow: { ...confirmed, options: need(list(linkOption, { min: 1, max: 5 })) },
  static_select: { ...chosen, options: options100, option_groups: groups100, initial_option: may(option) },
  multi_static_select: {
    ...chosen,
    ...several,
    options: options100,
    option_groups: groups100,
    initial_options: may(list(option, { max: 100 })),
  },
  external_select: { ...chosen, initial_option: may(option), min_query_length: queryLength },
  multi_external_select: { ...chosen, ...several, initial_options: may(list(option, { max: 100 })), min_query_length: queryLength },
  users_select: { ...chosen, initial_user: may(id) },
  multi_users_select: { ...chosen, ...several, initial_users: may(list(id)) },
  channels_select: { ...chosen, ...responds, initial_channel: may(id) },
  multi_channels_select: { ...chosen, ...several, initial_channels: may(list(id)) },
  conversations_select: {
    ...chosen,
    ...responds,
    initial_conversation: may(id),
    default_to_current_conversation: may(flag()),
    filter: may(conversationFilter),
  },
  multi_conversations_select: {
    ...chosen,
    ...several,
    initial_conversations: may(list(id)),
    default_to_current_conversation: may(flag()),
    filter: may(conversationFilter),
  },
  radio_buttons: { ...focused, options: need(list(richOption, { min: 1, max: 10 })), initial_option: may(richOption) },
  checkboxes: {
    ...focused,
    options: need(list(richOption, { min: 1, max: 10 })),
    initial_options: may(list(richOption, { min: 1, max: 10 })),
  },
  datepicker: { ...chosen, initial_date: may(string({ pattern: /^\d{4}-\d{2}-\d{2}$/u })) },
  timepicker: { ...chosen, initial_time: may(string({ pattern: /^([01]\d|2[0-3]):[0-5]\d$/u })), timezone: may(id) },
  datetimepicker: { ...focused, initial_date_time: may(integer({ min: 1_000_000_000, max: 9_999_999_999 })) },
  plain_text_input: {
    ...typed,
    initial_value: may(string({ max: 3000 })),
    multiline: may(flag()),
    min_length: may(integer({ min: 0, max: 3000 })),
    max_length: may(integer({ min: 1, max: 3000 })),
  },
  email_text_input: { ...typed, initial_value: may(string()) },
  url_text_input: { ...typed, initial_value: may(string()) },
  number_input: {
    ...typed,
    is_decimal_allowed: need(flag()),
    initial_value: may(string()),
    min_value: may(string()),
    max_value: may(string()),
  },
  file_input: { ...acting, filetypes: may(list(id)), max_files: may(integer({ min: 1, max: 10 })) },
  rich_text_input: {
    ...typed,
    initial_value: may(lazily(() => richText)),
    min_lines: may(integer({ min: 1, max: 100 })),
    max_lines: may(integer({ min: 1, max: 100 })),
  },
  image: imageMembers,
  feedback_buttons: { ...acting, positive_button: need(feedback()), negative_button: need(feedback()) },
  icon_button: {
    ...confirmed,
    icon: need(id),
    text: need(plainText(75)),
    accessibility_label: label,
    value: may(string({ max: 2000 })),
    visible_to_user_ids: may(list(id, { max: 10 })),
  },
};

function workflowTrigger(): Rule {
  const parameter = object({ name: need(string({ min: 1 })), value: need(string()) });
  return object({ url: need(string({ min: 1 })), customizable_input_parameters: may(list(parameter)) });
}

function feedback(): Rule {
  return object({ text: need(plainText(75)), value: need(string({ max: 2000 })), accessibility_label: may(string({ max: 75 })) });
}

/** Checks that go over one element as a whole. */
const wholes: Readonly<Record<string, readonly Rule[]>> = {
  static_select: [either("options", "option_groups"), initialIsOffered("initial_option")],
  multi_static_select: [either("options", "option_groups"), initialIsOffered("initial_options")],
  radio_buttons: [initialIsOffered("initial_option")],
  checkboxes: [initialIsOffered("initial_options")],
  image: [imageSource],
};

function initialIsOffered(member: string): Rule {
  return (value, pointer) => {
    if (!isJson(value) || value[member] === undefined) return [];
    const offered = [...objectsOf(value["options"]), ...objectsOf(value["option_groups"]).flatMap((group) => objectsOf(group["options"]))];
    const wanted = Array.isArray(value[member]) ? objectsOf(value[member]) : [value[member]];
    const known = wanted.every((one) => isJson(one) && offered.some((other) => other["value"] === one["value"]));
    return known ? [] : [{ pointer: `${pointer}/${member}`, message: "failed to match schema", code: "not_an_option" }];
  };
}

function elementRule(type: string): Rule {
  return also(object(members[type] ?? {}), ...(wholes[type] ?? []));
}

/** A rule that allows these element types only. */
export function elements(...types: readonly string[]): Rule {
  return byType(Object.fromEntries(types.map((type) => [type, elementRule(type)])), { union: true });
}

const selects = ["static_select", "external_select", "users_select", "channels_select", "conversations_select"];
const multiSelects = selects.map((type) => `multi_${type}`);
const choices = [...selects, ...multiSelects, "radio_buttons", "checkboxes", "datepicker", "timepicker"];

export const actionsElement = elements("button", "workflow_button", "overflow", "datetimepicker", "rich_text_input", ...choices);
export const accessory = elements("button", "workflow_button", "overflow", "image", ...choices);
export const inputElement = elements(
  "plain_text_input",
  "email_text_input",
  "url_text_input",
  "number_input",
  "file_input",
  "rich_text_input",
  "datetimepicker",
  ...choices,
);
export const image = elements("image");
export const cardButton = elements("button");
export const feedbackElement = elements("feedback_buttons", "icon_button");
