import type { Clock } from "./clock.ts";

/** Names of things, the same in each run: counters, no randomness. */
export type Ids = {
  /** "V00000001": a prefix and a counter. */
  next(prefix: string): string;
  /** A message's `ts`: seconds and six digits, unique and rising. */
  ts(): string;
  /** "13345224609.738474920.<hex>", the shape Slack documents. */
  trigger(): string;
  /** A view's hash; a new one at each change. */
  hash(): string;
};

export function createIds(clock: Clock): Ids {
  let counter = 0;
  let second = 0;
  let micro = 0;
  const count = (): number => ++counter;

  function ts(): string {
    const current = Math.floor(clock.now().getTime() / 1000);
    if (current > second) [second, micro] = [current, 0];
    micro += 100;
    if (micro > 999_900) [second, micro] = [second + 1, 100];
    return `${second}.${String(micro).padStart(6, "0")}`;
  }

  return {
    next: (prefix) => `${prefix}${count().toString(36).toUpperCase().padStart(8, "0")}`,
    ts,
    trigger: () => `${10_000_000_000 + count()}.738474920.${count().toString(16).padStart(32, "0")}`,
    hash: () => `${Math.floor(clock.now().getTime() / 1000)}.${count().toString(16).padStart(8, "0")}`,
  };
}
