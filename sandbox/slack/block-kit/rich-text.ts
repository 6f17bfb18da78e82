import { byType, flag, integer, lazily, list, may, need, object, oneOf, string, type Fields, type Rule } from "./rules.ts";

/** Rich text: docs.slack.dev/reference/block-kit/blocks/rich-text-block. `date` with `{ago}` ticks on the client. */

const inline = object({ bold: may(flag()), italic: may(flag()), strike: may(flag()), code: may(flag()), underline: may(flag()) });
const marks = object({
  bold: may(flag()),
  italic: may(flag()),
  strike: may(flag()),
  code: may(flag()),
  underline: may(flag()),
  highlight: may(flag()),
  client_highlight: may(flag()),
  unlink: may(flag()),
});

function leaf(fields: Fields, style: Rule = marks): Rule {
  return object({ ...fields, style: may(style) });
}

const id = need(string({ min: 1 }));
const words: Readonly<Record<string, Rule>> = {
  text: leaf({ text: need(string({ min: 1 })) }, inline),
  link: leaf({ url: need(string({ min: 1 })), text: may(string()), unsafe: may(flag()) }, inline),
  emoji: leaf({ name: id, unicode: may(string()), url: may(string()) }),
  user: leaf({ user_id: id }),
  usergroup: leaf({ usergroup_id: id }),
  channel: leaf({ channel_id: id }),
  team: leaf({ team_id: id }),
  broadcast: leaf({ range: need(oneOf("here", "channel", "everyone")) }),
  color: leaf({ value: need(string({ pattern: /^#[0-9a-fA-F]{6}$/u })) }),
  date: leaf({
    timestamp: need(integer({ min: 0 })),
    format: need(string({ min: 1, pattern: /\{[a-z_]+\}/u })),
    url: may(string({ min: 1 })),
    fallback: may(string()),
  }),
};
const word = byType(words);
const plainWord = byType({
  text: leaf({ text: need(string({ min: 1 })) }, inline),
  link: leaf({ url: id, text: may(string()), unsafe: may(flag()) }, inline),
});

const border = may(integer({ min: 0, max: 1 }));
const section = object({ elements: need(list(word)) });

/** The four containers a rich text is made of. */
const containers = byType({
  rich_text_section: section,
  rich_text_list: object({
    elements: need(list(byType({ rich_text_section: section }))),
    style: need(oneOf("bullet", "ordered")),
    indent: may(integer({ min: 0, max: 8 })),
    offset: may(integer({ min: 0 })),
    border,
  }),
  rich_text_quote: object({ elements: need(list(word)), border }),
  rich_text_preformatted: object({ elements: need(list(plainWord)), border, language: may(string()) }),
});

export const richTextMembers = { elements: need(list(containers)) };

/** A rich text where it is a member of something else (a table cell, a task's output): no union around it. */
export const richText: Rule = lazily(() => byType({ rich_text: object({ block_id: may(string({ max: 255 })), ...richTextMembers }) }));

/** details and output of a task_card: exactly one container. */
export const oneRichText: Rule = byType({
  rich_text: object({ block_id: may(string({ max: 255 })), elements: need(list(containers, { min: 1, max: 1 })) }),
});
