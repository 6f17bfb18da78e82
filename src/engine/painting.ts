import { awaySince, beginAway } from "../db/away.ts";
import * as cards from "../db/cards.ts";
import { deploymentById } from "../db/deployments.ts";
import { holdLease } from "../db/leases.ts";
import { mutedAmong } from "../db/mutes.ts";
import * as replies from "../db/replies.ts";
import type { CardModel, LatePings, Reply } from "../domain/card.ts";
import type { Pressed } from "../domain/intent.ts";
import { shortSha } from "../domain/ids.ts";
import { breakCard, cardsToMend, mendCard } from "./broken-channel.ts";
import { deploymentCard, loadCardModel } from "./card-model.ts";
import { dutyCalls } from "./duty-calls.ts";
import type { Engine } from "./engine.ts";
import { gatherPings, lateNow } from "./gather-pings.ts";
import { homeRedraw } from "./home-redraw.ts";
import { noticing } from "./noticing.ts";
import { pressedOf } from "./roll-back-of.ts";
import { slackIsBack } from "./slack-is-back.ts";

type Card = {
  readonly id: string;
  readonly channel: string;
  readonly ts: string | null;
  readonly posting: boolean;
  readonly broken: boolean;
  readonly paintedHash: string | null;
  readonly priority: cards.Priority;
  readonly firstPaintedAt: Date | null;
  readonly lastPaintedAt: Date | null;
};
type Due = {
  readonly id: string;
  readonly card: { readonly id: string; readonly channel: string; readonly ts: string };
  readonly reply: Reply;
  readonly authors: readonly string[];
  readonly posting: boolean;
  readonly ts: string | null;
  readonly rollBack: { readonly pressed: Pressed; readonly app: string; readonly environment: string; readonly revision: string } | null;
  readonly log: Pressed | null;
  readonly stop?: Pressed | null;
  readonly late: LatePings | null;
};

/** One painter per workspace over all replicas. */
export const PAINTER_LEASE = "painter";

/** What is painted, from stored rows: plain functions for whoever paints. */
export function painting(engine: Engine) {
  const { db } = engine;
  const duty = dutyCalls(engine);
  return {
    notices: noticing(engine),
    homes: homeRedraw(engine),
    holdLease: (): Promise<boolean> => holdLease(db, PAINTER_LEASE, engine.replica),
    dirtyCards: async (): Promise<readonly Card[]> => (await cards.dirtyCards(db)).map(cardOf),
    loadCard: (id: string): Promise<{ readonly model: CardModel; readonly version: number } | null> => loadCardModel(engine, id),
    markPosting: (id: string): Promise<void> => cards.markPosting(db, id, true),
    unsent: (id: string): Promise<void> => cards.markPosting(db, id, false),
    painted: (id: string, at: Parameters<typeof cards.markPainted>[2]): Promise<boolean> => cards.markPainted(db, id, at),
    async lost(id: string, because: string): Promise<void> {
      engine.log("warn", `a card is gone from its channel: ${because}; posting a new one`, { card: id });
      await cards.markLost(db, id);
    },
    broken: (id: string, because: string): Promise<void> => breakCard(engine, id, because),
    brokenCards: async (): Promise<readonly Card[]> => (await cardsToMend(engine)).map(cardOf),
    mended: (id: string): Promise<void> => mendCard(engine, id),
    away: {
      since: (): Promise<Date | null> => awaySince(db),
      begin: (since: Date): Promise<void> => beginAway(db, since),
      over: (): Promise<void> => slackIsBack(engine),
    },
    gatherPings: (since: Date): Promise<void> => gatherPings(engine, { why: "slack", since, channel: null }),
    async nextReplies(): Promise<readonly Due[]> {
      const rows = await replies.nextReplies(db);
      return Promise.all(rows.filter((row) => !duty.waits(row)).map((row) => dueOf(engine, row)));
    },
    replyPosting: (id: string, upload: replies.StoredUpload | null = null): Promise<boolean> => replies.beginReply(db, id, upload),
    replyUnsent: (id: string): Promise<void> => replies.markReply(db, id, { posting: false }),
    replyPosted: (id: string, ts: string, drawn: Reply): Promise<boolean> => replies.markReplyDrawn(db, id, ts, drawn),
    async replyFailed(id: string, because: string): Promise<void> {
      engine.log("error", `a thread message could not be posted: ${because}`, { reply: id });
      await replies.markReply(db, id, { failedBecause: because, posting: false });
    },
  };
}

function cardOf(row: cards.CardRow): Card {
  return {
    id: row.id,
    channel: row.postedChannel ?? row.channel,
    ts: row.ts,
    posting: row.posting,
    broken: row.brokenBecause !== null,
    paintedHash: row.drawnHash,
    priority: row.version > row.drawnVersion ? row.priority : "tick",
    firstPaintedAt: row.firstDrawnAt,
    lastPaintedAt: row.lastDrawnAt,
  };
}

/** Authors who muted the app are left out; whoever is called for another reason is called once. */
async function authorsToCall(engine: Engine, row: replies.DueReplyRow): Promise<readonly string[]> {
  const { authors = [], duty } = row.reply;
  if (authors.length === 0) return [];
  const mention = [...row.reply.mention, ...(duty?.answer?.ids ?? [])];
  const muted = await mutedAmong(engine.db, authors, row.app, engine.clock());
  return authors.filter((author) => !muted.has(author) && !mention.includes(author) && !mention.includes(`<@${author}>`));
}

/** The regression's ping repeats the card's own button: the notification on the phone opens the ping. */
async function dueOf(engine: Engine, row: replies.DueReplyRow): Promise<Due> {
  const due = {
    id: row.id,
    card: { id: row.cardId, channel: row.channel, ts: row.ts },
    reply: row.reply,
    posting: row.posting,
    upload: row.upload,
    ts: row.replyTs,
    late: null,
    authors: await authorsToCall(engine, row),
  };
  if (row.reply.late !== undefined) {
    const late = await lateNow(engine, row.reply.late);
    return { ...due, late, rollBack: null, log: null };
  }
  if (row.deploymentId === null) return { ...due, rollBack: null, log: null };
  if (row.reply.stopButton === true) {
    const waits = await deploymentById(engine.db, row.deploymentId);
    return { ...due, rollBack: null, log: null, stop: waits?.state.state === "queued" ? pressedOf(waits) : null };
  }
  const deployment = row.reply.logButton === true ? await deploymentById(engine.db, row.deploymentId) : null;
  const log = deployment === null ? null : pressedOf(deployment);
  if (!row.reply.rollBackButton) return { ...due, rollBack: null, log };
  const card = await deploymentCard(engine, row.deploymentId);
  // Only code goes back by that button; what takes the schema along has a confirmation of its own, on the card.
  const otherwise = card?.undo.back !== undefined && card.undo.back.kind !== "code";
  if (card === null || card.wayBack === null || card.rollback !== null || otherwise) return { ...due, rollBack: null, log };
  return {
    ...due,
    log,
    rollBack: {
      pressed: pressedOf(card.deployment),
      app: card.app,
      environment: card.environment.name,
      revision: shortSha(card.wayBack.revision),
    },
  };
}
