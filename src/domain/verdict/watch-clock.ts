/** What of a watch the judgement needs. `sentry` and `http` say which monitors must have answered; absent: those that were measured. */
export type WatchPlan = {
  readonly forMs: number;
  readonly everyMs: number;
  readonly sentry?: object | null;
  readonly http?: object | null;
};

/** When the watch began, when it ends, and when it is judged. */
export type WatchClock = { readonly liveAt: Date; readonly until: Date; readonly now: Date };

/** Chance, over the whole watch, of a false proposal and of a false action. */
export const BUDGET = { propose: 0.02, act: 0.005 } as const;

/**
 * Share of the false-alarm budget a look may spend: as much as time has passed since the look before it. For looks on
 * time that is an even share each; extra looks (a webhook) and missed ones never spend more than the whole.
 */
export function budgetShare(clock: WatchClock, watch: WatchPlan, look: { readonly after: Date | null; readonly at: Date }): number {
  const from = look.after === null ? 0 : passed(clock, watch, look.after);
  return Math.max(0, passed(clock, watch, look.at) - from);
}

/** Looks that a watch owes: at least one. */
export function dueLooks(watch: WatchPlan): number {
  return Math.max(1, Math.floor(watch.forMs / Math.max(1, watch.everyMs)));
}

/** Time without errors after which they count as over: two looks, or 20 % of the time since the first one. */
export function quietMs(watch: WatchPlan, sinceFirstMs: number): number {
  return Math.max(2 * watch.everyMs, 0.2 * Math.max(0, sinceFirstMs));
}

/** A look with all its time-outs takes no longer, in milliseconds. */
const LOOK_TAKES_MS = 60_000;

/** Was it seen at one of the last two looks? The bot, or a monitor, may have been away since. */
export function isRecent({ everyMs }: Pick<WatchPlan, "everyMs">, seenAt: Date, now: Date): boolean {
  return now.getTime() - seenAt.getTime() <= 2 * everyMs + LOOK_TAKES_MS;
}

function passed(clock: WatchClock, watch: WatchPlan, at: Date): number {
  const whole = Math.max(1, watch.forMs, clock.until.getTime() - clock.liveAt.getTime());
  return Math.min(1, Math.max(0, (at.getTime() - clock.liveAt.getTime()) / whole));
}
