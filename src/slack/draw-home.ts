import { createHash } from "node:crypto";
import type { HomeView } from "@slack/types";
import type { Home, ShownAt } from "../domain/home.ts";
import type { Permalinks } from "./permalinks.ts";
import { AS_OF, renderHome } from "./render/home.ts";

/** The Home tab with the addresses of the cards that it tells of. `hash`: of all that its reader sees but the time of day. */
export async function drawHome(home: Home, links: Permalinks, now: Date): Promise<{ readonly view: HomeView; readonly hash: string }> {
  const places = [...home.waiting.shown, ...home.running.shown].flatMap(({ at }) => (at === null ? [] : [at]));
  const found = new Map(await Promise.all(places.map(async (at) => [keyOf(at), await links.of(at)] as const)));
  const linkOf = (at: ShownAt): string | null => (at === null ? null : (found.get(keyOf(at)) ?? null));
  const view = renderHome(home, { now, timezone: home.timezone, linkOf });
  return { view, hash: hashOf(view) };
}

function keyOf({ channel, ts }: NonNullable<ShownAt>): string {
  return `${channel}:${ts}`;
}

function hashOf({ blocks }: HomeView): string {
  return createHash("sha256")
    .update(JSON.stringify(blocks.filter((block) => block.block_id !== AS_OF)))
    .digest("hex");
}
