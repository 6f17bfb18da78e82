import { isJson, listOf, objectsOf, textOf, type Json } from "../json.ts";

/** What elements hold: their state in `view.state.values` and in the actions of a payload. */

/** Refused before anything is sent: the caller asked for what the element does not offer. */
export class NotPossible extends Error {}

const typedInputs = new Set(["plain_text_input", "email_text_input", "url_text_input", "number_input"]);

/** An element's state before anybody touched it; null for those without state (buttons, overflow). */
export function initialState(element: Json): Json | null {
  const type = textOf(element["type"]) ?? "";
  if (typedInputs.has(type)) return { type, value: element["initial_value"] ?? null };
  if (type === "rich_text_input") return { type, rich_text_value: element["initial_value"] ?? null };
  if (type === "file_input") return { type, files: [] };
  const [member, initial] = memberOf(type);
  if (member === "") return null;
  return { type, [member]: element[initial] ?? (member.endsWith("s") ? [] : null) };
}

/** The element's state once somebody chose or typed `value`. @throws NotPossible when it is not offered. */
export function stateOf(element: Json, value: unknown, offered: readonly Json[] = []): Json {
  const type = textOf(element["type"]) ?? "";
  if (typedInputs.has(type)) return { type, value: value === "" || value === undefined ? null : value };
  if (type === "rich_text_input") return { type, rich_text_value: value ?? null };
  if (type === "file_input") return { type, files: listOf(value) };
  const [member] = memberOf(type);
  if (member === "") throw new NotPossible(`an element of type ${type} holds no value`);
  const empty = value === null || value === undefined || value === "";
  if (member === "selected_options") return { type, [member]: empty ? [] : listOf(value).map((one) => optionOf(element, one, offered)) };
  if (member === "selected_option") return { type, [member]: empty ? null : optionOf(element, value, offered) };
  return { type, [member]: empty ? (member.endsWith("s") ? [] : null) : value };
}

/** The offered option with this value; a whole option object is taken when it is offered. */
export function optionOf(element: Json, wanted: unknown, offered: readonly Json[]): Json {
  const value = isJson(wanted) ? wanted["value"] : wanted;
  const groups = objectsOf(element["option_groups"]).flatMap((group) => objectsOf(group["options"]));
  const known = [...objectsOf(element["options"]), ...groups, ...offered].find((option) => option["value"] === value);
  if (known) return known;
  throw new NotPossible(`${textOf(element["action_id"]) ?? "the element"} does not offer the option ${JSON.stringify(value)}`);
}

/** True when an input that must be filled in is not. */
export function isEmpty(state: Json | undefined): boolean {
  if (!state) return true;
  return Object.entries(state)
    .filter(([name]) => name !== "type")
    .every(([, value]) => value === null || value === "" || (Array.isArray(value) && value.length === 0));
}

/** Member of the state and of the element that hold a choice: ["selected_option", "initial_option"]. */
function memberOf(type: string): readonly [member: string, initial: string] {
  if (/^(static_select|external_select|radio_buttons)$/u.test(type)) return ["selected_option", "initial_option"];
  if (/^(multi_static_select|multi_external_select|checkboxes)$/u.test(type)) return ["selected_options", "initial_options"];
  const kind = /^(multi_)?(users|channels|conversations)_select$/u.exec(type);
  if (kind) {
    const noun = `${kind[2] ?? ""}`.replace(/s$/u, "") + (kind[1] === undefined ? "" : "s");
    return [`selected_${noun}`, `initial_${noun}`];
  }
  if (type === "datepicker") return ["selected_date", "initial_date"];
  if (type === "timepicker") return ["selected_time", "initial_time"];
  return type === "datetimepicker" ? ["selected_date_time", "initial_date_time"] : ["", ""];
}
