import { isJson, listOf, objectsOf, textOf, type Json } from "../../sandbox/slack/json.ts";
import { specOf, type Role, type Surface, TEXT, VIEW } from "./spec.ts";

/**
 * Every single change of a message's blocks or of a view that crosses a limit of Slack: one character or item too many, none at all,
 * a required member less, another type, a member nobody knows, an id twice, something where it may not stand. What the limits are is
 * read from `spec.ts`, which knows nothing of the validator.
 */
export type Mutation = { readonly kind: string; readonly pointer: string; readonly document: unknown };

type Path = readonly (string | number)[];
type Change = { readonly kind: string; readonly path: Path; readonly edit: (target: Json) => void };

/** @param document an array of blocks, or a view */
export function mutationsOf(document: unknown, surface: Surface): Mutation[] {
  const blocks = Array.isArray(document) ? document : listOf(isJson(document) ? document["blocks"] : undefined);
  const at: Path = Array.isArray(document) ? [] : ["blocks"];
  const changes = [
    ...(isJson(document) ? visit(document, [], VIEW[surface]) : []),
    ...blocks.flatMap((block, index) => (isJson(block) ? visit(block, [...at, index], specOf(block, "block")) : [])),
  ];
  return [...changes.map((change) => applied(document, change)), ...ofTheWhole(document, at, surface)];
}

function applied(document: unknown, change: Change): Mutation {
  const copy: unknown = structuredClone(document);
  const target = valueAt(copy, change.path);
  if (!isJson(target)) throw new Error(`there is no object at ${change.path.join("/")}`);
  change.edit(target);
  return { kind: change.kind, pointer: `/${change.path.join("/")}`, document: copy };
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (Array.isArray(value) ? value[Number(key)] : isJson(value) ? value[key] : undefined),
    document,
  );
}

/** All changes in one object and in what stands inside of it. */
function visit(value: Json, path: Path, role: Role): Change[] {
  const change = (kind: string, edit: (target: Json) => void): Change => ({ kind, path, edit });
  const members = Object.keys(value).filter((name) => value[name] !== undefined);
  return [
    change("unknown member", (target) => (target["greenlight"] = 1)),
    ...[...(role.need ?? []), ...(value["type"] === undefined ? [] : ["type"])].map((name) =>
      change(`without ${name}`, (target) => Reflect.deleteProperty(target, name)),
    ),
    ...members
      .filter((name) => name !== "type")
      .map((name) => change(`${name} of another type`, (target) => (target[name] = otherType(value[name])))),
    ...(value["type"] === undefined ? [] : [change("unknown type", (target) => (target["type"] = "greenlight"))]),
    ...members.flatMap((name) => ofMember(value, name, path, role)),
  ];
}

function ofMember(value: Json, name: string, path: Path, role: Role): Change[] {
  const member = value[name];
  const change = (kind: string, edit: (target: Json) => void): Change => ({ kind: `${name} ${kind}`, path, edit });
  const found: Change[] = [];
  const longest = role.strings?.[name];
  if (typeof member === "string" && longest !== undefined)
    found.push(change("too long", (target) => (target[name] = member.padEnd(longest + 1, "x"))));
  if (typeof member === "string" && role.filled?.includes(name)) found.push(change("empty", (target) => (target[name] = "")));
  if (role.oneOf?.includes(name)) found.push(change("of no known value", (target) => (target[name] = "greenlight")));
  const range = role.numbers?.[name];
  if (range)
    found.push(
      change("too small", (target) => (target[name] = range[0] - 1)),
      change("too large", (target) => (target[name] = range[1] + 1)),
    );
  const words = role.texts?.[name];
  if (isJson(member) && words !== undefined)
    found.push(...visit(member, [...path, name], TEXT(words)), ...ofText(value, name, path, words));
  const inner = role.objects?.[name];
  if (isJson(member) && inner !== undefined) found.push(...visit(member, [...path, name], specOf(member, inner)));
  const rows = role.lists?.[name];
  if (Array.isArray(member) && rows !== undefined) {
    if (rows.max !== undefined) found.push(change("too many", (target) => (target[name] = grown(member, Number(rows.max) + 1))));
    if (rows.min !== undefined) found.push(change("none", (target) => (target[name] = [])));
    const each = (one: unknown, index: number): Change[] => {
      const here = [...path, name, index];
      if (typeof rows.of !== "string")
        return isJson(one) ? [...visit(one, here, TEXT(rows.of)), ...ofItem(path, name, index, rows.of)] : [];
      return isJson(one) ? [...visit(one, here, specOf(one, rows.of)), ...misplaced(path, name, index, rows.of)] : [];
    };
    found.push(
      ...member.flatMap(each),
      change("with something that is no object", (target) => (target[name] = [...member, "greenlight"])),
    );
    found.push(...sameIds(member, path, name));
  }
  return found;
}

