import { findElement } from "../block-kit/walk.ts";
import { checkOptions } from "../block-kit/options.ts";
import type { Context } from "../context.ts";
import { deliver } from "../deliver/deliver.ts";
import { objectOf, objectsOf, textOf, type Json } from "../json.ts";
import { notSent, outcomeOf, type Outcome } from "./outcome.ts";
import { blocksAt, envelope, personOf, placePart } from "./payload.ts";
import { placeOf, type Where } from "./place.ts";
import { NotPossible } from "./values.ts";

export type Typing = Where & { readonly action_id: string; readonly block_id?: string | undefined; readonly value: string };
export type Suggested = Outcome & { readonly options: Json[]; readonly option_groups: Json[] | null };

/** Options that were offered last, by context, person and action id: only those can be picked. */
const offered = new WeakMap<Context, Map<string, Json[]>>();

export function offeredOptions(context: Context, user: string, actionId: string): readonly Json[] {
  return offered.get(context)?.get(`${user} ${actionId}`) ?? [];
}

/** Somebody types into a select whose options come from the bot. Fewer characters than min_query_length (3) ask nothing. */
export async function typeSelect(context: Context, act: Typing): Promise<Suggested> {
  const user = personOf(context, act.user);
  const place = placeOf(context, act);
  const found = findElement(blocksAt(place), act.action_id, act.block_id);
  if (!found || !/^(multi_)?external_select$/u.test(textOf(found.element["type"]) ?? "")) {
    throw new NotPossible(`${act.action_id} is no select that asks the app for its options`);
  }
  const least = found.element["min_query_length"] ?? 3;
  const none = { options: [], option_groups: null };
  if (typeof least === "number" && act.value.length < least) return { ...notSent("block_suggestion", null), ...none };
  const block = textOf(found.block["block_id"]) ?? "";
  const payload: Json = {
    type: "block_suggestion",
    ...envelope(context, user),
    ...placePart(context, place),
    action_id: act.action_id,
    block_id: block,
    value: act.value,
  };
  const ack = await deliver(context, { kind: "interactive", label: `block_suggestion ${act.action_id}`, payload, acceptsResponse: true });
  const answer = objectOf(ack.body);
  const faults = ack.result === "ok" ? checkOptions(answer) : [];
  if (ack.result !== "ok" || faults.length > 0) {
    const why = faults[0] ? `Failed to load options: ${faults[0].message} [json-pointer:${faults[0].pointer}]` : "Failed to load options";
    return { ...outcomeOf("block_suggestion", ack, why), ...none };
  }
  const groups = answer["option_groups"] === undefined ? null : objectsOf(answer["option_groups"]);
  const options = groups ? groups.flatMap((group) => objectsOf(group["options"])) : objectsOf(answer["options"]);
  const memory = offered.get(context) ?? new Map<string, Json[]>();
  offered.set(context, memory);
  const key = `${user.id} ${act.action_id}`;
  memory.set(key, [...options, ...(memory.get(key) ?? [])].slice(0, 1000));
  return { ...outcomeOf("block_suggestion", ack, null), options, option_groups: groups };
}
