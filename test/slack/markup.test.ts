import { describe, expect, test } from "vitest";
import type { Reply } from "../../src/domain/card.ts";
import { renderAnswer } from "../../src/slack/render/answer.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { renderReply } from "../../src/slack/render/reply.ts";
import { context, NOW } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { everyAnswer } from "./sayings.ts";

/** Foreign words in mrkdwn, which has no way to write its own marks: they may neither become marks nor break ours. */

const NASTY = ["*", "*bold*", "__init__.py", "~x~", "a`b", "```", "a\nb", "*_~`", "fix `a*b` and `c"];

/** Every text that Slack parses, whole code left out: nothing is parsed in it. */
function parsed(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => parsed(item));
  const { type, text }: { readonly type?: unknown; readonly text?: unknown } = value;
  if (type === "mrkdwn" && typeof text === "string") return [text];
  return Object.values(value).flatMap((item) => parsed(item));
}

/** The marks that stand in it, in their order. A low line within a word marks nothing. */
function marks(text: string): string {
  return (text.replace(/`[^`\n]+`/gu, "").match(/[*~`\n]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}_])/gu) ?? []).join("");
}

function marksOf(rendered: { readonly text: string; readonly blocks: readonly unknown[] }): readonly string[] {
  return [marks(rendered.text), ...parsed(rendered.blocks).map((text) => marks(text))];
}

function words(text: string): Parameters<typeof everyCard>[0] & {} {
  return { title: text, name: `x${text}`, host: `x${text}`, url: "https://git.acme.test/1" };
}

const ping: Reply = {
  key: "ping",
  kind: "ping",
  ping: "failed",
  broadcast: false,
  mention: [],
  text: "",
  preformatted: null,
  rollBackButton: false,
};
const around = { groups: new Map<string, string>(), rollBack: null, log: null, ...context };

function bold(text: string): string {
  const { blocks } = renderReply({ ...ping, text: `Not deployed ${text} here. And more.` }, around);
  return blocks.map((block) => (block.type === "section" ? (block.text?.text ?? "") : "")).join("");
}

function marksOfCards(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(everyCard(words(text))).map(([name, model]) => [name, marksOf(renderCard(model, context))]));
}

/** As one text each: which line begins another section is a matter of length. */
function marksOfAnswers(text: string): readonly string[] {
  return everyAnswer({ ...words(text), many: 2 }).map((answer) => marksOf(renderAnswer(answer, { now: NOW })).join("\n"));
}

describe.each(NASTY)("the words %j", (nasty) => {
  // As long, so that texts are cut at the same places.
  const calm = nasty.replace(/[^a-z]/gu, "x");

  test("leave the marks of every card alone", () => {
    expect(marksOfCards(nasty)).toEqual(marksOfCards(calm));
  });

  test("leave the marks of every answer alone", () => {
    expect(marksOfAnswers(nasty)).toEqual(marksOfAnswers(calm));
  });

  test("leave the bold beginning of a ping alone", () => {
    expect(marks(bold(nasty)).replaceAll("\n", "")).toBe("**");
    // Bold ends with its line.
    expect(bold(nasty)).toMatch(/^\*[^*\n]+\*/u);
  });
});

test("what may stand as it is stays: marks within words, and commands in backticks", () => {
  const card = renderReply({ ...ping, text: "Failed: `/deploy lock shop` of on_call_list." }, around);
  expect(JSON.stringify(card.blocks)).toContain("`/deploy lock shop` of on_call_list.");
});
