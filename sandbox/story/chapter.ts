import type { World } from "../world/world.ts";
import { CHANNEL } from "../world/team.ts";
import { cardsOf, shows, titleOf } from "./cards.ts";
import { expect, until } from "./expectation.ts";
import type { Tale } from "./tale.ts";
import type { Witness } from "./witness.ts";

/** What every chapter of the story needs. */
export type Telling = { readonly world: World; readonly tale: Tale; readonly witness: Witness; readonly tell: (sentence: string) => void };

type Card = ReturnType<typeof cardsOf>[number];

/** The one card that was begun last. @throws Broken when there is none, or more than one a commit */
export function cardOf(world: World, commits: number): Card {
  const cards = cardsOf(world.slack);
  expect(`there is one card for each of ${commits} commits`, cards.length === commits, () => cards.map(titleOf).join("; ") || "no card");
  const last = cards.at(-1);
  if (last === undefined) throw new Error("a card was counted that is not there");
  return last;
}

/** A message of the channel that shows this button now. */
export function offering(world: World, action: string, style?: string): Promise<Card> {
  return until(`a card offers ${action}`, () => cardsOf(world.slack).find((card) => shows(card, action, style)), whileHopeful(world));
}

/** Somebody presses a button of a card. */
export async function press(world: World, user: string, card: Card, action: string): Promise<void> {
  const outcome = await world.slack.click({ user, channel: CHANNEL.id, ts: card.ts, action_id: action });
  expect(`the press of ${action} is acknowledged within 3 s`, outcome.result === "ok", () => outcome.result);
}

/** Both servers of production run it. */
export async function runsEverywhere(world: World, revision: string): Promise<void> {
  const { web1, web2 } = world.servers;
  const running = () => Promise.all([web1.running(), web2.running()]);
  await until(`both servers run ${revision.slice(0, 7)}`, async () => (await running()).every((one) => one === revision), {
    ...whileHopeful(world),
    seen: async () => `web-1 and web-2 run ${(await running()).map((one) => one?.slice(0, 7) ?? "nothing").join(" and ")}`,
  });
}

const ENDED_BADLY = /^(Failed|Needs a person|Cancelled|Tests failed|Roll back (failed|stuck)|Live, not verified)/;

/** Nothing more comes of a card that says that it failed. */
export function whileHopeful(world: World): { hopeless: () => string | null; seen: () => string } {
  const titles = () => cardsOf(world.slack).map(titleOf);
  return {
    hopeless: () => titles().find((title) => ENDED_BADLY.test(title)) ?? null,
    seen: () => titles().join("; ") || "there is no card",
  };
}
