import type { Easel } from "./easel.ts";
import type { Posted } from "./post.ts";
import { failureOf } from "./slack-errors.ts";

/** Messages of ours whose place nobody wrote down: found where that is allowed, and removed where there is one too many. */

export const CARD_EVENT = "greenlight_card";
export const REPLY_EVENT = "greenlight_reply";

const PAGE = 200;
/** More was not said in a thread, nor in a channel while Slack did not answer. */
const MOST_PAGES = 10;

/** The `ts` of the post whose answer never came. Null: it is not there, or nobody may look. */
export async function findPost(
  easel: Easel,
  what: { readonly channel: string; readonly thread: string | null; readonly event: string; readonly key: string; readonly id: string },
): Promise<string | null> {
  if (!(await easel.mayReadHistory())) return null;
  return search(() => firstPost(easel, what, ({ metadata }) => isOurs(metadata, what.event, what.key, what.id)));
}

/** Does this file stand in the thread? @throws when nobody may look */
export async function isFileIn(easel: Easel, thread: { readonly channel: string; readonly ts: string }, file: string): Promise<boolean> {
  const place = { channel: thread.channel, thread: thread.ts };
  return (await firstPost(easel, place, ({ files = [] }) => files.some(({ id }) => id === file))) !== null;
}

type Place = { readonly channel: string; readonly thread: string | null };
type Post = NonNullable<Awaited<ReturnType<typeof pageOf>>["messages"]>[number];

async function firstPost(easel: Easel, place: Place, isIt: (message: Post) => boolean): Promise<string | null> {
  let cursor: string | undefined;
  for (let read = 0; read < MOST_PAGES; read += 1) {
    const page = await pageOf(easel, place, cursor);
    const found = (page.messages ?? []).find(isIt)?.ts;
    if (found !== undefined) return found;
    cursor = page.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === "") return null;
  }
  return null;
}

/** Of a channel the newest come first, of a thread the oldest. */
function pageOf(easel: Easel, { channel, thread }: Place, cursor: string | undefined) {
  const asked = { channel, include_all_metadata: true, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
  return thread === null ? easel.client.conversations.history(asked) : easel.client.conversations.replies({ ...asked, ts: thread });
}

/** A private channel wants another scope than a public one: then nothing is found, and it is posted again. */
async function search(look: () => Promise<string | null>): Promise<string | null> {
  try {
    return await look();
  } catch (error) {
    if (failureOf(error).kind === "rights") return null;
    throw error;
  }
}

export function isOurs(
  metadata: { readonly event_type?: string; readonly event_payload?: object } | undefined,
  event: string,
  key: string,
  id: string,
): boolean {
  if (metadata?.event_type !== event || metadata.event_payload === undefined) return false;
  return Object.entries(metadata.event_payload).some(([name, value]) => name === key && value === id);
}

/** Somebody else posted the same while this post was on its way: theirs stays. */
export async function removeTwin(easel: Easel, at: Posted): Promise<void> {
  await easel.client.chat
    .delete({ channel: at.channel, ts: at.ts })
    .catch((error: unknown) => easel.deps.report(error, { doing: "removing a message that was posted twice", ts: at.ts }));
}
