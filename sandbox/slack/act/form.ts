import { allElements } from "../block-kit/walk.ts";
import type { Context } from "../context.ts";
import { isJson, textOf, type Json } from "../json.ts";
import type { View } from "../state.ts";
import { offeredOptions } from "./suggest.ts";
import { isEmpty, NotPossible, stateOf } from "./values.ts";

/** What somebody filled in: by block id, either the value or {ACTION_ID: value}. */
export type FormValues = Record<string, unknown>;

/** Puts typed and chosen values into the view's state. @throws NotPossible for a block without an input. */
export function takeValues(context: Context, view: View, values: FormValues): void {
  const inputs = inputsOf(view);
  for (const [blockId, given] of Object.entries(values)) {
    const here = inputs.filter((input) => input.blockId === blockId);
    if (here.length === 0) throw new NotPossible(`the view has no input in a block ${blockId}`);
    for (const { element, actionId } of here) {
      const nested = isJson(given) && Object.hasOwn(given, actionId);
      if (!nested && here.length > 1) continue;
      const state = stateOf(element, nested ? given[actionId] : given, offeredOptions(context, view.user, actionId));
      view.values[blockId] = { ...view.values[blockId], [actionId]: state };
    }
  }
}

/** What Slack's client says before it sends: empty required inputs, texts too short or too long. */
export function clientErrors(view: View): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { element, actionId, blockId, optional, isInput } of inputsOf(view)) {
    if (!isInput) continue;
    const state = view.values[blockId]?.[actionId];
    const empty = isEmpty(isJson(state) ? state : undefined);
    if (empty && !optional) errors[blockId] = "Please complete this required field.";
    const problem = isJson(state) ? problemOf(element, state) : null;
    if (problem !== null) errors[blockId] = problem;
  }
  return errors;
}

/** In words of our own: Slack's are translated and change. */
function problemOf(element: Json, state: Json): string | null {
  const most = element["max_selected_items"];
  const chosen = Object.values(state).find((value) => Array.isArray(value))?.length ?? 0;
  if (typeof most === "number" && chosen > most) return `Please choose at most ${most}.`;
  const typed = textOf(state["value"]);
  if (typed === undefined) return null;
  switch (element["type"]) {
    case "number_input":
      return numberProblem(element, typed);
    case "email_text_input":
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(typed) ? null : "Please enter a valid e-mail address.";
    case "url_text_input":
      return /^https?:\/\//u.test(typed) && URL.canParse(typed) ? null : "Please enter a valid URL.";
    default:
      return lengthProblem(element, typed);
  }
}

function numberProblem(element: Json, typed: string): string | null {
  const value = Number(typed);
  const whole = element["is_decimal_allowed"] !== true;
  if (typed.trim() === "" || !Number.isFinite(value) || (whole && !Number.isInteger(value)))
    return whole ? "Please enter a whole number." : "Please enter a number.";
  const [least, most] = [textOf(element["min_value"]), textOf(element["max_value"])];
  if (least !== undefined && value < Number(least)) return `Please enter ${least} or more.`;
  return most !== undefined && value > Number(most) ? `Please enter ${most} or less.` : null;
}

function lengthProblem(element: Json, typed: string): string | null {
  const [least, most] = [element["min_length"], element["max_length"] ?? 3000];
  if (typeof least === "number" && typed.length < least) return `Please enter at least ${least} characters.`;
  return typeof most === "number" && typed.length > most ? `Please enter at most ${most} characters.` : null;
}

/** Elements whose press carries no state; `radio_buttons` do keep theirs. */
export const STATELESS = /^(?:button|workflow_button|icon_button|feedback_buttons|overflow)$/u;

function inputsOf(view: View): { element: Json; actionId: string; blockId: string; optional: boolean; isInput: boolean }[] {
  return allElements(view.body["blocks"]).flatMap(({ element, block }) => {
    const [actionId, blockId] = [textOf(element["action_id"]), textOf(block["block_id"])];
    if (actionId === undefined || blockId === undefined || STATELESS.test(textOf(element["type"]) ?? "")) return [];
    return [{ element, actionId, blockId, optional: block["optional"] === true, isInput: block["type"] === "input" }];
  });
}
