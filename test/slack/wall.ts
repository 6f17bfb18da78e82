import { afterEach } from "vitest";
import type { CardModel, Reply } from "../../src/domain/card.ts";
import { createChannels } from "../../src/slack/channels.ts";
import { createClients, sdkLogger } from "../../src/slack/clients.ts";
import type { DueReply, HomeDeps, NoticeModel, PainterDeps, StoredCard, Upload } from "../../src/slack/deps.ts";
import { createPainter, createWatch, type Painter } from "../../src/slack/painter.ts";
import type { TestSlack } from "../slack-simulator/world.ts";
import { bot } from "../slack-simulator/seed.ts";
import { deploymentId } from "./shop.ts";

/** Stored cards in memory: what the database side gives the painter, and what it was told. */
export type Wall = {
  readonly painter: Painter;
  /** One look, until all of it has ended: where the clock is the test's, nobody looks by themselves. */
  look(): Promise<void>;
  readonly reports: string[];
  readonly said: {
    readonly lost: string[];
    readonly broken: string[];
    readonly failedReplies: string[];
    readonly mended: string[];
    readonly away: Date[];
    readonly back: Date[];
  };
  put(id: string, model: CardModel, options?: Partial<StoredCard>): void;
  reply(id: string, card: string, reply: Partial<Reply>, rollBack?: DueReply["rollBack"]): void;
  /** It says something else from now on. */
  edit(id: string, reply: Partial<Reply>): void;
  /** Its button has nothing to do any more. */
  outdate(id: string): void;
  /** A direct message is due. */
  notice(id: string, to: string, text: string, model?: Partial<Extract<NoticeModel, { kind: "show" }>>): void;
  noticeState(id: string): NoticeRow;
  stored(id: string): StoredCard;
  replyTs(id: string): string | null;
  clean(): boolean;
  /** Its newest version stands in Slack. */
  shown(id: string): boolean;
};

type Row = { card: StoredCard; model: CardModel; version: number; drawn: number; broken: boolean };
type ReplyRow = {
  card: string;
  reply: Reply;
  posting: boolean;
  upload: Upload | null;
  ts: string | null;
  failed: boolean;
  stale: boolean;
  rollBack: DueReply["rollBack"];
};

type NoticeRow = { to: string; model: NoticeModel; posting: boolean; ts: string | null; failed: string | null };

/** What a Log button carries here. */
const LOG = { deployment: deploymentId(1), counter: 1, digest: "0123456789abcdef" };

const open: Painter[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((painter) => painter.stop()));
});

export const calm: Reply = {
  key: "k",
  kind: "note",
  ping: null,
  broadcast: false,
  mention: [],
  text: "",
  preformatted: null,
  rollBackButton: false,
};

