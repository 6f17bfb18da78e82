import type { DueReply, Upload } from "./deps.ts";
import type { Easel } from "./easel.ts";
import { cut } from "./escape.ts";
import { LIMITS } from "./limits.ts";
import { isFileIn } from "./own-posts.ts";
import { failureOf, isUndone, type SlackFailure } from "./slack-errors.ts";
import { sendBytes } from "./upload.ts";

/** Slack asks to wait by method; this is the one that posts it. */
const POSTS = "files.completeUploadExternal";

/** A post of unknown outcome is looked for only then, in milliseconds: Slack shows a file a while after it took it. */
const SHOWN_WITHIN_MS = 30_000;
/** A picture is an addition: after so many posts of unknown outcome, or so long after the last, it is left. */
const MOST_TRIES = 3;
const LATE_MS = 3_600_000;
const UNKNOWN = "nobody knows whether the picture was posted before";

/**
 * A picture in a card's thread: drawn, uploaded, and only then begun to be posted. Of a post whose outcome nobody knows there is a second
 * one, of the same file, only where the thread may be read and does not hold it: its figures are told in words too. Nothing waits for it,
 * and what goes wrong with it stops nothing else.
 */
export async function postPicture(easel: Easel, due: DueReply): Promise<boolean> {
  const { deps, pace } = easel;
  if (due.posting) return resumed(easel, due);
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
    return await posted(easel, due, { file: ticket.file_id, title, tries: 1, at: deps.now() });
  } catch (error) {
    return failed(easel, due, failureOf(error));
  }
}

/** One too many would stay: asked again after whatever may have taken long. */
async function posted(easel: Easel, due: DueReply, upload: Upload): Promise<boolean> {
  const { deps, pace } = easel;
  if (!(await deps.holdLease())) return false;
  if (!(await deps.replyPosting(due.id, upload))) return true;
  pace.posted(due.card.channel);
  await easel.client.files.completeUploadExternal({
    files: [{ id: upload.file, title: upload.title }],
    channel_id: due.card.channel,
    thread_ts: due.card.ts,
  });
  return done(easel, due, upload);
}

async function done(easel: Easel, due: DueReply, { file }: Upload): Promise<boolean> {
  await easel.reach.heard();
  // Slack does not say which message a file became.
  await easel.deps.replyPosted(due.id, file, due.reply);
  easel.pace.succeeded(due.id);
  return true;
}

/** Its last post was cut off: it stands there, or the same file is posted again. */
async function resumed(easel: Easel, due: DueReply): Promise<boolean> {
  const { deps, pace } = easel;
  const upload = due.upload ?? null;
  if (upload === null || !(await easel.mayReadHistory())) return given(easel, due, UNKNOWN);
  const sinceMs = deps.now().getTime() - upload.at.getTime();
  if (sinceMs < SHOWN_WITHIN_MS || easel.reach.since() !== null || !pace.open(POSTS)) return false;
  try {
    if (await isFileIn(easel, due.card, upload.file)) return await done(easel, due, upload);
    if (upload.tries >= MOST_TRIES || sinceMs > LATE_MS) return await given(easel, due, UNKNOWN);
    return await posted(easel, due, { ...upload, tries: upload.tries + 1, at: deps.now() });
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
