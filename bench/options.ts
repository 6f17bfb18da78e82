/** Taken by each benchmark that measures this machine. */
export const TO_PAGE = {
  /** Puts what was found into docs/benchmarks.md. */
  write: { type: "boolean", default: false },
  /** A sentence for the page, of what else the machine did meanwhile. */
  note: { type: "string", default: "" },
} as const;
export type ToPage = { readonly write: boolean; readonly note: string };

/** @throws with a sentence when `text` is no whole number from `least` */
export function whole(text: string, name: string, least = 1): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least) throw new Error(`${name} takes a whole number from ${least}`);
  return number;
}
