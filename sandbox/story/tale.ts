import { CHANNEL, PEOPLE } from "../world/team.ts";
import type { World } from "../world/world.ts";

/** What was pushed and done in this telling of the story. */
export type Tale = {
  readonly since: Date;
  good: string | null;
  bad: string | null;
  killed: boolean;
};

export function newTale(): Tale {
  return { since: new Date(), good: null, bad: null, killed: false };
}

/** Bob merges something that works, and says so in the channel. */
export async function pushGood(world: World, tale: Tale): Promise<{ readonly sha: string; readonly title: string }> {
  const pushed = await world.github.push({ kind: "good", author: "bob" });
  tale.good = pushed.sha;
  const name = pushed.title === "Pay with Bancontact" ? "Bancontact is merged" : `Merged: ${pushed.title}`;
  await sayAsBob(world, `${name}. Ann, it is on staging in a moment.`);
  return pushed;
}

/** Bob merges something that passes all tests and fails for visitors. */
export async function pushBad(world: World, tale: Tale): Promise<{ readonly sha: string; readonly title: string }> {
  const pushed = await world.github.push({ kind: "bad", author: "bob" });
  tale.bad = pushed.sha;
  await sayAsBob(world, "Merged: discounts are now rounded to the cent.");
  return pushed;
}

async function sayAsBob(world: World, text: string): Promise<void> {
  await world.slack.say({ user: PEOPLE.bob, channel: CHANNEL.id, text });
}
