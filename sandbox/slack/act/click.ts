import { findElement, type Found } from "../block-kit/walk.ts";
import type { Context } from "../context.ts";
import { deliver, type Ack } from "../deliver/deliver.ts";
import { createResponseUrl } from "../deliver/responses.ts";
import { textOf, type Json } from "../json.ts";
import { viewShape } from "../api/shapes.ts";
import { emitStack } from "../views.ts";
import { STATELESS, takeValues, type FormValues } from "./form.ts";
import { endPress, outcomeOf, startPress, type Outcome } from "./outcome.ts";
import { blocksAt, createTrigger, envelope, personOf, placePart, type Place } from "./payload.ts";
import { placeOf, type Where } from "./place.ts";
import { offeredOptions } from "./suggest.ts";
import { NotPossible, optionOf, stateOf } from "./values.ts";

export type Click = Where & {
  readonly action_id: string;
  readonly block_id?: string | undefined;
  readonly option?: unknown;
  readonly value?: unknown;
  readonly values?: FormValues | undefined;
};

/** What Slack writes under a button that got no ack. */
const WARNING = "This app responded with an error or not at all. Try again.";

/** Somebody presses a button or picks an option. */
export async function click(context: Context, act: Click): Promise<Outcome> {
  const user = personOf(context, act.user);
  const place = placeOf(context, act);
  const found = findElement(blocksAt(place), act.action_id, act.block_id);
  if (!found) throw new NotPossible(`there is no element ${act.action_id} there now`);
  if (place.kind === "view" && act.values) takeValues(context, place.view, act.values);
  const action = actionOf(context, place, found, act);
  const inView = place.kind === "view" ? place.view.id : null;
  const payload: Json = {
    type: "block_actions",
    ...envelope(context, user),
    ...placePart(context, place),
    trigger_id: createTrigger(context, user.id, inView),
    ...(place.kind === "view"
      ? { view: viewShape(place.view) }
      : { state: { values: stateAfter(found, action) }, response_url: responseUrl(context, user.id, place) }),
    actions: [action],
  };
  const stored = place.kind === "message" ? place.message : place.kind === "ephemeral" ? place.entry : null;
  const at = { channel: stored?.channel ?? null, ts: stored?.ts ?? null, view_id: inView };
  const block = textOf(found.block["block_id"]) ?? null;
  const press = startPress(context, { user: user.id, kind: "block_actions", ...at, action_id: act.action_id, block_id: block });
  const ack: Ack = await deliver(context, {
    kind: "interactive",
    label: `block_actions ${act.action_id}`,
    payload,
    acceptsResponse: false,
  });
  const shown = ack.result === "ok" ? null : WARNING;
  endPress(context, press, ack, shown);
  return outcomeOf("block_actions", ack, shown);
}

/** One entry of `actions`. In a view the element's new state is stored too. */
function actionOf(context: Context, place: Place, found: Found, act: Click): Json {
  const { element, block } = found;
  const type = textOf(element["type"]) ?? "";
  const base = { action_id: act.action_id, block_id: textOf(block["block_id"]) ?? "", type, action_ts: context.ids.ts() };
  if (type === "button" || type === "icon_button" || type === "workflow_button") {
    const members = ["text", "value", "style", "url"].filter((name) => element[name] !== undefined).map((name) => [name, element[name]]);
    return { ...base, ...Object.fromEntries(members) };
  }
  if (type === "feedback_buttons") return { ...base, value: act.value ?? "" };
  if (type === "overflow") return { ...base, selected_option: optionOf(element, act.option, []) };
  const state = stateOf(element, act.option ?? act.value, offeredOptions(context, act.user, act.action_id));
  if (place.kind === "view") {
    const before = place.view.values[base.block_id] ?? {};
    place.view.values[base.block_id] = { ...before, [act.action_id]: state };
    emitStack(context, place.view.user);
  }
  return { ...base, ...state };
}

/** Selects of a message have state; buttons have none. */
function stateAfter(found: Found, action: Json): Json {
  const { action_id: id, block_id: block, action_ts: _ts, ...rest } = action;
  const stateful = !STATELESS.test(textOf(found.element["type"]) ?? "");
  return stateful ? { [String(block)]: { [String(id)]: rest } } : {};
}

function responseUrl(context: Context, user: string, place: Exclude<Place, { kind: "view" }>): string {
  const stored = place.kind === "message" ? place.message : place.entry;
  const source = { ts: stored.ts, ephemeral: place.kind === "ephemeral" };
  return createResponseUrl(context, { user, channel: place.channel.id, source, thread_ts: stored.thread_ts });
}
