import { shownCardOf } from "../db/cards.ts";
import { mutedAmong } from "../db/mutes.ts";
import { markNotice, nextNotices, noticeById } from "../db/notices.ts";
import type { Engine } from "./engine.ts";

type Notice =
  | {
      readonly kind: "show";
      readonly text: string;
      readonly timezone: string;
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

  return {
    next: async (): Promise<readonly { readonly id: string; readonly to: string; readonly posting: boolean }[]> => nextNotices(db),
    async load(id: string): Promise<Notice> {
      const notice = await noticeById(db, id);
      if (notice === null) return { kind: "dropped" };
      const muted = await mutedAmong(db, [notice.to], notice.app, engine.clock());
      if (muted.has(notice.to) && !notice.key.startsWith("ask:")) return dropped(id, "muted");
      const person = await engine.directory.person(notice.to).catch(() => "silent" as const);
      if (person === "silent") return { kind: "later" };
      if (person === null) return dropped(id, "Slack knows nobody of that id");
      if (person.deleted || person.bot) return dropped(id, person.bot ? "it is a bot" : "the account is deactivated");
      const card = notice.deployment === null ? null : await shownCardOf(db, notice.deployment);
      return { kind: "show", text: notice.text, timezone: person.timezone, card };
    },
    posting: (id: string): Promise<void> => markNotice(db, id, { posting: true }),
    unsent: (id: string): Promise<void> => markNotice(db, id, { posting: false }),
    posted: (id: string, ts: string): Promise<void> => markNotice(db, id, { ts, posting: false }),
    async failed(id: string, because: string): Promise<void> {
      engine.log("error", `a direct message could not be sent: ${because}`, { notice: id });
      await markNotice(db, id, { failedBecause: because, posting: false });
    },
  };
}
