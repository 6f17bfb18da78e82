import type { ObservedHere } from "./card.ts";
import type { Sha } from "./ids.ts";
import { liveNow, type Observed } from "./observed.ts";

/** What CI did with this revision there, of all that it deployed there; the newest try counts. Null: nothing that was told. */
export function observedHere(all: readonly Observed[], revision: Sha): ObservedHere | null {
  const now = liveNow(all);
  if (now !== null && now.revision === revision && now.liveSince !== null) return { state: "live", at: now.liveSince, url: pageOf(now) };
  const mine = all.filter((one) => one.revision === revision).toSorted((a, b) => a.told.at.getTime() - b.told.at.getTime());
  const last = mine.at(-1);
  if (last === undefined) return null;
  const before = mine.findLast((one) => one.liveSince !== null);
  if (last.liveSince === null && last.failedAt !== null) return { state: "failed", at: last.failedAt, url: pageOf(last) };
  if (last.liveSince === null && last.startedAt !== null && last.endedAt === null)
    return { state: "started", at: last.startedAt, url: pageOf(last) };
  return before === undefined || before.liveSince === null ? null : { state: "was live", at: before.liveSince, url: pageOf(before) };
}

function pageOf(one: Observed): string | null {
  return one.log ?? one.url;
}
