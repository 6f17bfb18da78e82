import { isJson, listOf } from "../json.ts";
import { accessory, actionsElement, cardButton, feedbackElement, image, inputElement } from "./elements.ts";
import { anyText, blockId, imageMembers, imageSource, mrkdwn, plainText } from "./objects.ts";
import { oneRichText, richText, richTextMembers } from "./rich-text.ts";
import {
  also,
  byType,
  either,
  flag,
  integer,
  lazily,
  list,
  may,
  need,
  number,
  object,
  oneOf,
  string,
  type Fields,
  type Rule,
} from "./rules.ts";

/** Blocks and where they may stand. Limits: docs.slack.dev/reference/block-kit/blocks and @slack/types. */

export type Surface = "message" | "modal" | "home";
export type BlockRow = { readonly surfaces: readonly Surface[]; readonly members: Fields; readonly wholes?: readonly Rule[] };

const everywhere: readonly Surface[] = ["message", "modal", "home"];
const messages: readonly Surface[] = ["message"];
const url = string({ min: 1, max: 3000 });
const cell = byType({
  raw_text: object({ text: need(string()) }),
  raw_number: object({ value: need(number()), text: need(string()) }),
  rich_text: richText,
});
const column = object({ align: may(oneOf("left", "center", "right")), is_wrapped: may(flag()) });

const taskMembers: Fields = {
  task_id: need(string({ min: 1 })),
  title: need(string({ min: 1 })),
  details: may(oneRichText),
  output: may(oneRichText),
  sources: may(list(byType({ url: object({ url: need(url), text: need(string({ min: 1 })) }) }))),
  status: need(oneOf("pending", "in_progress", "complete", "error")),
};
const cardMembers: Fields = {
  hero_image: may(image),
  icon: may(image),
  title: may(mrkdwn(150)),
  subtitle: may(mrkdwn(150)),
  body: may(mrkdwn(200)),
  actions: may(list(cardButton, { min: 1, max: 3 })),
};
const child = lazily(() => byType(childTable()));

/** One row a block type: the surfaces that show it, its members, and checks over the whole block. */
export const blockRows: Readonly<Record<string, BlockRow>> = {
  section: {
    surfaces: everywhere,
    members: {
      text: may(anyText(3000)),
      fields: may(list(anyText(2000), { min: 1, max: 10 })),
      accessory: may(accessory),
      expand: may(flag()),
    },
    wholes: [textOrFields],
  },
  actions: { surfaces: everywhere, members: { elements: need(list(actionsElement, { min: 1, max: 25 })) } },
  context: { surfaces: everywhere, members: { elements: need(list(contextElement(), { min: 1, max: 10 })) } },
  header: { surfaces: everywhere, members: { text: need(plainText(150)) } },
  divider: { surfaces: everywhere, members: {} },
  image: { surfaces: everywhere, members: { ...imageMembers, title: may(plainText(2000)) }, wholes: [imageSource] },
  rich_text: { surfaces: everywhere, members: richTextMembers },
  input: {
    surfaces: everywhere,
    members: {
      label: need(plainText(2000)),
      element: need(inputElement),
      hint: may(plainText(2000)),
      optional: may(flag()),
      dispatch_action: may(flag()),
    },
  },
  video: {
    surfaces: everywhere,
    members: {
      video_url: need(url),
      thumbnail_url: need(url),
      alt_text: need(string({ min: 1 })),
      title: need(plainText(199)),
      title_url: may(url),
      author_name: may(string({ max: 49 })),
      provider_name: may(string()),
      provider_icon_url: may(url),
      description: may(plainText(200)),
    },
  },
  markdown: { surfaces: messages, members: { text: need(string({ min: 1, max: 12_000 })) } },
  table: {
    surfaces: messages,
    members: { rows: need(list(list(cell, { min: 1, max: 20 }), { min: 1, max: 100 })), column_settings: may(list(column, { max: 20 })) },
  },
  data_table: {
    surfaces: messages,
    members: {
      rows: need(list(list(cell, { min: 1, max: 20 }), { min: 2, max: 101 })),
      caption: need(string({ min: 1 })),
      page_size: may(integer({ min: 1, max: 100 })),
      row_header_column_index: may(integer({ min: 0, max: 19 })),
    },
  },
  plan: {
    surfaces: messages,
    members: {
      title: need(string({ min: 1 })),
      tasks: may(list(byType({ task_card: object({ block_id: may(blockId), ...taskMembers }) }), { max: 50 })),
    },
  },
  task_card: { surfaces: messages, members: taskMembers },
  container: {
    surfaces: messages,
    members: {
      title: may(plainText(150)),
      rich_text_title: may(richText),
      subtitle: may(anyText(150)),
      child_blocks: need(list(child, { min: 1, max: 10 })),
      width: may(oneOf("narrow", "standard", "wide", "full")),
      icon: may(image),
      is_collapsible: may(flag()),
      default_collapsed: may(flag()),
      has_header_divider: may(flag()),
    },
    wholes: [either("title", "rich_text_title")],
  },
  card: { surfaces: ["message", "home"], members: cardMembers, wholes: [notEmptyCard] },
  carousel: {
    surfaces: ["message", "home"],
    members: { elements: need(list(byType({ card: object({ block_id: may(blockId), ...cardMembers }) }), { min: 1, max: 10 })) },
  },
  alert: {
    surfaces: ["modal"],
    members: { text: need(anyText(200)), level: may(oneOf("default", "info", "warning", "error", "success")) },
  },
  context_actions: { surfaces: messages, members: { elements: need(list(feedbackElement, { min: 1, max: 5 })) } },
  file: { surfaces: messages, members: { source: need(oneOf("remote")), external_id: need(string({ min: 1 })) } },
};

function contextElement(): Rule {
  const text = { text: need(string({ min: 1, max: 3000 })) };
  const table = {
    plain_text: object({ ...text, emoji: may(flag()) }),
    mrkdwn: object({ ...text, verbatim: may(flag()) }),
    image: also(object(imageMembers), imageSource),
  };
  return byType(table, { union: true });
}

function childTable(): Record<string, Rule> {
  const types = ["actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table", "video"];
  return Object.fromEntries(types.map((type) => [type, blockRule(type)]));
}

/** The rule of one block type, without its surface. */
export function blockRule(type: string): Rule {
  const row = blockRows[type];
  return also(object({ block_id: may(blockId), ...row?.members }), ...(row?.wholes ?? []));
}

/** Slack's own sentence and pointer (it points at `type`). */
function textOrFields(value: unknown, pointer: string): ReturnType<Rule> {
  const empty = isJson(value) && value["text"] === undefined && listOf(value["fields"]).length === 0;
  return empty ? [{ pointer: `${pointer}/type`, message: "must define either `text` or `fields`", code: "missing_field" }] : [];
}

function notEmptyCard(value: unknown, pointer: string): ReturnType<Rule> {
  const filled = isJson(value) && ["hero_image", "title", "body", "actions"].some((member) => value[member] !== undefined);
  return filled
    ? []
    : [{ pointer, message: "must define at least one of `hero_image`, `title`, `body`, `actions`", code: "missing_field" }];
}
