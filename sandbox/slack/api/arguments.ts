import { parseJson, textOf, type Json } from "../json.ts";

/** Arguments come as form fields (objects are JSON strings inside) or as a JSON body: these read both. */

export function flagOf(args: Json, name: string): boolean | undefined {
  const value = args[name];
  if (value === undefined || value === null || value === "") return undefined;
  return value === true || value === "true" || value === "1" || value === 1;
}

export function numberOf(args: Json, name: string): number | undefined {
  const value = args[name];
  const parsed = typeof value === "number" ? value : typeof value === "string" && value !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** A JSON argument, parsed when it came as a string; "unreadable" when that string is no JSON. */
export function structureOf(args: Json, name: string): { present: boolean; value: unknown } {
  const raw = args[name];
  if (raw === undefined || raw === null || raw === "") return { present: false, value: undefined };
  return { present: true, value: typeof raw === "string" ? parseJson(raw) : raw };
}

/** Form bodies carry only strings. */
export function readForm(body: string): Json {
  return Object.fromEntries(new URLSearchParams(body));
}

/** @returns the page of `items` that `cursor` and `limit` ask for, or null for a cursor we never gave. */
export function page<T>(items: readonly T[], args: Json, standard: number): { items: T[]; next: string } | null {
  const cursor = textOf(args["cursor"]) ?? "";
  const start = cursor === "" ? 0 : Number(/^at:(\d+)$/u.exec(Buffer.from(cursor, "base64").toString())?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) return null;
  const limit = Math.max(1, Math.min(1000, numberOf(args, "limit") || standard));
  const end = start + limit;
  return { items: items.slice(start, end), next: end < items.length ? Buffer.from(`at:${end}`).toString("base64") : "" };
}
