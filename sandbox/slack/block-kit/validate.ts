import { isJson, listOf, objectsOf, type Json } from "../json.ts";
import { blockRows, blockRule, type Surface } from "./blocks.ts";
import { composition } from "./composition.ts";
import { plainText } from "./objects.ts";
import { byType, flag, list, may, need, object, string, type Fault, type Rule } from "./rules.ts";

/** A message holds 50 blocks, a view 100 (docs.slack.dev/reference/block-kit/blocks). */
const MOST_BLOCKS = { message: 50, modal: 100, home: 100 } as const;

/** A view may weigh 250 kB as JSON. */
export const MOST_VIEW_BYTES = 250_000;

/** Everything Slack would refuse about these blocks on this surface; empty when they are fine. */
export function checkBlocks(blocks: unknown, surface: Surface, pointer: string): Fault[] {
  const table = Object.fromEntries(
    Object.entries(blockRows)
      .filter(([, row]) => row.surfaces.includes(surface))
      .map(([type]) => [type, blockRule(type)]),
  );
  const faults = list(byType(table), { max: MOST_BLOCKS[surface] })(blocks, pointer);
  return faults.length > 0 ? [...faults] : composition(objectsOf(blocks), pointer);
}

const short = plainText(24);
const shared = {
  private_metadata: may(string({ max: 3000 })),
  callback_id: may(string({ max: 255 })),
  external_id: may(string({ max: 255 })),
};
const modal = object({
  ...shared,
  title: need(short),
  submit: may(short),
  close: may(short),
  clear_on_close: may(flag()),
  notify_on_close: may(flag()),
  submit_disabled: may(flag()),
  blocks: need(blocksOf("modal")),
});
const home = object({ ...shared, blocks: need(blocksOf("home")) });

function blocksOf(surface: Surface): Rule {
  return (value, pointer) => checkBlocks(value, surface, pointer);
}

/** Everything Slack would refuse about a view. `only` is the kind the method takes. */
export function checkView(view: unknown, only?: "modal" | "home"): Fault[] {
  const pointer = "/view";
  if (!isJson(view)) return [{ pointer, message: "must provide an object", code: "invalid_type" }];
  if (view["type"] === undefined) {
    const missing = ["title", "blocks"].filter((name) => view[name] === undefined && (only !== "home" || name === "blocks"));
    return [...missing, "type"].map((name) => ({ pointer, message: `missing required field: ${name}`, code: "missing_field" }));
  }
  const table: Record<string, Rule> = { ...(only === "home" ? {} : { modal }), ...(only === "modal" ? {} : { home }) };
  const faults = byType(table)(view, pointer);
  return faults.length > 0 ? [...faults] : submitForInputs(view, pointer);
}

function submitForInputs(view: Json, pointer: string): Fault[] {
  if (view["type"] !== "modal" || view["submit"] !== undefined) return [];
  const at = listOf(view["blocks"]).findIndex((block) => isJson(block) && block["type"] === "input");
  if (at < 0) return [];
  return [
    { pointer: `${pointer}/blocks/${at}/input`, message: "must define `submit` to use an `input` block in modals", code: "missing_field" },
  ];
}

/** Slack's answer body for faults: https://github.com/huggingface/peft/issues/1251 shows one. */
export function refusal(error: string, faults: readonly Fault[]): Json {
  return {
    ok: false,
    error,
    errors: faults.filter((fault) => fault.union === undefined).map(line),
    response_metadata: { messages: faults.map((fault) => `[ERROR] ${line(fault)}`) },
  };
}

function line(fault: Fault): string {
  return `${fault.message} [json-pointer:${fault.pointer}]`;
}
