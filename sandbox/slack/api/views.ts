import { checkView, MOST_VIEW_BYTES, refusal } from "../block-kit/validate.ts";
import type { Context } from "../context.ts";
import { isJson, textOf, type Json } from "../json.ts";
import { STACK, TRIGGER_MS } from "../limits.ts";
import type { Trigger, View } from "../state.ts";
import { createView, emitHome, findByExternalId, findModal, findView, putView, replaceContent, setStack, stackOf } from "../views.ts";
import { badArguments, failed, fine, type Answer } from "./answer.ts";
import { structureOf } from "./arguments.ts";
import type { Methods } from "./method.ts";
import { viewShape } from "./shapes.ts";

const triggers = ["trigger_id", "interactivity_pointer"];

export const viewMethods: Methods = {
  "views.open": { tier: "t4", scopes: [], required: ["view"], optional: triggers, run: open },
  "views.push": { tier: "t4", scopes: [], required: ["view"], optional: triggers, run: push },
  "views.update": { tier: "t4", scopes: [], required: ["view"], optional: ["external_id", "hash", "view_id"], run: update },
  "views.publish": { tier: "t4", scopes: [], required: ["user_id", "view"], optional: ["hash", "interactivity_pointer"], run: publish },
};

function open(context: Context, args: Json): Answer {
  const given = readView(context, args, "modal", null);
  if (!given.ok) return given.answer;
  const trigger = useTrigger(context, args);
  if (typeof trigger === "string") return failed(trigger);
  const view = createView(context, given.view, trigger.user, "modal");
  setStack(context, trigger.user, [view]);
  return shown(context, view.id);
}

function push(context: Context, args: Json): Answer {
  const given = readView(context, args, "modal", null);
  if (!given.ok) return given.answer;
  const trigger = useTrigger(context, args);
  if (typeof trigger === "string") return failed(trigger);
  const from = trigger.view === null ? undefined : findView(context, trigger.view);
  if (!from) return failed("not_found");
  if (from.kind === "home")
    return badArguments("must match the `type` of the root view whose stack we're pushing onto [json-pointer:/view/type]");
  const view = pushView(context, trigger.user, given.view);
  return view ? shown(context, view.id) : failed("push_limit_reached");
}

/** @returns null when the stack is full */
export function pushView(context: Context, user: string, given: Json): View | null {
  const stack = stackOf(context, user);
  if (stack.length >= STACK) return null;
  const view = createView(context, given, user, "modal");
  setStack(context, user, [...stack, view]);
  return view;
}

function update(context: Context, args: Json): Answer {
  const [id, externalId] = [textOf(args["view_id"]), textOf(args["external_id"])];
  if (id === undefined && externalId === undefined) return badArguments("missing required field: view_id");
  const target = id === undefined ? findByExternalId(context, externalId ?? "") : findView(context, id);
  const given = readView(context, args, target?.kind ?? "modal", target ?? null);
  if (!given.ok) return given.answer;
  if (!target) return failed("not_found");
  const hash = textOf(args["hash"]);
  if (hash !== undefined && hash !== target.hash) return failed("hash_conflict");
  putView(context, replaceContent(context, target, given.view));
  return shown(context, target.id);
}

function publish(context: Context, args: Json): Answer {
  const user = textOf(args["user_id"]) ?? "";
  if (context.seed.bot.home_tab_enabled === false) return failed("not_enabled");
  if (!context.state.users.has(user)) return badArguments("invalid `user_id`");
  const before = context.state.homes.get(user);
  const given = readView(context, args, "home", before ?? null);
  if (!given.ok) return given.answer;
  const hash = textOf(args["hash"]);
  if (hash !== undefined && hash !== before?.hash) return failed("hash_conflict");
  const view = before ? replaceContent(context, before, given.view) : createView(context, given.view, user, "home");
  context.state.homes.set(user, view);
  emitHome(context, user);
  return fine({ view: viewShape(view) });
}

type Read = { ok: true; view: Json } | { ok: false; answer: Answer };

/** `replacing` is the view that may keep its own external_id. */
function readView(context: Context, args: Json, kind: "modal" | "home", replacing: View | null): Read {
  const given = structureOf(args, "view");
  const checked = checkGivenView(given.value, kind);
  if (checked) return { ok: false, answer: checked };
  if (!isJson(given.value)) return { ok: false, answer: badArguments("must provide an object [json-pointer:/view]") };
  const externalId = textOf(given.value["external_id"]) ?? "";
  const holder = externalId === "" ? undefined : findByExternalId(context, externalId);
  if (holder && holder.id !== replacing?.id) return { ok: false, answer: failed("duplicate_external_id") };
  return { ok: true, view: given.value };
}

/** What Slack refuses about a view, or null; also for views that come in an ack. */
export function checkGivenView(view: unknown, kind: "modal" | "home"): Answer | null {
  if (Buffer.byteLength(JSON.stringify(view ?? null)) > MOST_VIEW_BYTES) return failed("view_too_large");
  const faults = checkView(view, kind);
  return faults.length === 0 ? null : { ...refusal("invalid_arguments", faults), ok: false };
}

function useTrigger(context: Context, args: Json): Trigger | string {
  const id = textOf(args["trigger_id"]) ?? textOf(args["interactivity_pointer"]);
  const trigger = context.state.triggers.get(id ?? "");
  if (!trigger) return "invalid_trigger_id";
  if (trigger.used) return "exchanged_trigger_id";
  if (context.clock.now().getTime() - trigger.at > TRIGGER_MS) return "expired_trigger_id";
  trigger.used = true;
  return trigger;
}

function shown(context: Context, id: string): Answer {
  const view = findModal(context, id) ?? findView(context, id);
  return view ? fine({ view: viewShape(view) }) : failed("not_found");
}
