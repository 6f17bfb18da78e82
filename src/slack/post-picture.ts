import type { DueReply } from "./deps.ts";
import type { Easel } from "./easel.ts";
import { cut } from "./escape.ts";
import { LIMITS } from "./limits.ts";
import { failureOf, isUndone, type SlackFailure } from "./slack-errors.ts";
import { sendBytes } from "./upload.ts";

/** Slack asks to wait by method; this is the one that posts it. */
const POSTS = "files.completeUploadExternal";

/**
 * A picture in a card's thread: drawn, uploaded, and only then begun to be posted. Of a post whose outcome nobody knows there is no second
 * one: a picture is an addition, its figures are told in words too. Nothing waits for it, and what goes wrong with it stops nothing else.
 */
export async function postPicture(easel: Easel, due: DueReply): Promise<boolean> {
  const { deps, pace } = easel;
  if (due.posting) return given(easel, due, "nobody knows whether the picture was posted before");
  if (easel.reach.since() !== null || !pace.open(POSTS)) return false;
  const picture = await deps.picture(due.id, easel.timezone()).catch((error: unknown) => {
    deps.report(error, { reply: due.id, doing: "drawing a picture" });
    return null;
  });
  if (picture === null) return given(easel, due, "there is no picture to show");
  try {
    const { filename, title, alt } = picture;
    // Slack's own name of it, which the SDK's types do not know.
    const asked = { filename, length: picture.png.length, alt_txt: cut(alt, LIMITS.fileAlt) };
    const ticket = await easel.client.files.getUploadURLExternal(asked);
    if (
      ticket.upload_url === undefined ||
      ticket.file_id === undefined ||
      !(await sendBytes(ticket.upload_url, picture.png, "image/png"))
    ) {
      pace.failed(due.id);
      return false;
    }
    // One too many would stay: asked again after whatever may have taken long.
    if (!(await deps.holdLease())) return false;
    if (!(await deps.replyPosting(due.id))) return true;
    pace.posted(due.card.channel);
    await easel.client.files.completeUploadExternal({
      files: [{ id: ticket.file_id, title }],
      channel_id: due.card.channel,
      thread_ts: due.card.ts,
    });
    await easel.reach.heard();
    // Slack does not say which message a file became.
    await deps.replyPosted(due.id, ticket.file_id, due.reply);
    pace.succeeded(due.id);
    return true;
  } catch (error) {
    return failed(easel, due, failureOf(error));
  }
}

async function failed(easel: Easel, due: DueReply, failure: SlackFailure): Promise<boolean> {
  const { deps, pace } = easel;
  await easel.reach.failed(failure);
  if (isUndone(failure)) await deps.replyUnsent(due.id);
  switch (failure.kind) {
    case "wait":
      pace.pause(POSTS, failure.ms);
      return false;
    case "unknown":
    case "later":
      pace.failed(due.id);
      return false;
    case "channel":
    case "rights":
      return given(easel, due, failure.sentence);
    case "gone":
    case "form":
    case "refused":
      return given(easel, due, `Slack refused the picture (${failure.code})`);
    default:
      return failure satisfies never;
  }
}

/** Given up, and written down. */
async function given(easel: Easel, due: DueReply, because: string): Promise<boolean> {
  await easel.deps.replyFailed(due.id, because);
  return true;
}
