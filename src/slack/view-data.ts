import { z } from "zod";
import type { Where } from "./deps.ts";

/** What a form remembers of where it was opened from: a button's value and where its answer is shown. */
const DATA = z.object({
  value: z.string().max(500),
  channel: z.string().max(40).nullable(),
  thread: z.string().max(40).nullable(),
  responseUrl: z.string().max(600).nullable(),
});
export type ViewData = z.infer<typeof DATA>;

export function encodeViewData(value: string, where: Where): string {
  const { channel, thread, responseUrl } = where;
  return JSON.stringify({ value, channel, thread, responseUrl: responseUrl !== null && responseUrl.length <= 600 ? responseUrl : null });
}

/** Null: not one of ours, or of another version of the bot. */
export function parseViewData(text: string): ViewData | null {
  try {
    const parsed = DATA.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function whereOf(data: ViewData): Where {
  return { channel: data.channel, thread: data.thread, responseUrl: data.responseUrl };
}
