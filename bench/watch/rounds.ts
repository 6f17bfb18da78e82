import { setTimeout as pause } from "node:timers/promises";
import { defaultStackParser, makeNodeTransport, NodeClient, Scope } from "@sentry/node";
import { cardsOf, shows, titleOf } from "../../sandbox/story/cards.ts";
import { offering, press, runsEverywhere } from "../../sandbox/story/chapter.ts";
import { until } from "../../sandbox/story/expectation.ts";
import { CHANNEL, PEOPLE } from "../../sandbox/world/team.ts";
import type { World } from "../../sandbox/world/world.ts";
import type { Options } from "./options.ts";
import { openShop, type Shop, type Way } from "./shop.ts";

/** Milliseconds of each round. */
export type Series = {
  readonly way: Way;
  /** From the SDK's capture of the first bad event to the change of the card in Slack. */
  readonly toCard: readonly number[];
  /** From the press on Roll back to the earlier revision on both servers. */
  readonly back: readonly number[];
  /** Of that, the time in which a server was restarting. */
  readonly restarting: readonly number[];
};

/** The first deployment finds everything cold. */
const WARM_UP = 1;
const HEALTH_EVERY_MS = 10;

export async function runWay(way: Way, options: Options): Promise<Series> {
  await using shop = await openShop(way, options);
  const rounds: Round[] = [];
  for (let number = 0; number < options.rounds + WARM_UP; number += 1) {
    const round = await runRound(shop, number, options);
    process.stderr.write(`${way} ${number}: ${JSON.stringify(round)}\n`);
    rounds.push(round);
  }
  const counted = rounds.slice(WARM_UP);
  return {
    way,
    toCard: counted.map((round) => round.toCard),
    back: counted.map((round) => round.back),
    restarting: counted.map((round) => round.restarting),
  };
}

type Round = { readonly toCard: number; readonly back: number; readonly restarting: number };

/** One deployment goes live, fails, is rolled back, and is allowed again, so that the next one may contain it. */
async function runRound(shop: Shop, number: number, options: Options): Promise<Round> {
  const { world } = shop;
  const { web1 } = world.servers;
  const earlier = (await web1.running()) ?? "";
  const pushed = await world.github.push({ kind: "good", author: "bob" });
  await press(world, PEOPLE.ann, await offering(world, "approve"), "approve");
  await runsEverywhere(world, pushed.sha);
  const card = await until("the card says that it is watched", () => cardsOf(world.slack).find((one) => titleOf(one).startsWith("Live: ")));
  // Another moment between two looks in each round.
  await pause(((number % options.rounds) / options.rounds) * options.everySeconds * 1000);
  const toCard = await firstError(world, pushed.sha, card.ts);
  const pressedAt = Date.now();
  await press(world, PEOPLE.bob, await offering(world, "roll_back", "danger"), "roll_back");
  await servesEverywhere(world, earlier);
  const back = Date.now() - pressedAt;
  await until("the card says that it was rolled back", () => titleOf(cardAt(world, card.ts)).startsWith("Rolled back"));
  const restarting = shop.restarting(pressedAt);
  await allowAgain(world, card.ts);
  return { toCard, back, restarting };
}

/** Raised by the real SDK, as the released version on web-1. Answers how long it was until its card changed. */
async function firstError(world: World, release: string, ts: string): Promise<number> {
  const client = new NodeClient({
    dsn: world.sentry.dsn,
    release,
    environment: "production",
    serverName: "web-1",
    integrations: [],
    transport: makeNodeTransport,
    stackParser: defaultStackParser,
  });
  client.init();
  const scope = new Scope();
  scope.setClient(client);
  scope.setUser({ id: "17" });
  const fault = new Error("the basket is gone");
  // An issue of its own in each release.
  fault.name = `Broken${release.slice(0, 7)}`;
  const changed = whenAlarmed(world, ts);
  const begun = Date.now();
  scope.captureException(fault, { mechanism: { type: "http", handled: false } });
  const at = await changed;
  await client.close(10_000);
  return at - begun;
}

/** The moment at which Slack took the card that says "Regression". */
function whenAlarmed(world: World, ts: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error(`the card still says ${titleOf(cardAt(world, ts))}`)), 180_000);
    const end = world.slack.subscribe(() => {
      if (!titleOf(cardAt(world, ts)).startsWith("Regression")) return;
      clearTimeout(deadline);
      end();
      resolve(Date.now());
    });
  });
}

function cardAt(world: World, ts: string): ReturnType<typeof cardsOf>[number] {
  const card = cardsOf(world.slack).find((one) => one.ts === ts);
  if (card === undefined) throw new Error("the card is gone");
  return card;
}

async function servesEverywhere(world: World, revision: string): Promise<void> {
  const { web1, web2 } = world.servers;
  await until(
    "the earlier version is on both servers",
    async () => (await Promise.all([web1.running(), web2.running()])).every((one) => one === revision),
    { everyMs: HEALTH_EVERY_MS },
  );
}

async function allowAgain(world: World, ts: string): Promise<void> {
  await until("the card offers to allow it again", () => shows(cardAt(world, ts), "allow_again"));
  await world.slack.click({ user: PEOPLE.ann, channel: CHANNEL.id, ts, action_id: "allow_again" });
  const view = await until("Ann is asked why", () => world.slack.state().views[PEOPLE.ann]?.at(-1));
  await world.slack.submit({ user: PEOPLE.ann, view_id: String(view["id"]), values: { reason: "It was only measured." } });
  await until("it is allowed again", () => !shows(cardAt(world, ts), "allow_again"));
}
