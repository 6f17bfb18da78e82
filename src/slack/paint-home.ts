import type { DueHome } from "./deps.ts";
import { drawHome } from "./draw-home.ts";
import type { Easel } from "./easel.ts";
import type { Permalinks } from "./permalinks.ts";
import { renderPlainHome } from "./render/home.ts";
import { failureOf } from "./slack-errors.ts";

/** One after the other: nothing is less urgent. */
export const HOMES = "Home tabs";
export const PUBLISH = "views.publish";

/** Tries of one person's Home tab are counted by this name. */
export function homeKey({ user }: DueHome): string {
  return `home of ${user}`;
}

/**
 * One Home tab, drawn again if its reader would see something else. Who asks for it has taken a token for it. True: it was published.
 */
export async function paintHome(easel: Easel, due: DueHome, links: Permalinks): Promise<boolean> {
  const { deps, pace } = easel;
  const loaded = await deps.homes.load(due.user);
  if (loaded.kind !== "show") {
    pace.give();
    if (loaded.kind === "later") pace.failed(homeKey(due));
    else await deps.homes.lost(due.user, "nobody reads it any more");
    return false;
  }
  const { view, hash } = await drawHome(loaded.home, links, deps.now());
  if (hash === due.drawnHash) {
    pace.give();
    await deps.homes.drawn(due.user, hash, false);
    return false;
  }
  try {
    await easel.client.views.publish({ user_id: due.user, view });
    await easel.reach.heard();
    pace.succeeded(homeKey(due));
    await deps.homes.drawn(due.user, hash, true);
    return true;
  } catch (error) {
    return failed(easel, due, { error, hash, command: loaded.home.command });
  }
}

type Failed = { readonly error: unknown; readonly hash: string; readonly command: string };

async function failed(easel: Easel, due: DueHome, what: Failed): Promise<boolean> {
  const { deps, pace } = easel;
  const failure = failureOf(what.error);
  await easel.reach.failed(failure);
  switch (failure.kind) {
    case "wait":
      pace.pause(PUBLISH, failure.ms);
      return false;
    case "unknown":
    case "later":
      pace.failed(homeKey(due));
      return false;
    case "rights":
      easel.rightsBroken(failure.sentence, failure.code);
      return false;
    case "form":
      deps.report(new Error(`Slack refused a Home tab: ${failure.code}`), { user: due.user, detail: failure.detail });
      return lastResort(easel, due, what);
    case "channel":
    case "gone":
    case "refused":
      // The Home tab is switched off, or the person is gone: opening it tells otherwise.
      await deps.homes.lost(due.user, failure.code);
      return false;
    default:
      return failure satisfies never;
  }
}

/** Slack refused our blocks: its reader still learns where to look, until something changes. */
async function lastResort(easel: Easel, due: DueHome, { hash, command }: Failed): Promise<boolean> {
  const { deps, pace } = easel;
  try {
    await easel.client.views.publish({ user_id: due.user, view: renderPlainHome(command) });
    await deps.homes.drawn(due.user, hash, true);
    return true;
  } catch (error) {
    const { kind } = failureOf(error);
    if (kind === "form" || kind === "refused") await deps.homes.lost(due.user, "Slack refuses it, also as plain text");
    else pace.failed(homeKey(due));
    return false;
  }
}
