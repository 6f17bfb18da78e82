import { allBlocks, allElements } from "./block-kit/walk.ts";
import { objectsOf, objectOf, textOf, type Json } from "./json.ts";

/** Something Slack accepts and readers suffer from. Kept apart from Slack's own errors. */
export type Lint = { readonly rule: string; readonly message: string; readonly pointer: string };

/** On screens a button's text is cut at about 30 characters. */
const BUTTON_SEEN = 30;
/** Above this Slack folds or refuses at the next edit. */
const TEXT_KEPT = 4_000;

type Rule = (text: string, blocks: readonly Json[]) => Lint[];

const rules: readonly Rule[] = [noText, longText, primaries, longButtons, lonelyEmoji, broadcasts, actionIdsTwice];

export function lintMessage(text: string, blocks: readonly Json[] | null): Lint[] {
  return rules.flatMap((rule) => rule(text, blocks ?? []));
}

/** A view has no top-level text: only the rules about blocks. */
export function lintView(blocks: readonly Json[]): Lint[] {
  return [primaries, longButtons, lonelyEmoji, actionIdsTwice].flatMap((rule) => rule("", blocks));
}

function noText(text: string, blocks: readonly Json[]): Lint[] {
  if (text.trim() !== "" || blocks.length === 0) return [];
  return [{ rule: "no_text", message: "no top-level text: screen readers and notifications have nothing to say", pointer: "/text" }];
}

function longText(text: string): Lint[] {
  return text.length > TEXT_KEPT
    ? [{ rule: "long_text", message: `text has ${text.length} characters, keep it under ${TEXT_KEPT}`, pointer: "/text" }]
    : [];
}

function primaries(_text: string, blocks: readonly Json[]): Lint[] {
  const found = allElements(blocks).filter(({ element }) => element["style"] === "primary");
  return found.slice(1).map(({ pointer }) => ({ rule: "two_primaries", message: "more than one primary button", pointer }));
}

function longButtons(_text: string, blocks: readonly Json[]): Lint[] {
  return allElements(blocks).flatMap(({ element, pointer }) => {
    const words = textOf(objectOf(element["text"])["text"]) ?? "";
    const long = element["type"] === "button" && words.length > BUTTON_SEEN;
    return long ? [{ rule: "long_button", message: `"${words}" is cut at about ${BUTTON_SEEN} characters`, pointer }] : [];
  });
}

/** A line that is nothing but emoji says nothing to who cannot see them. */
function lonelyEmoji(_text: string, blocks: readonly Json[]): Lint[] {
  return texts(blocks).flatMap(({ text, pointer }) => {
    const lonely = text.split("\n").some((line) => /:[a-z0-9_+-]+:/u.test(line) && line.replaceAll(/:[a-z0-9_+-]+:/gu, "").trim() === "");
    return lonely ? [{ rule: "lonely_emoji", message: "an emoji without a word beside it", pointer }] : [];
  });
}

function broadcasts(text: string, blocks: readonly Json[]): Lint[] {
  const all = [{ text, pointer: "/text" }, ...texts(blocks)];
  return all
    .filter((one) => /<!(channel|here|everyone)/u.test(one.text))
    .map(({ pointer }) => ({
      rule: "broadcast",
      message: "this notifies the whole channel: was it meant, or foreign text not escaped?",
      pointer,
    }));
}

function actionIdsTwice(_text: string, blocks: readonly Json[]): Lint[] {
  const seen = new Set<string>();
  return allElements(blocks).flatMap(({ element, pointer }) => {
    const id = textOf(element["action_id"]);
    if (id === undefined) return [];
    const again = seen.has(id);
    seen.add(id);
    return again ? [{ rule: "action_id_twice", message: `action_id "${id}" stands in two blocks`, pointer }] : [];
  });
}

function texts(blocks: readonly Json[]): { text: string; pointer: string }[] {
  return allBlocks(blocks, "/blocks").flatMap(({ block, pointer }) => {
    const parts: [unknown, string][] = [
      [block["text"], `${pointer}/text`],
      ...objectsOf(block["fields"]).map((field, index): [unknown, string] => [field, `${pointer}/fields/${index}`]),
      ...objectsOf(block["elements"]).map((element, index): [unknown, string] => [element, `${pointer}/elements/${index}`]),
    ];
    return parts.flatMap(([part, at]) => {
      const text = textOf(objectOf(part)["text"]);
      return text === undefined ? [] : [{ text, pointer: at }];
    });
  });
}
