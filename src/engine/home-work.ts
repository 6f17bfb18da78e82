import { shownCardOf } from "../db/shown.ts";
import { loadApprovals } from "../db/snapshot.ts";
import type { Verb } from "../domain/authorize.ts";
import { isOccupying, type Deployment } from "../domain/deployment.ts";
import { few, HOME_MOST, type Few, type HomeCard, type HomeLook } from "../domain/home.ts";
import { toldRegression } from "../domain/told-regression.ts";
import { deploymentCard } from "./card-model.ts";
import { environmentOf } from "./engine.ts";
import { looksDue } from "./home-looks.ts";
import type { HomeReader } from "./home-reader.ts";
import type { LiveEverywhere } from "./home-places.ts";

/** Buttons of deployments on the Home tab. */
const VERBS: readonly Verb[] = [
  "approve",
  "reject",
  "cancel",
  "roll_back",
  "roll_back_schema",
  "stop_countdown",
  "keep_watching",
  "resolve",
];

/** What waits for its reader, and what else is on its way; both oldest first, and of each only what is shown is read whole. */
export async function homeWork(
  reader: HomeReader,
  open: readonly Deployment[],
  live: LiveEverywhere,
): Promise<{ readonly waiting: Few<HomeCard | HomeLook>; readonly running: Few<HomeCard> }> {
  const mine = await waitingFor(reader, open);
  const others = open.filter((deployment) => !mine.includes(deployment)).toSorted((one, other) => rank(one) - rank(other));
  const looks = await looksDue(reader, live);
  const asked = few(mine, HOME_MOST.waiting);
  const going = few(others, HOME_MOST.running);
  const cards = await cardsOf(reader, asked.shown);
  return {
    waiting: few([...cards, ...looks], HOME_MOST.waiting, asked.more),
    running: { shown: await cardsOf(reader, going.shown), more: going.more },
  };
}

/** Their yes is wanted, or a way out, or a word on a regression. Whoever has said yes already is not asked again. */
async function waitingFor(reader: HomeReader, open: readonly Deployment[]): Promise<readonly Deployment[]> {
  const asking = open.filter(({ state }) => state.state === "awaiting_approval").map(({ id }) => id);
  const given = await loadApprovals(reader.engine.db, asking);
  const found: Deployment[] = [];
  for (const deployment of open) {
    const verb = wantedOf(deployment);
    const known = environmentOf(reader.engine, deployment.environmentId);
    if (verb === null || known === null) continue;
    const said = given.some((yes) => yes.deploymentId === deployment.id && yes.planHash === deployment.planHash && reader.isMe(yes.actor));
    if (!said && (await reader.may([verb], known.environment, deployment)).length > 0) found.push(deployment);
  }
  return found;
}

/** What a person has to say about it; null: nobody has to say anything. */
function wantedOf(deployment: Deployment): Verb | null {
  const { state } = deployment;
  switch (state.state) {
    case "awaiting_approval":
      return "approve";
    case "needs_attention":
      return "resolve";
    case "watching":
      return toldRegression(deployment) !== null && state.keptBy === null ? "roll_back" : null;
    default:
      return null;
  }
}

/** A countdown first, then what changes servers now, then what waits, then what is watched. */
function rank({ state }: Deployment): number {
  if (state.state === "countdown") return 0;
  if (isOccupying(state)) return 1;
  return state.state === "queued" ? 2 : state.state === "awaiting_approval" ? 3 : 4;
}

/** One after the other: a Home tab must not take the pool from those who drive. */
async function cardsOf(reader: HomeReader, deployments: readonly Deployment[]): Promise<readonly HomeCard[]> {
  const cards: HomeCard[] = [];
  for (const deployment of deployments) {
    const card = await deploymentCard(reader.engine, deployment.id);
    if (card === null) continue;
    const at = await shownCardOf(reader.engine.db, deployment.id);
    cards.push({ kind: "deployment", card, at, may: await reader.may(VERBS, card.environment, card.deployment) });
  }
  return cards;
}
