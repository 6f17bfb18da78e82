/**
 * Values in jsonb columns. Dates are tagged, since foreign text may look like a date; NUL and lone surrogates, which jsonb
 * refuses, become the replacement character: a commit title must never fail a transaction.
 */
export function toStored(value: unknown): unknown {
  if (value instanceof Date) return { $at: value.toISOString() };
  if (typeof value === "string") return value.toWellFormed().replaceAll("\u0000", "\uFFFD");
  if (Array.isArray(value)) return value.map(toStored);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[cleanKey(key), toStored(item)]])),
    );
  }
  return value;
}

/** The reverse. The caller names the type: only this program writes these columns. */
export function fromStored<Value>(stored: unknown): Value {
  return revived(stored) as Value;
}

function revived(stored: unknown): unknown {
  if (Array.isArray(stored)) return stored.map(revived);
  if (typeof stored !== "object" || stored === null) return stored;
  const entries = Object.entries(stored);
  const tagged = entries.length === 1 ? entries[0] : undefined;
  if (tagged?.[0] === "$at" && typeof tagged[1] === "string") return new Date(tagged[1]);
  return Object.fromEntries(entries.map(([key, item]) => [key, revived(item)]));
}

function cleanKey(key: string): string {
  return key.toWellFormed().replaceAll("\u0000", "\uFFFD");
}
