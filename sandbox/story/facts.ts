import { PEOPLE } from "../world/team.ts";
import type { World } from "../world/world.ts";
import { cardsOf, shows } from "./cards.ts";
import type { Facts } from "./guide.ts";
import type { Tale } from "./tale.ts";

/** What was true once and stays so although it can no longer be seen. */
export type Memory = { goodWasLive: boolean; badWasLive: boolean; alarmed: boolean; eveWasRefused: boolean };

export function newMemory(): Memory {
  return { goodWasLive: false, badWasLive: false, alarmed: false, eveWasRefused: false };
}

/** Reads Slack's messages, its presses and the servers; remembers what passes. */
export async function readFacts(world: World, tale: Tale, memory: Memory): Promise<Facts> {
  const { web1, web2 } = world.servers;
  const running = await Promise.all([web1.running(), web2.running()]);
  const cards = cardsOf(world.slack);
  memory.goodWasLive ||= tale.good !== null && running.every((revision) => revision === tale.good);
  memory.badWasLive ||= tale.bad !== null && running.every((revision) => revision === tale.bad);
  const offersWayBack = cards.some((card) => shows(card, "roll_back", "danger"));
  memory.alarmed ||= memory.badWasLive && offersWayBack;
  memory.eveWasRefused ||= wasAnswered(world, PEOPLE.eve, tale.since);
  return {
    bot: world.bot.state().state,
    asksApproval: cards.some((card) => shows(card, "approve")),
    eveWasRefused: memory.eveWasRefused,
    wasKilled: tale.killed,
    good: { started: await wasFetched(world, tale.good), wasLive: memory.goodWasLive },
    bad:
      tale.bad === null
        ? null
        : {
            started: await wasFetched(world, tale.bad),
            wasLive: memory.badWasLive,
            alarmed: memory.alarmed,
            offersWayBack,
            gone: memory.badWasLive && running.every((revision) => revision !== null && revision !== tale.bad),
          },
  };
}

/** Pressed Approve & Deploy, and got an answer that only this person sees. */
function wasAnswered(world: World, user: string, since: Date): boolean {
  const { presses } = world.slack.state();
  const pressed = presses.some((press) => press.user === user && press.action_id === "approve" && new Date(press.at) >= since);
  return pressed && world.slack.ephemerals(user).some((shown) => new Date(shown.at) >= since);
}

async function wasFetched(world: World, revision: string | null): Promise<boolean> {
  return revision !== null && (await world.servers.web1.checkedOut(revision)) > 0;
}
