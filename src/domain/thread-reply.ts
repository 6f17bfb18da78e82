import type { Reply } from "./card.ts";

/** A message in a thread that mentions nobody and carries no button, unless it says so. */
export function threadReply(says: Pick<Reply, "key" | "kind"> & Partial<Reply>): Reply {
  return { ping: null, broadcast: false, mention: [], text: "", preformatted: null, rollBackButton: false, ...says };
}
