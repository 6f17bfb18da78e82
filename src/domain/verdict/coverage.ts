import type { Measurement } from "../measurement.ts";
import { dueLooks } from "./watch-clock.ts";
import type { WatchClock, WatchPlan } from "./watch-clock.ts";
import { capitalised, oneLine } from "./words.ts";

/** How far the looks of one monitor carry a judgement that nothing is wrong. */
export type Coverage =
  | { readonly kind: "enough" }
  | { readonly kind: "not_enough"; readonly why: string }
  | { readonly kind: "nothing"; readonly why: string }
  | { readonly kind: "unproven"; readonly why: string };

const NAMES = { sentry: "Sentry", http: "the site probe" } as const;
/** Looks start late now and then; one that is later than this has not happened. */
const LATE_LOOKS = 1.5;

/** Asked at the end of the watch: did this monitor see enough of it, and its end? A gap is never a zero. */
export function coverageOf(monitor: Measurement["monitor"], all: readonly Measurement[], watch: WatchPlan, clock: WatchClock): Coverage {
  const looks = all.filter((measurement) => measurement.monitor === monitor && measurement.look > 0);
  const usable = looks.filter((look) => look.kind !== "gap");
  const name = NAMES[monitor];
  const last = looks.at(-1);
  const lastUsable = usable.at(-1);
  if (last === undefined) return { kind: "nothing", why: capitalised(`${name} was never asked during the watch`) };
  if (lastUsable === undefined) {
    return { kind: "nothing", why: capitalised(`${name} gave no answer during the watch${because(last)}`) };
  }
  if (lastUsable.kind === "errors" && lastUsable.signal === "unproven") {
    return { kind: "unproven", why: lastUsable.unprovenBecause ?? "Sentry sent nothing during the watch" };
  }
  // Events of other versions prove that Sentry heard them, not that it hears this one; its own traced requests do.
  if (lastUsable.kind === "errors" && lastUsable.lastEventAt === null && !usable.some(tracesRequests)) {
    return { kind: "unproven", why: "Sentry has not received a single error event of this version" };
  }
  const due = dueLooks(watch);
  const covered = coveredSlots(usable, watch, clock);
  if (2 * covered < due) return { kind: "not_enough", why: capitalised(`${name} answered at only ${covered} of ${due} looks`) };
  const end = clock.until.getTime() - LATE_LOOKS * watch.everyMs;
  if (last.kind === "gap" || last.at.getTime() < end) {
    return { kind: "not_enough", why: capitalised(`${name} gave no answer at the last look${because(last)}`) };
  }
  return { kind: "enough" };
}

/** Sentry holds requests of this version, so it hears it: without an error there was none. */
function tracesRequests(look: Measurement): boolean {
  return look.kind === "errors" && (look.transactions?.newest?.count ?? 0) > 0;
}

/** The reason of a gap, in brackets. */
function because(look: Measurement): string {
  return look.kind === "gap" ? ` (${oneLine(look.because)})` : "";
}

/** Many early looks in the first minute do not stand for the half hour: each due moment counts once. */
function coveredSlots(usable: readonly Measurement[], watch: WatchPlan, clock: WatchClock): number {
  const due = dueLooks(watch);
  const slots = usable.map((look) => Math.round((look.at.getTime() - clock.liveAt.getTime()) / Math.max(1, watch.everyMs)));
  return new Set(slots.map((slot) => Math.min(due, Math.max(1, slot)))).size;
}
