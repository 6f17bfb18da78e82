import { mutedAmong } from "../db/mutes.ts";
import { beginNotice, markNotice, nextNotices, noticeById, type NoticeRow } from "../db/notices.ts";
import { shownCardOf } from "../db/shown.ts";
import type { Engine } from "./engine.ts";
import { seenByUser } from "./seen-by.ts";

type Notice =
  | {
      readonly kind: "show";
      readonly text: string;
      readonly timezone: string | null;
      readonly card: { readonly channel: string; readonly ts: string } | null;
    }
  | { readonly kind: "dropped" }
  | { readonly kind: "later" };

/** Direct messages for whoever posts them: read anew for each, so that a mute of a moment ago counts. */
export function noticing(engine: Engine) {
  const { db } = engine;
  async function dropped(id: string, because: string): Promise<Notice> {
    await markNotice(db, id, { failedBecause: because, posting: false });
    engine.log("info", `a direct message was not sent: ${because}`, { notice: id });
    return { kind: "dropped" };
  }

  async function shown(notice: NoticeRow, timezone: string | null): Promise<Notice> {
    const card = notice.deployment === null ? null : await shownCardOf(db, notice.deployment);
    return { kind: "show", text: notice.text, timezone, card };
  }

  return {
    next: async (): Promise<readonly { readonly id: string; readonly to: string; readonly posting: boolean }[]> => nextNotices(db),
    async load(id: string): Promise<Notice> {
      const notice = await noticeById(db, id);
      if (notice === null) return { kind: "dropped" };
      // Another channel of the app: nobody's own, and in the team's time.
      if (!/^[UW]/u.test(notice.to)) return shown(notice, null);
      const muted = await mutedAmong(db, [notice.to], notice.app, engine.clock());
      if (muted.has(notice.to) && !notice.key.startsWith("ask:")) return dropped(id, "muted");
      const person = await engine.directory.person(notice.to).catch(() => "silent" as const);
      if (person === "silent") return { kind: "later" };
      if (person === null) return dropped(id, "Slack knows nobody of that id");
      if (person.deleted || person.bot) return dropped(id, person.bot ? "it is a bot" : "the account is deactivated");
      const seen = await seenByUser(engine, notice.to).catch(() => null);
      if (seen === null) return { kind: "later" };
      if (!seen.config.apps.some((app) => app.name === notice.app)) return dropped(id, "they may not see the app");
      return shown(notice, person.timezone);
    },
    posting: (id: string, again: boolean): Promise<boolean> => beginNotice(db, id, again),
    unsent: (id: string): Promise<void> => markNotice(db, id, { posting: false }),
    posted: (id: string, ts: string): Promise<void> => markNotice(db, id, { ts, posting: false }),
    async failed(id: string, because: string): Promise<void> {
      engine.log("error", `a direct message could not be sent: ${because}`, { notice: id });
      await markNotice(db, id, { failedBecause: because, posting: false });
    },
  };
}