export function hang(
  slack: TestSlack,
  options: {
    readonly history?: boolean;
    readonly lease?: () => boolean;
    readonly now?: () => Date;
    readonly homes?: HomeDeps;
    readonly timezone?: string;
    readonly picture?: PainterDeps["picture"];
  } = {},
): Wall {
  const clock = options.now ?? (() => new Date());
  let away: Date | null = null;
  const rows = new Map<string, Row>();
  const replies = new Map<string, ReplyRow>();
  const notices = new Map<string, NoticeRow>();
  const noticeRow = (id: string): NoticeRow => {
    const found = notices.get(id);
    if (found === undefined) throw new Error(`no notice ${id}`);
    return found;
  };
  const reports: string[] = [];
  const said: Wall["said"] = { lost: [], broken: [], failedReplies: [], mended: [], away: [], back: [] };
  const bells: (() => void)[] = [];
  const wake = (): void => bells.forEach((ring) => ring());
  const row = (id: string): Row => {
    const found = rows.get(id);
    if (found === undefined) throw new Error(`no card ${id}`);
    return found;
  };
  const change = (id: string, changed: Partial<StoredCard>): void => {
    row(id).card = { ...row(id).card, ...changed };
  };
  const replyRow = (id: string): ReplyRow => {
    const found = replies.get(id);
    if (found === undefined) throw new Error(`no reply ${id}`);
    return found;
  };
  const deps: PainterDeps = {
    holdLease: async () => options.lease?.() ?? true,
    dirtyCards: async () =>
      [...rows.values()].filter((each) => !each.broken && (each.drawn < each.version || each.card.ts === null)).map((each) => each.card),
    loadCard: async (id) => ({ model: row(id).model, version: row(id).version }),
    markPosting: async (id) => change(id, { posting: true }),
    unsent: async (id) => change(id, { posting: false }),
    async painted(id, at) {
      const now = clock();
      if (at.posted && row(id).card.ts !== null) return false;
      change(id, {
        broken: false,
        channel: at.channel,
        ts: at.ts,
        paintedHash: at.hash,
        posting: false,
        firstPaintedAt: row(id).card.firstPaintedAt ?? now,
        lastPaintedAt: now,
      });
      Object.assign(row(id), { drawn: at.drawnVersion, broken: false });
      return true;
    },
    async lost(id, because) {
      said.lost.push(because);
      change(id, { ts: null, paintedHash: null, posting: false });
    },
    async broken(id, because) {
      said.broken.push(because);
      row(id).broken = true;
      change(id, { broken: true, posting: false });
    },
    brokenCards: async () => [...rows.values()].filter((each) => each.broken).map((each) => each.card),
    mended: async (id) => void said.mended.push(id),
    away: {
      since: async () => away,
      async begin(since) {
        away = since;
        said.away.push(since);
      },
      async over() {
        away = null;
        said.back.push(clock());
      },
    },
    gatherPings: async () => undefined,
    nextReplies: async () =>
      [...replies].flatMap(([id, due]) => {
        const { card } = row(due.card);
        if (card.ts === null || row(due.card).broken || (due.ts !== null && !due.stale) || due.failed) return [];
        return [
          {
            id,
            card: { id: due.card, channel: card.channel, ts: card.ts },
            reply: due.reply,
            posting: due.posting,
            upload: due.upload,
            ts: due.stale ? due.ts : null,
            rollBack: due.rollBack,
            log: due.reply.logButton === true ? LOG : null,
            late: due.reply.late ?? null,
          },
        ];
      }),
    async replyPosting(id, upload = undefined) {
      Object.assign(replyRow(id), { posting: true, upload: upload ?? null });
      return true;
    },
    replyUnsent: async (id) => void (replyRow(id).posting = false),
    async replyPosted(id, ts, drawn) {
      const known = replyRow(id);
      if (known.ts !== null && known.ts !== ts) return false;
      Object.assign(known, { ts, stale: drawn !== known.reply });
      return true;
    },
    async replyFailed(id, because) {
      said.failedReplies.push(because);
      replyRow(id).failed = true;
    },
    picture: async (id, timezone) => options.picture?.(id, timezone) ?? null,
    notices: {
      next: async () =>
        [...notices].flatMap(([id, due]) => (due.ts === null && due.failed === null ? [{ id, to: due.to, posting: due.posting }] : [])),
      load: async (id) => noticeRow(id).model,
      posting: async (id) => (noticeRow(id).posting = true),
      unsent: async (id) => void (noticeRow(id).posting = false),
      posted: async (id, ts) => void Object.assign(noticeRow(id), { ts, posting: false }),
      failed: async (id, because) => void (noticeRow(id).failed = because),
    },
    homes: options.homes ?? {
      due: async () => [],
      load: async () => ({ kind: "dropped" }),
      drawn: async () => undefined,
      lost: async () => undefined,
    },
    subscribe(ring) {
      bells.push(ring);
      return () => undefined;
    },
    now: clock,
    report: (fault) => void reports.push(fault instanceof Error ? fault.message : String(fault)),
    log: () => undefined,
  };
  const clients = createClients({ botToken: bot.botToken, apiUrl: slack.apiUrl }, sdkLogger(deps.log));
  const channels = createChannels(clients.painter, Date.now);
  const painting = {
    client: clients.painter,
    mayReadHistory: async () => options.history ?? true,
    timezone: () => options.timezone ?? "UTC",
    groups: async () => new Map([["product-owners", "S01OWNERS"]]),
    channelId: async (channel: string) => (await channels.find(channel))?.id ?? channel,
    isShared: async (channel: string) => (await channels.find(channel))?.shared === true,
  };
  const painter = createPainter(painting, deps);
  const watch = createWatch(painting, deps, () => undefined);
  if (options.now === undefined) painter.start();
  open.push(painter);
  return {
    painter,
    async look() {
      await watch.look();
      await watch.round.settled();
    },
    reports,
    said,
    put(id, model, changed = {}) {
      const before = rows.get(id);
      const fresh: StoredCard = {
        id,
        channel: "#shop-deploys",
        ts: null,
        posting: false,
        broken: false,
        paintedHash: null,
        priority: "change",
        firstPaintedAt: null,
        lastPaintedAt: null,
      };
      rows.set(id, {
        card: { ...(before?.card ?? fresh), ...changed },
        model,
        version: (before?.version ?? 0) + 1,
        drawn: before?.drawn ?? 0,
        broken: before?.broken ?? false,
      });
      wake();
    },
    reply(id, card, reply, rollBack = null) {
      replies.set(id, {
        card,
        reply: { ...calm, ...reply },
        posting: false,
        upload: null,
        ts: null,
        stale: false,
        failed: false,
        rollBack,
      });
      wake();
    },
    edit(id, reply) {
      const known = replyRow(id);
      Object.assign(known, { reply: { ...known.reply, ...reply }, stale: known.ts !== null });
      wake();
    },
    outdate(id) {
      Object.assign(replyRow(id), { stale: true, rollBack: null });
      wake();
    },
    notice(id, to, text, model = {}) {
      const shown = { kind: "show", text, timezone: "Europe/Brussels", card: null, ...model } as const;
      notices.set(id, { to, model: shown, posting: false, ts: null, failed: null });
      wake();
    },
    noticeState: noticeRow,
    stored: (id) => row(id).card,
    replyTs: (id) => replyRow(id).ts,
    shown: (id) => row(id).drawn === row(id).version,
    clean: () => [...rows.values()].every((each) => each.drawn === each.version),
  };
}
