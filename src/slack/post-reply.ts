import type { DueReply } from "./deps.ts";
import { type Easel, isOurs, REPLY_EVENT, search } from "./paint-card.ts";
import { post } from "./post.ts";
import type { Rendered } from "./render/drawing.ts";
import { renderReply } from "./render/reply.ts";
import { failureOf } from "./slack-errors.ts";

/** Output may hold what is nobody's business in another company. */
const NOT_HERE = "Its log is not shown in a channel that another workspace shares; greenlight logs shows it on the bot's machine";

/** One thread message. True: it is done with, the next one of the same card may follow. */
export async function postReply(easel: Easel, due: DueReply): Promise<boolean> {
  const { deps, pace } = easel;
  if (due.ts !== null) return redrawn(easel, due, due.ts);
  if (!pace.open("chat.postMessage") || !pace.mayPost(due.card.channel)) return false;
  const content = await rendered(easel, due);
  try {
    await deps.replyPosted(due.id, await once(easel, due, content), due.reply);
    pace.succeeded(due.id);
    return true;
  } catch (error) {
    return failed(easel, due, { error, text: content.text });
  }
}

async function rendered(easel: Easel, due: DueReply): Promise<Rendered> {
  const { reply } = due;
  const hidden = reply.kind === "log" && reply.preformatted !== null && (await easel.isShared(due.card.channel));
  const shown = hidden ? { ...reply, text: `${reply.text}. ${NOT_HERE}`, preformatted: null, logButton: false } : reply;
  return renderReply(shown, { groups: await easel.groups(), rollBack: due.rollBack, log: due.log });
}

/** A posted message says what is new, or loses a button that is over; one that is gone needs nothing. A log waits for whatever is not one. */
async function redrawn(easel: Easel, due: DueReply, ts: string): Promise<boolean> {
  const { deps, pace } = easel;
  if (!pace.open("chat.update") || !pace.take(due.reply.kind === "log" ? "tick" : "change")) return false;
  const content = await rendered(easel, due);
  try {
    await easel.client.chat.update({ channel: due.card.channel, ts, ...content });
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === "wait") pace.pause("chat.update", failure.ms);
    if (failure.kind === "wait" || failure.kind === "unknown" || failure.kind === "later") {
      pace.failed(due.id);
      return false;
    }
  }
  await deps.replyPosted(due.id, ts, due.reply);
  pace.succeeded(due.id);
  return true;
}

/** Posts it, unless an earlier attempt of unknown outcome did. */
async function once(easel: Easel, due: DueReply, content: Rendered): Promise<string> {
  if (due.posting) {
    const found = await findReply(easel, due);
    if (found !== null) return found;
  } else {
    await easel.deps.replyPosting(due.id);
  }
  return send(easel, due, content);
}

async function send(easel: Easel, due: DueReply, content: Rendered): Promise<string> {
  easel.pace.posted(due.card.channel);
  const { ts } = await post(easel.client, {
    channel: due.card.channel,
    thread: due.card.ts,
    broadcast: due.reply.broadcast,
    ...content,
    metadata: { event_type: REPLY_EVENT, event_payload: { reply: due.id } },
  });
  return ts;
}

async function findReply(easel: Easel, due: DueReply): Promise<string | null> {
  if (!(await easel.mayReadHistory())) return null;
  const { channel, ts } = due.card;
  return search(async () => {
    const page = await easel.client.conversations.replies({ channel, ts, limit: 200, include_all_metadata: true });
    return (page.messages ?? []).find((message) => isOurs(message.metadata, REPLY_EVENT, "reply", due.id))?.ts ?? null;
  });
}

async function failed(easel: Easel, due: DueReply, what: { readonly error: unknown; readonly text: string }): Promise<boolean> {
  const { deps, pace } = easel;
  const failure = failureOf(what.error);
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
      return plainly(easel, due, what.text);
    case "channel":
      await deps.replyFailed(due.id, failure.sentence);
      return true;
    case "gone":
    case "refused":
      await deps.replyFailed(due.id, failure.code);
      return true;
    default:
      return failure satisfies never;
  }
}

async function plainly(easel: Easel, due: DueReply, text: string): Promise<boolean> {
  try {
    const ts = await send(easel, due, { text, blocks: [{ type: "section", text: { type: "plain_text", text: text.slice(0, 2900) } }] });
    await easel.deps.replyPosted(due.id, ts, due.reply);
  } catch (error) {
    const again = failureOf(error);
    if (again.kind === "wait" || again.kind === "unknown") return false;
    await easel.deps.replyFailed(due.id, "Slack refused it");
  }
  return true;
}