/** A text where only the other kind of text may stand. */
function ofText(value: Json, name: string, path: Path, words: { readonly plain: boolean }): Change[] {
  if (!words.plain) return [];
  const text = textOf(isJson(value[name]) ? value[name]["text"] : undefined) ?? "x";
  return [{ kind: `${name} in mrkdwn`, path, edit: (target) => (target[name] = { type: "mrkdwn", text }) }];
}

function ofItem(path: Path, name: string, index: number, words: { readonly plain: boolean }): Change[] {
  if (!words.plain) return [];
  return [
    { kind: `${name} in mrkdwn`, path, edit: (target) => (target[name] = listOf(target[name]).with(index, { type: "mrkdwn", text: "x" })) },
  ];
}

/** What may not stand in this list, though Slack knows it. */
const STRANGERS: Readonly<Record<string, Json>> = {
  action: { type: "image", image_url: "https://x.test/a.png", alt_text: "a" },
  note: { type: "button", action_id: "elsewhere", text: { type: "plain_text", text: "x" } },
  part: { type: "text", text: "x" },
  word: { type: "rich_text_section", elements: [] },
};

function misplaced(path: Path, name: string, index: number, of: string): Change[] {
  const stranger = STRANGERS[of];
  return stranger === undefined
    ? []
    : [{ kind: `${name} of another place`, path, edit: (target) => (target[name] = listOf(target[name]).with(index, stranger)) }];
}

function sameIds(items: readonly unknown[], path: Path, name: string): Change[] {
  const ids = items.map((one) => (isJson(one) ? textOf(one["action_id"]) : undefined));
  return ids.flatMap((id, index) =>
    index === 0 || id === undefined || ids[0] === undefined
      ? []
      : [{ kind: "action_id twice", path: [...path, name, index], edit: (target: Json) => (target["action_id"] = ids[0]) }],
  );
}

/** Copies of the last one, each with ids of its own: nothing but their number is wrong. */
function grown(items: readonly unknown[], wanted: number): unknown[] {
  const last = items.at(-1);
  const copies = Array.from({ length: Math.max(0, wanted - items.length) }, (_, index) => renamed(last, index));
  return [...items, ...copies];
}

function renamed(value: unknown, index: number): unknown {
  if (!isJson(value)) return value;
  const id = value["action_id"] === undefined ? {} : { action_id: `copy${index}` };
  const block = value["block_id"] === undefined ? {} : { block_id: `copy${index}` };
  const option = typeof value["value"] === "string" && value["type"] === undefined ? { value: `copy${index}` } : {};
  const inner = Object.entries(value).map(([name, member]) => [
    name,
    Array.isArray(member) ? member.map((one) => renamed(one, index)) : renamed(member, index),
  ]);
  return { ...Object.fromEntries(inner), ...id, ...block, ...option };
}

function otherType(value: unknown): unknown {
  if (typeof value === "string") return 7;
  if (typeof value === "number" || typeof value === "boolean") return "7";
  return Array.isArray(value) ? { 0: value[0] } : "greenlight";
}

/** Too many blocks, an id twice, and blocks that this surface does not show. */
function ofTheWhole(document: unknown, path: Path, surface: Surface): Mutation[] {
  const blocks = objectsOf(valueAt(document, path));
  const most = surface === "message" ? 50 : 100;
  const put = (kind: string, changed: readonly unknown[]): Mutation => ({
    kind,
    pointer: `/${path.join("/")}`,
    document: Array.isArray(document) ? changed : { ...(isJson(document) ? document : {}), blocks: changed },
  });
  const plain = { type: "divider" };
  const ids = blocks.map((block) => textOf(block["block_id"]));
  const named = ids.findIndex((id) => id !== undefined);
  return [
    put("too many blocks", [...blocks, ...Array.from({ length: most + 1 - blocks.length }, () => plain)]),
    put("a block that is no object", [...blocks, "greenlight"]),
    ...(named < 0 ? [] : [put("block_id twice", [...blocks, { ...plain, block_id: ids[named] }])]),
    ...blocks.flatMap((_, index) =>
      FOREIGN[surface].map((block) => put(`${String(block["type"])} on a ${surface}`, blocks.with(index, block))),
    ),
  ];
}

const alert = { type: "alert", text: { type: "mrkdwn", text: "x" } };
const table = { type: "table", rows: [[{ type: "raw_text", text: "x" }]] };
const only = [
  { type: "markdown", text: "x" },
  table,
  { type: "plan", title: "x" },
  { type: "context_actions", elements: [{ type: "icon_button", icon: "trash", text: { type: "plain_text", text: "x" } }] },
];
const card = { type: "card", title: { type: "mrkdwn", text: "x" } };

const FOREIGN: Readonly<Record<Surface, readonly Json[]>> = { message: [alert], modal: [...only, card], home: [...only, alert] };
