import type { Measurement } from "./measurement.ts";

/**
 * What the newest look of each monitor saw. `errorsAt`: the newest event of this version, null: none, or not known; `gap`: why monitors
 * saw nothing, null: all of them did; `isBlind`: none of them saw anything.
 */
export type LatestLooks = { readonly errorsAt: Date | null; readonly gap: string | null; readonly isBlind: boolean };

/** `watch`: all looks since it is live, and before, in their order. */
export function latestLooks(watch: readonly Measurement[]): LatestLooks {
  const newest = (["sentry", "http"] as const).flatMap(
    (monitor) => watch.findLast((look) => look.monitor === monitor && look.look > 0) ?? [],
  );
  const errors = newest.find((look) => look.kind === "errors");
  const gaps = newest.flatMap((look) => (look.kind === "gap" ? [look.because] : []));
  return {
    errorsAt: errors?.kind === "errors" ? errors.lastEventAt : null,
    gap: gaps.length === 0 ? null : gaps.join("; "),
    isBlind: gaps.length > 0 && gaps.length === newest.length,
  };
}
