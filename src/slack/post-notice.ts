import type { DueNotice, NoticeModel } from "./deps.ts";
import type { Easel } from "./easel.ts";
import { isOurs } from "./own-posts.ts";
import type { Permalinks } from "./permalinks.ts";
import { post } from "./post.ts";
import type { Rendered } from "./render/drawing.ts";
import { renderNotice } from "./render/notice.ts";
import { failureOf } from "./slack-errors.ts";

const NOTICE_EVENT = "greenlight_notice";
/** All direct messages together keep the pace of one channel: none of them is urgent. */
export const NOTICES = "direct messages";
const NOT_TWICE = "Slack did not say whether it was shown, and it is not said twice";

/** The next direct message for each person, oldest first. */
export function firstForEach(due: readonly DueNotice[]): readonly DueNotice[] {
  return [...Map.groupBy(due, (notice) => notice.to).values()].flatMap((all) => all.slice(0, 1));
}

/**
 * One direct message, at most once: a post of unknown outcome is looked for, and given up where nobody may look. True: something was
 * done about it.
 */
export async function postNotice(easel: Easel, due: DueNotice, links: Permalinks): Promise<boolean> {
  const { deps, pace } = easel;
  if (!pace.open("chat.postMessage") || !pace.mayPost(NOTICES)) return false;
  const model = await deps.notices.load(due.id);
  if (model.kind === "dropped") return true;
  if (model.kind === "later" || !(await answers(easel))) {
    pace.failed(due.id);
    return false;
  }
  try {
    const to = isPerson(due) ? due.to : await easel.channelId(due.to);
    const before = due.posting ? await search(easel, due, to) : null;
    if (before === "nobody knows") await deps.notices.failed(due.id, NOT_TWICE);
    else if (before !== null) await deps.notices.posted(due.id, before);
    else if (!(await send(easel, due, { to, content: await rendered(easel, model, links) }))) return false;
    await easel.reach.heard();
    pace.succeeded(due.id);
    return true;
  } catch (error) {
    return failed(easel, due, error);
  }
}

/** Else another channel of the app, as the configuration names it. */
function isPerson({ to }: DueNotice): boolean {
  return /^[UW]/u.test(to);
}

/** What can be done only once is not begun while Slack is away. */
async function answers(easel: Easel): Promise<boolean> {
  try {
    await easel.client.auth.test();
    return true;
  } catch (error) {
    const failure = failureOf(error);
    await easel.reach.failed(failure);
    if (failure.kind === "rights") easel.rightsBroken(failure.sentence, failure.code);
    return false;
  }
}

async function rendered(easel: Easel, model: Extract<NoticeModel, { kind: "show" }>, links: Permalinks): Promise<Rendered> {
  const card = model.card === null ? null : await links.of(model.card);
  return renderNotice({ ...model, timezone: model.timezone ?? easel.timezone() }, { card, now: easel.deps.now() });
}

/** False: another replica posts now. */
async function send(easel: Easel, due: DueNotice, what: { readonly to: string; readonly content: Rendered }): Promise<boolean> {
  const { deps } = easel;
  if (!(await deps.holdLease()) || !(await deps.notices.posting(due.id, due.posting))) return false;
  easel.pace.posted(NOTICES);
  const metadata = { event_type: NOTICE_EVENT, event_payload: { notice: due.id } };
  const { ts } = await post(easel.client, { channel: what.to, thread: null, broadcast: false, ...what.content, metadata });
  await deps.notices.posted(due.id, ts);
  return true;
}

/** The post whose answer never came; null: it is not there. Looking needs the scopes im:write and im:history. */
async function search(easel: Easel, due: DueNotice, to: string): Promise<string | null | "nobody knows"> {
  try {
    const channel = isPerson(due) ? (await easel.client.conversations.open({ users: to })).channel?.id : to;
    if (channel === undefined) return "nobody knows";
    const page = await easel.client.conversations.history({ channel, limit: 50, include_all_metadata: true });
    return (page.messages ?? []).find((message) => isOurs(message.metadata, NOTICE_EVENT, "notice", due.id))?.ts ?? null;
  } catch (error) {
    const { kind } = failureOf(error);
    if (kind === "wait" || kind === "unknown" || kind === "later") throw error;
    return "nobody knows";
  }
}

async function failed(easel: Easel, due: DueNotice, error: unknown): Promise<boolean> {
  const { deps, pace } = easel;
  const failure = failureOf(error);
  await easel.reach.failed(failure);
  switch (failure.kind) {
    case "wait":
      pace.pause("chat.postMessage", failure.ms);
      if (!due.posting) await deps.notices.unsent(due.id);
      return false;
    case "unknown":
    case "later":
      pace.failed(due.id);
      return false;
    case "rights":
      if (!due.posting) await deps.notices.unsent(due.id);
      easel.rightsBroken(failure.sentence, failure.code);
      return false;
    case "form":
      deps.report(new Error(`Slack refused a direct message: ${failure.code}`), { notice: due.id, detail: failure.detail });
      await deps.notices.failed(due.id, failure.code);
      return true;
    case "channel":
    case "gone":
    case "refused":
      await deps.notices.failed(due.id, failure.code);
      return true;
    default:
      return failure satisfies never;
  }
}
