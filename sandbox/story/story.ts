import { setTimeout as pause } from "node:timers/promises";
import { sendJson } from "../slack/web.ts";
import type { World } from "../world/world.ts";
import { benchOf } from "./bench.ts";
import { newMemory, readFacts } from "./facts.ts";
import { guideOf } from "./guide.ts";
import { newTale, pushBad, pushGood } from "./tale.ts";

export type Story = { close(): Promise<void> };

/** Facts are read anew this often; nothing is published unless it changed. */
const LOOK_MS = 400;
const SLOW_MS = 20_000;
const RETRY_AFTER_SECONDS = 4;
/** As at GitHub: a webhook that nobody takes is not sent again by itself. */
const NOBODY_LISTENS = "The bot is not up, and GitHub tells of a push only once. Start it first.";

/**
 * Tells the page what to do next and what can be made to happen, and carries out what is pressed there.
 * The first commit is pushed by itself, as soon as the bot is ready for it.
 */
export function startStory(world: World): Story {
  let tale = newTale();
  let memory = newMemory();
  let silent = false;
  let slowUntil = 0;
  let published = "";
  const closed = new AbortController();

  async function publish(): Promise<void> {
    const guide = world.rules === "simple" ? guideOf(await readFacts(world, tale, memory)) : null;
    const bench = benchOf({ guide, bot: world.bot.state(), silent, slow: Date.now() < slowUntil });
    const text = JSON.stringify(bench);
    if (text === published) return;
    published = text;
    world.slack.publish("world", bench);
  }

  /** Nothing was pushed in this telling, and the bot would hear of it. */
  const mayBegin = () => tale.good === null && tale.bad === null && world.bot.state().state === "up";

  async function keepPublishing(): Promise<void> {
    while (!closed.signal.aborted) {
      if (mayBegin()) await pushGood(world, tale).catch(() => null);
      await publish().catch(() => null);
      await pause(LOOK_MS, null, { signal: closed.signal }).catch(() => null);
    }
  }

  function slowDown(): void {
    if (Date.now() < slowUntil) {
      slowUntil = 0;
      return world.slack.clearFaults();
    }
    slowUntil = Date.now() + SLOW_MS;
    // As Slack does it: per method, and not those that answer a person within three seconds.
    for (const method of ["chat.postMessage", "chat.update"])
      world.slack.fault({ method, retryAfter: RETRY_AFTER_SECONDS, forMs: SLOW_MS });
  }

  const verbs: Readonly<Record<string, () => void | Promise<unknown>>> = {
    "push-good": () => pushGood(world, tale.bad === null ? tale : { ...tale }),
    "push-bad": () => pushBad(world, tale),
    async kill() {
      tale.killed ||= (await readFacts(world, tale, memory)).good.started && !memory.goodWasLive;
      await world.bot.kill();
    },
    start: () => world.bot.start(),
    "silence-sentry": () => world.sentry.silence((silent = !silent)),
    "slow-slack": slowDown,
    "restart-story": () => void ([tale, memory] = [newTale(), newMemory()]),
  };

  world.slack.route("/_world/", async ({ method, path, response }) => {
    const verb = verbs[path.slice("/_world/".length)];
    if (method !== "POST" || verb === undefined) return sendJson(response, 404, { error: `There is nothing to do at ${path}.` });
    if (path.includes("push") && world.bot.state().state !== "up") return sendJson(response, 409, { error: NOBODY_LISTENS });
    await verb();
    await publish();
    sendJson(response, 200, {});
  });
  const publishing = keepPublishing();

  return {
    async close() {
      closed.abort();
      await publishing;
    },
  };
}
