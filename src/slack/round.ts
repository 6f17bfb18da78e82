import type { DueReply, StoredCard } from "./deps.ts";
import type { Easel } from "./easel.ts";
import { byUrgency, isDue } from "./pace.ts";
import { methodOf, paintCard } from "./paint-card.ts";
import { homeKey, HOMES, paintHome, PUBLISH } from "./paint-home.ts";
import type { Permalinks } from "./permalinks.ts";
import { firstForEach, NOTICES, postNotice } from "./post-notice.ts";
import { postReply } from "./post-reply.ts";
import { failureOf } from "./slack-errors.ts";

/** How soon the painter looks again by itself: waiting ticks, tokens and pauses come due without anybody telling. */
const LOOK_MS = 500;
/** How soon it looks when it has nothing to do or no lease; a wake-up comes earlier. */
export const IDLE_MS = 2_000;
/** How often a channel that could not be used is tried again: somebody may have invited the bot meanwhile. */
const MEND_MS = 60_000;
/** How often is looked for calls that wait too long while Slack is away. */
const GATHER_MS = 5_000;

export type Round = {
  /** Starts what is due and does not wait for it. Answers how long it may rest, in milliseconds. */
  look(): Promise<number>;
  /** All that was started has ended. */
  settled(): Promise<void>;
};

/** One look over all that is due: cards first, then thread messages, then direct messages, then Home tabs. */
export function createRound(easel: Easel, options: { readonly links: Permalinks; onDone(): void }): Round {
  const { deps, pace } = easel;
  const inFlight = new Map<string, Promise<void>>();
  let mendedAt = deps.now().getTime();
  let gatheredAt = 0;

  async function done(key: string, work: () => Promise<boolean>): Promise<void> {
    let moved = false;
    try {
      moved = await work();
    } catch (error) {
      pace.failed(key);
      deps.report(error, { painting: key });
    }
    inFlight.delete(key);
    if (moved) options.onDone();
  }

  function begin(key: string, work: () => Promise<boolean>): void {
    if (!inFlight.has(key)) inFlight.set(key, done(key, work));
  }

  /** The token is taken before anything is read: else what is read first would win, not what matters more. */
  function beginCard(card: StoredCard): void {
    if (inFlight.has(card.id) || !pace.open(methodOf(card))) return;
    const channel = easel.idOf.get(card.channel) ?? card.channel;
    if (card.ts === null ? !pace.mayPost(channel) : !pace.take(card.priority)) return;
    if (card.ts === null) pace.posted(channel);
    begin(card.id, () => paintCard(easel, card));
  }

  async function mend(): Promise<void> {
    const at = deps.now().getTime();
    if (Math.abs(at - mendedAt) < MEND_MS) return;
    mendedAt = at;
    for (const card of await deps.brokenCards()) beginCard(card);
  }

  async function gather(): Promise<void> {
    const since = easel.reach.since();
    const at = deps.now().getTime();
    if (since === null || Math.abs(at - gatheredAt) < GATHER_MS) return;
    gatheredAt = at;
    await deps.gatherPings(since);
  }

  /** `waiting`: some would be posted now, or in their turn of a second. */
  async function replies(): Promise<{ readonly size: number; readonly waiting: boolean }> {
    let waiting = false;
    const queues = perCard(await deps.nextReplies());
    for (const [card, all] of queues) {
      const queue = all.filter((due) => due.ts === null || pace.rested(due.id));
      const [first] = queue;
      const key = `replies of ${card}`;
      if (first === undefined || !pace.rested(first.id) || !pace.rested(key)) continue;
      waiting ||= first.ts === null && first.reply.picture === undefined;
      begin(key, () => postAll(easel, queue));
    }
    return { size: queues.size, waiting };
  }

  /** One Home tab a look, and only with a token that cards leave. Answers how many wait. */
  async function homes(): Promise<number> {
    const due = await deps.homes.due();
    const next = due.find((one) => pace.rested(homeKey(one)));
    if (next === undefined || inFlight.has(HOMES) || !pace.open(PUBLISH) || !pace.rested(HOMES) || !pace.take("tick")) return due.length;
    begin(HOMES, () => paintHome(easel, next, options.links));
    return due.length;
  }

  return {
    async look() {
      if (easel.reach.isQuiet()) begin("reach", () => ask(easel));
      await gather();
      const cards = await deps.dirtyCards();
      const live = cards.filter((card) => card.priority === "tick").length;
      const waiting = cards.filter((card) => isDue(card, deps.now().getTime(), live) && pace.rested(card.id));
      for (const card of waiting.toSorted(byUrgency)) beginCard(card);
      await mend();
      const queues = await replies();
      const notices = await deps.notices.next();
      const urgent = waiting.some((card) => card.priority !== "tick") || queues.waiting;
      const notice = urgent ? undefined : firstForEach(notices).find((due) => pace.rested(due.id));
      if (notice !== undefined) begin(NOTICES, () => postNotice(easel, notice, options.links));
      const waitingHomes = urgent || notice !== undefined ? 0 : await homes();
      return cards.length + queues.size + notices.length + waitingHomes > 0 ? LOOK_MS : IDLE_MS;
    },
    async settled() {
      while (inFlight.size > 0) await Promise.all(inFlight.values());
    },
  };
}

/** Is Slack there? Needs no right, and counts against no limit of what is drawn. */
async function ask(easel: Easel): Promise<boolean> {
  try {
    await easel.client.api.test();
    await easel.reach.heard();
  } catch (error) {
    await easel.reach.failed(failureOf(error));
  }
  return false;
}

async function postAll(easel: Easel, queue: readonly DueReply[]): Promise<boolean> {
  let moved = false;
  for (const due of queue) {
    const shown = await postReply(easel, due);
    moved ||= shown;
    // Messages keep their order; an edit that has to wait holds none of them up.
    if (!shown && due.ts === null) return moved;
  }
  return moved;
}

/** In order within a card; a message that must wait makes the later ones of its card wait too. What comes late waits for none, and for a picture nothing waits. */
function perCard(replies: readonly DueReply[]): ReadonlyMap<string, readonly DueReply[]> {
  return Map.groupBy(replies, (due) => (due.late === null && due.reply.picture === undefined ? due.card.id : due.id));
}
