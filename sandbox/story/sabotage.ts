import type { World } from "../world/world.ts";

/** Ways to break the world that the story must notice, and two that must not matter. */
export const SABOTAGES = [
  "wrong-revision-after-restart",
  "sentry-silent",
  "host-2-down",
  "migrate-exit-1",
  "slack-429-storm",
  "double-webhook",
] as const;

export type Sabotage = (typeof SABOTAGES)[number];

export function isSabotage(name: string): name is Sabotage {
  return SABOTAGES.some((known) => known === name);
}

/** Every webhook of the story and some more. */
const ALL_DELIVERIES = 1_000;
const GUST_EVERY_MS = 8_000;
const GUST_MS = 4_000;

/** Done before the first commit is pushed. @returns what ends it */
export async function commitSabotage(world: World, sabotage: Sabotage | null): Promise<() => void> {
  const { web1, web2 } = world.servers;
  switch (sabotage) {
    case null:
      break;
    case "wrong-revision-after-restart":
      await web1.restartsInto(world.github.initialSha);
      break;
    case "sentry-silent":
      world.sentry.silence(true);
      break;
    case "host-2-down":
      await web2.ssh.setDown(true);
      break;
    case "migrate-exit-1":
      await web1.failing("migrate", "could not obtain lock on relation orders_order");
      break;
    case "slack-429-storm":
      return storm(world);
    case "double-webhook":
      for (let left = ALL_DELIVERIES; left > 0; left -= 1) world.github.duplicateNext();
      break;
    default:
      return sabotage satisfies never;
  }
  return () => undefined;
}

/** Half of the time Slack refuses every call that posts or edits. */
function storm(world: World): () => void {
  const gust = () => {
    for (const method of ["chat.update", "chat.postMessage"]) world.slack.fault({ method, retryAfter: 2, forMs: GUST_MS });
  };
  gust();
  const timer = setInterval(gust, GUST_EVERY_MS);
  return () => clearInterval(timer);
}
