import type { Clock } from "../ports.ts";

/** Slack's answers are believed for this long; an event about groups ends it at once. */
const KEPT_MS = 60_000;

/** Asked once at a time per key; failures are not remembered. */
export function remembered<Value>(read: (key: string) => Promise<Value>, now: Clock): { get(key: string): Promise<Value>; clear(): void } {
  const known = new Map<string, { readonly until: number; readonly value: Promise<Value> }>();
  return {
    get(key) {
      const found = known.get(key);
      if (found !== undefined && found.until > now().getTime()) return found.value;
      const value = read(key);
      known.set(key, { until: now().getTime() + KEPT_MS, value });
      value.catch(() => {
        if (known.get(key)?.value === value) known.delete(key);
      });
      return value;
    },
    clear: () => known.clear(),
  };
}
