import type { Watch } from "./config.ts";

/** A look that is due, by its number from 1. */
export type DueLook = { readonly look: number; readonly at: Date };

/**
 * The look after one that was made, at the next multiple of the interval since it is live: what was missed while the bot was away stays
 * missed, since looks one after the other at once would pass for looks in a row. `done`: the number of the one made; `end`: when the
 * last look is due.
 */
export function nextLook(
  { everyMs }: Pick<Watch, "everyMs">,
  { liveAt, done, end, now }: { readonly liveAt: Date; readonly done: number; readonly end: Date; readonly now: Date },
): DueLook {
  const passed = Math.floor((now.getTime() - liveAt.getTime()) / everyMs);
  const look = Math.max(done, passed) + 1;
  return { look, at: new Date(Math.min(liveAt.getTime() + everyMs * look, end.getTime())) };
}
