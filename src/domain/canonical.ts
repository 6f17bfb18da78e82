import { createHash } from "node:crypto";

/**
 * JSON with sorted keys and no spaces: equal values give equal text, whatever order they were built in.
 * @throws for what JSON cannot say (undefined, NaN, Date, functions, class instances, circles): a silent loss would make two values look the same.
 */
export function canonicalJson(value: unknown): string {
  return written(value, { path: "value", open: [] });
}

/** SHA-256 of the canonical JSON, 64 hexadecimal digits. */
export function hashOf(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}

/** SHA-256 of the text's UTF-8 bytes, 64 hexadecimal digits. */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

type Spot = { readonly path: string; readonly open: readonly object[] };

function written(value: unknown, spot: Spot): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value === "string" && value.isWellFormed()) return JSON.stringify(value);
  if (typeof value !== "object")
    throw new TypeError(`canonical JSON cannot hold ${spot.path}: it is ${String(typeof value)} ${String(value)}`);
  if (spot.open.includes(value)) throw new TypeError(`canonical JSON cannot hold ${spot.path}: it contains itself`);
  const open = [...spot.open, value];
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item: unknown, index) => written(item, { path: `${spot.path}[${index}]`, open })).join(",")}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(`canonical JSON cannot hold ${spot.path}: it is not a plain object`);
  const pairs = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${pairs.map(([key, item]: [string, unknown]) => `${JSON.stringify(key)}:${written(item, { path: `${spot.path}.${key}`, open })}`).join(",")}}`;
}
