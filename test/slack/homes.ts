import type { DeploymentCard, RunCard } from "../../src/domain/card.ts";
import { VERBS } from "../../src/domain/authorize.ts";
import { HOME_MOST, type Few, type Home, type HomeCard, type HomeHold, type HomePlace } from "../../src/domain/home.ts";
import type { Words } from "./shop.ts";
import { changes, deploymentId, inMinutes, minutesAgo, NOW, sha } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { validation } from "./card.ts";
import { everyCardAtItsWorst, LONGEST } from "./worst.ts";

/** Home tabs as the engine would read them. */

const CALM = { name: "shop", title: "feat(pay): pay with Bancontact" };
const AT = { channel: "C01DEPLOYS", ts: "1764000000.000100" };
/** On the way somewhere, or wanting a word. */
const OPEN = new Set(["awaiting_approval", "queued", "executing", "cancelling", "needs_attention", "watching", "countdown"]);

/** Every state that is not over, once, with all that may be pressed; and every way to hold, open and mute. */
export function home(words?: Words): Home {
  const cards = openCards(everyCard(words));
  const { name, title } = words ?? CALM;
  const place = (environment: string, over: Partial<HomePlace>): HomePlace => ({
    app: name,
    environment,
    live: { revision: sha("9f3c2ab"), since: minutesAgo(300), title, source: "ours" },
    mixed: false,
    current: null,
    locked: false,
    may: ["see", "deploy", "roll_back", "lock", "freeze"],
    ...over,
  });
  const hold = (kind: HomeHold["kind"], over: Partial<HomeHold>): HomeHold => ({
    kind,
    app: name,
    environment: "production",
    owner: name,
    own: false,
    reason: title,
    until: inMinutes(60),
    may: [],
    ...over,
  });
  return {
    command: "/deploy",
    timezone: "Europe/Brussels",
    troubles: [`${title} cannot be shown in #shop-deploys.`],
    waiting: all([
      { kind: "look", app: name, view: validation(words), changes: changes(words), at: AT },
      ...["awaiting_approval", "needs_attention", "needs_attention"].flatMap((state, index) => {
        const found = cards.filter(({ card }) => card.deployment.state.state === state)[Math.max(0, index - 1)];
        return found === undefined ? [] : [renumbered(found, index)];
      }),
    ]),
    running: all(distinct(cards)),
    holds: all([
      hold("restore", { owner: null, until: null, may: ["unlock"] }),
      hold("lock", { may: ["unlock"] }),
      hold("lock", { own: true, may: ["unlock"] }),
      hold("lock", { may: ["ask_unlock"] }),
      hold("freeze", { may: ["unfreeze"] }),
      hold("freeze", { owner: null, reason: null, until: null }),
    ]),
    places: all([
      place("staging", { current: { number: 813, state: "executing" } }),
      place("production", { mixed: true, locked: true, may: ["see", "deploy", "unlock"] }),
      place("demo", { live: null, locked: true, may: ["see", "ask_unlock"] }),
      place("hidden", { may: [] }),
    ]),
    mutes: [
      { app: name, until: null, since: NOW },
      { app: null, until: inMinutes(60), since: NOW },
    ],
  };
}

/** 200 apps with the longest names, and of everything more than there is room for. */
export function homeAtItsWorst(words: Words = LONGEST): Home {
  const one = home(words);
  const worst = openCards({ ...everyCardAtItsWorst(), ...(words === LONGEST ? {} : everyCard(words)) });
  const apps = 200;
  return {
    ...one,
    troubles: many(40, one.troubles),
    waiting: full(
      [...one.waiting.shown, ...worst.filter(({ card }) => card.deployment.state.state === "awaiting_approval")],
      HOME_MOST.waiting,
      apps,
    ),
    running: full(worst, HOME_MOST.running, apps),
    holds: full(one.holds.shown, HOME_MOST.holds, apps),
    places: full(one.places.shown, HOME_MOST.places, 2 * apps),
    mutes: Array.from({ length: apps }, (_, index) => ({ app: `${index}${words.name}`, until: inMinutes(index), since: NOW })),
  };
}

function openCards(cards: Readonly<Record<string, DeploymentCard | RunCard>>): readonly HomeCard[] {
  return Object.values(cards).flatMap((card) =>
    card.kind === "deployment" && OPEN.has(card.deployment.state.state) ? [{ kind: "deployment", card, at: AT, may: VERBS }] : [],
  );
}

/** One of each state, told apart as real ones are. */
function distinct(cards: readonly HomeCard[]): readonly HomeCard[] {
  const byState = new Map(cards.map((one) => [one.card.deployment.state.state, one]));
  return [...byState.values()].map((one, index) => renumbered(one, index));
}

function renumbered(one: HomeCard, index: number): HomeCard {
  return { ...one, card: { ...one.card, deployment: { ...one.card.deployment, id: deploymentId(100 + index) } } };
}

function all<Item>(items: readonly Item[]): Few<Item> {
  return { shown: items, more: 0 };
}

function full<Item>(items: readonly Item[], most: number, of: number): Few<Item> {
  return {
    shown: many(most, items).map((item, index) => toldApart(item, index)),
    more: of - most,
  };
}

/** Two of one kind are about two deployments, or about two apps. */
function toldApart<Item>(item: Item, index: number): Item {
  if (typeof item !== "object" || item === null) return item;
  if ("card" in item) return { ...item, ...renumbered(item as unknown as HomeCard, index) };
  return "app" in item ? { ...item, app: `${index}${String(item.app)}` } : item;
}

function many<Item>(length: number, of: readonly Item[]): readonly Item[] {
  return Array.from({ length }, (_, index) => of[index % of.length]).flatMap((one) => (one === undefined ? [] : [one]));
}
