import type { WebClient } from "@slack/web-api";
import type { PainterDeps } from "./deps.ts";
import type { Easel } from "./easel.ts";
import { createPace } from "./pace.ts";
import { createPermalinks } from "./permalinks.ts";
import { createReach } from "./reach.ts";
import { createRound, IDLE_MS, type Round } from "./round.ts";

/** The lease is asked for this often; a painter that cannot ask stops painting. */
const LEASE_MS = 3_000;
const RIGHTS_PAUSE_MS = 30_000;

export type Painter = { start(): void; stop(): Promise<void>; wake(): void };

export type PainterOptions = {
  /** Its own: a rate limit on edits must not hold back what has three seconds to live. */
  readonly client: WebClient;
  mayReadHistory(): Promise<boolean>;
  timezone(): string;
  groups(): Promise<ReadonlyMap<string, string>>;
  channelId(channel: string): Promise<string>;
  isShared(channel: string): Promise<boolean>;
};

/**
 * Brings stored cards and thread messages to Slack: latest state wins, ends before ticks, within the workspace's rate limit.
 * One card's trouble never holds up another, and nothing here changes what is stored but what was shown.
 */
export function createPainter(options: PainterOptions, deps: PainterDeps): Painter {
  const bell = createBell();
  const { round, look } = createWatch(options, deps, bell.ring);
  let running: Promise<void> | null = null;
  const stopping = new AbortController();
  let unsubscribe: (() => void) | null = null;

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const rest = await look().catch((error: unknown) => {
        deps.report(error, { painting: "looking for what is due" });
        return IDLE_MS;
      });
      await bell.heard(rest);
    }
    await round.settled();
  }

  return {
    start() {
      unsubscribe = deps.subscribe(bell.ring);
      running ??= loop();
    },
    async stop() {
      stopping.abort();
      unsubscribe?.();
      bell.ring();
      await running;
    },
    wake: bell.ring,
  };
}

/** Looks while the lease is ours and the app has its rights. By the clock that it is given: a test moves that as it likes. */
export function createWatch(
  options: PainterOptions,
  deps: PainterDeps,
  onDone: () => void,
): { readonly round: Round; look: Round["look"] } {
  const pace = createPace(() => deps.now().getTime());
  const told = new Set<string>();
  let rightsUntil = 0;
  let leaseAskedAt = 0;
  let mine = false;
  const easel: Easel = {
    ...options,
    deps,
    pace,
    reach: createReach(deps, () => {
      told.clear();
      pace.forgive();
    }),
    moved: new Map(),
    idOf: new Map(),
    rightsBroken(sentence, code) {
      rightsUntil = deps.now().getTime() + RIGHTS_PAUSE_MS;
      // Nothing works until somebody changes them: said once, not twice a minute.
      if (told.has(code)) deps.log("warn", sentence, { code });
      else deps.report(new Error(sentence), { code });
      told.add(code);
    },
  };
  const round = createRound(easel, { links: createPermalinks(options.client), onDone });

  async function holdsLease(): Promise<boolean> {
    const at = deps.now().getTime();
    if (Math.abs(at - leaseAskedAt) < LEASE_MS) return mine;
    leaseAskedAt = at;
    const before = mine;
    mine = await deps.holdLease();
    if (mine && !before) await easel.reach.load();
    return mine;
  }

  return {
    round,
    async look() {
      if (!(await holdsLease()) || deps.now().getTime() < rightsUntil) return IDLE_MS;
      return round.look();
    },
  };
}

/** A rest that anybody can end. A ring while nobody rests ends the next rest at once. */
function createBell(): { ring(): void; heard(ms: number): Promise<void> } {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async heard(ms) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = null;
      rung = false;
    },
  };
}
