import type { DueReply } from "./deps.ts";
import type { Easel } from "./easel.ts";
import { findPost, removeTwin, REPLY_EVENT } from "./own-posts.ts";
import { postPicture } from "./post-picture.ts";
import { post, type Posted } from "./post.ts";
import { section } from "./render/blocks.ts";
import type { Rendered } from "./render/drawing.ts";
import { renderLate } from "./render/late.ts";
import { renderReply } from "./render/reply.ts";
import { failureOf, isUndone } from "./slack-errors.ts";

/** Output may hold what is nobody's business in another company. */
const NOT_HERE = "Its log is not shown in a channel that another workspace shares; greenlight logs shows it on the bot's machine";

/** One thread message. True: it is done with, the next one of the same card may follow. */
export async function postReply(easel: Easel, due: DueReply): Promise<boolean> {
  const { pace } = easel;
  if (due.reply.picture !== undefined) return postPicture(easel, due);
  if (due.ts !== null) return redrawn(easel, due, due.ts);
  if (!pace.open("chat.postMessage") || !pace.mayPost(due.card.channel)) return false;
  try {
    return await posted(easel, due, await rendered(easel, due));
  } catch (error) {
    return failed(easel, due, error);
  }
}

async function rendered(easel: Easel, due: DueReply): Promise<Rendered> {
  const { reply } = due;
  const groups = await easel.groups();
  if (due.late !== null) return renderLate(due.late, { groups, now: easel.deps.now(), timezone: easel.timezone() });
  const hidden = reply.kind === "log" && reply.preformatted !== null && (await easel.isShared(due.card.channel));
  const shown = hidden ? { ...reply, text: `${reply.text}. ${NOT_HERE}`, preformatted: null, logButton: false } : reply;
  return renderReply(shown, {
    groups,
    rollBack: due.rollBack,
    log: due.log,
    stop: due.stop ?? null,
    authors: due.authors ?? [],
    now: easel.deps.now(),
    timezone: easel.timezone(),
  });
}

/** A posted message says what is new, or loses a button that is over; one that is gone needs nothing. A log waits for whatever is not one. */
async function redrawn(easel: Easel, due: DueReply, ts: string): Promise<boolean> {
  const { deps, pace } = easel;
  if (!pace.open("chat.update") || !pace.take(due.reply.kind === "log" ? "tick" : "change")) return false;
  const content = await rendered(easel, due);
  try {
    await easel.client.chat.update({ channel: due.card.channel, ts, ...content });
    await easel.reach.heard();
  } catch (error) {
    const failure = failureOf(error);
    await easel.reach.failed(failure);
    if (failure.kind === "wait") pace.pause("chat.update", failure.ms);
    if (failure.kind === "rights") easel.rightsBroken(failure.sentence, failure.code);
    if (failure.kind === "wait" || failure.kind === "unknown" || failure.kind === "later" || failure.kind === "rights") {
      pace.failed(due.id);
      return false;
    }
  }
  await deps.replyPosted(due.id, ts, due.reply);
  pace.succeeded(due.id);
  return true;
}

/** Posts it, unless an earlier attempt of unknown outcome did. False: another replica paints now. */
async function posted(easel: Easel, due: DueReply, content: Rendered): Promise<boolean> {
  const { deps } = easel;
  const found = due.posting ? await findReply(easel, due) : null;
  if (found !== null) {
    await easel.reach.heard();
    await deps.replyPosted(due.id, found, due.reply);
    return true;
  }
  // A post too many stays: asked again after whatever may have taken long.
  if (!(await deps.holdLease())) return false;
  if (!(await deps.replyPosting(due.id))) return true;
  const at = await send(easel, due, content);
  await easel.reach.heard();
  if (!(await deps.replyPosted(due.id, at.ts, due.reply))) await removeTwin(easel, at);
  easel.pace.succeeded(due.id);
  return true;
}

async function send(easel: Easel, due: DueReply, content: Rendered): Promise<Posted> {
  easel.pace.posted(due.card.channel);
  return post(easel.client, {
    channel: due.card.channel,
    thread: threadOf(due),
    broadcast: due.reply.broadcast,
    ...content,
    metadata: { event_type: REPLY_EVENT, event_payload: { reply: due.id } },
  });
}

/** What comes late is said in the channel: nobody looks into a thread for it. */
function threadOf(due: DueReply): string | null {
  return due.late === null ? due.card.ts : null;
}

function findReply(easel: Easel, due: DueReply): Promise<string | null> {
  return findPost(easel, { channel: due.card.channel, thread: threadOf(due), event: REPLY_EVENT, key: "reply", id: due.id });
}

async function failed(easel: Easel, due: DueReply, error: unknown): Promise<boolean> {
  const { deps, pace } = easel;
  const failure = failureOf(error);
  await easel.reach.failed(failure);
  if (!due.posting && isUndone(failure)) await deps.replyUnsent(due.id);
  switch (failure.kind) {
    case "wait":
      pace.pause("chat.postMessage", failure.ms);
      return false;
    case "unknown":
    case "later":
      pace.failed(due.id);
      return false;
    case "rights":
      easel.rightsBroken(failure.sentence, failure.code);
      return false;
    case "form":
      deps.report(new Error(`Slack refused a thread message: ${failure.code}`), { reply: due.id, detail: failure.detail });
      return plainly(easel, due);
    case "channel":
      // The message waits for the channel, as its card does.
      await deps.broken(due.card.id, failure.sentence);
      return false;
    case "gone":
      return withoutCard(easel, due, failure.code);
    case "refused":
      await deps.replyFailed(due.id, failure.code);
      return true;
    default:
      return failure satisfies never;
  }
}

/** The card that it hangs below is gone: a new one is posted, and the message goes there. The second time it is given up. */
async function withoutCard(easel: Easel, due: DueReply, code: string): Promise<boolean> {
  const key = `moved for ${due.id}`;
  if (easel.moved.has(key)) {
    easel.moved.delete(key);
    await easel.deps.replyFailed(due.id, code);
    return true;
  }
  easel.moved.set(key, code);
  easel.moved.set(due.card.id, "somebody deleted it");
  await easel.deps.lost(due.card.id, code);
  return false;
}

/** Slack refused its blocks: the same as text. Posted as everything is, so that a lost answer does not post it twice. */
async function plainly(easel: Easel, due: DueReply): Promise<boolean> {
  const { text } = await rendered(easel, due);
  try {
    return await posted(easel, { ...due, posting: false }, { text, blocks: [section(text)] });
  } catch (error) {
    const again = failureOf(error);
    if (again.kind !== "form" && again.kind !== "refused") return failed(easel, due, error);
    await easel.deps.replyFailed(due.id, again.code);
    return true;
  }
}
