import type { Pressed } from "../domain/intent.ts";
import { encodeValue, parseValue } from "./action-value.ts";

/** What a choice of the menu "Real / False alarm" carries. */
export function encodeAlarm(pressed: Pressed, isReal: boolean): string {
  return `${isReal ? "real" : "false"} ${encodeValue(pressed)}`;
}

/** Null: not one of ours, or of another version of the bot. */
export function parseAlarm(value: string): { readonly pressed: Pressed; readonly isReal: boolean } | null {
  const [word = "", rest = ""] = value.split(/ (.*)/su);
  const parsed = parseValue(rest);
  if (parsed === null || (word !== "real" && word !== "false")) return null;
  const { way: _, ...pressed } = parsed;
  return { pressed, isReal: word === "real" };
}
