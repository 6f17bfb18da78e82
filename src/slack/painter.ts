import type { WebClient } from "@slack/web-api";
import type { DueReply, PainterDeps } from "./deps.ts";
import { byUrgency, createPace, isDue } from "./pace.ts";
import { type Easel, paintCard } from "./paint-card.ts";
import { createPermalinks } from "./permalinks.ts";
import { firstForEach, NOTICES, postNotice } from "./post-notice.ts";
import { postReply } from "./post-reply.ts";

/** The lease is asked for this often; a painter that cannot ask stops painting. */
const LEASE_MS = 3_000;
/** How soon the painter looks again by itself: waiting ticks, tokens and pauses come due without anybody telling. */
const LOOK_MS = 500;
/** How soon it looks when it has nothing to do or no lease; a wake-up comes earlier. */
const IDLE_MS = 2_000;
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
  const easel: Easel = {
    ...options,
    deps,
    pace: createPace(() => deps.now().getTime()),
    moved: new Map(),
    rightsBroken(sentence, code) {
      rightsUntil = deps.now().getTime() + RIGHTS_PAUSE_MS;
      deps.report(new Error(sentence), { code });
    },
  };
  const links = createPermalinks(options.client);
  const inFlight = new Map<string, Promise<void>>();
  const bell = createBell();
  let rightsUntil = 0;
  let leaseAskedAt = 0;
  let mine = false;
  let running: Promise<void> | null = null;
  const stopping = new AbortController();
  let unsubscribe: (() => void) | null = null;

  async function holdsLease(): Promise<boolean> {
    const at = deps.now().getTime();
    if (Math.abs(at - leaseAskedAt) < LEASE_MS) return mine;
    leaseAskedAt = at;
    mine = await deps.holdLease();
    return mine;
  }

  async function done(key: string, work: () => Promise<boolean>): Promise<void> {
    let moved = false;
    try {
      moved = await work();
    } catch (error) {
      easel.pace.failed(key);
      deps.report(error, { painting: key });
    }
    inFlight.delete(key);
    if (moved) bell.ring();
  }

  function begin(key: string, work: () => Promise<boolean>): void {
    if (inFlight.has(key)) return;
    const task = done(key, work);
    inFlight.set(key, task);
  }

  /** Starts what is due and does not wait for it. Answers how long it may rest. */
  async function look(): Promise<number> {
    if (!(await holdsLease()) || deps.now().getTime() < rightsUntil) return IDLE_MS;
    const cards = await deps.dirtyCards();
    const live = cards.filter((card) => card.priority === "tick").length;
    const waiting = cards.filter((card) => isDue(card, deps.now().getTime(), live) && easel.pace.rested(card.id));
    for (const card of waiting.toSorted(byUrgency)) begin(card.id, () => paintCard(easel, card));
    const replies = perCard(await deps.nextReplies());
    for (const [card, all] of replies) {
      const queue = all.filter((due) => due.ts === null || easel.pace.rested(due.id));
      const first = queue[0];
      if (first !== undefined && easel.pace.rested(first.id) && easel.pace.rested(`replies of ${card}`))
        begin(`replies of ${card}`, () => postAll(queue));
    }
    const notices = await deps.notices.next();
    const urgent = waiting.some((card) => card.priority !== "tick") || [...inFlight.keys()].some((key) => key.startsWith("replies of "));
    const notice = urgent ? undefined : firstForEach(notices).find((due) => easel.pace.rested(due.id));
    if (notice !== undefined) begin(NOTICES, () => postNotice(easel, notice, links));
    return cards.length + replies.size + notices.length > 0 ? LOOK_MS : IDLE_MS;
  }

  async function postAll(queue: readonly DueReply[]): Promise<boolean> {
    let moved = false;
    for (const due of queue) {
      const shown = await postReply(easel, due);
      moved ||= shown;
      // Messages keep their order; an edit that has to wait holds none of them up.
      if (!shown && due.ts === null) return moved;
    }
    return moved;
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const rest = await look().catch((error: unknown) => {
        deps.report(error, { painting: "looking for what is due" });
        return IDLE_MS;
      });
      await bell.heard(rest);
    }
    await Promise.all(inFlight.values());
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

/** In order within a card; a message that must wait makes the later ones of its card wait too. */
function perCard(replies: readonly DueReply[]): ReadonlyMap<string, readonly DueReply[]> {
  return Map.groupBy(replies, (reply) => reply.card.id);
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
