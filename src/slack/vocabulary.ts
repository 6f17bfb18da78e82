import { setTimeout as pause } from "node:timers/promises";
import type { SlackDeps } from "./deps.ts";

/** Slack waits 3 s for the ack; nearly always the answer is at hand at once. */
const SOON_MS = 1_000;

/**
 * The apps that one person may name, and whether that was known soon enough for the first answer to Slack to carry words. `later` is the
 * same when it was not.
 */
export async function namesFor(
  deps: Pick<SlackDeps, "vocabulary">,
  user: string,
): Promise<{ readonly soon: true; readonly names: Names } | { readonly soon: false; readonly later: Promise<Names | null> }> {
  const asked = deps.vocabulary(user).catch(() => null);
  const timer = new AbortController();
  const first = await Promise.race([asked, pause(SOON_MS, null, { signal: timer.signal, ref: false }).catch(() => null)]);
  timer.abort();
  return first === null ? { soon: false, later: asked } : { soon: true, names: first };
}

type Names = Awaited<ReturnType<SlackDeps["vocabulary"]>>;
