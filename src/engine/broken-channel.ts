import { brokenCards, mendChannel } from "../db/broken.ts";
import { cardById, markBroken, type CardRow } from "../db/cards.ts";
import { deploymentById } from "../db/deployments.ts";
import { addNotice } from "../db/notices.ts";
import { loadApprovals } from "../db/snapshot.ts";
import { isFinal } from "../domain/deployment.ts";
import type { DeploymentId } from "../domain/ids.ts";
import { environmentOf, type Engine } from "./engine.ts";
import { gatherPings } from "./gather-pings.ts";

/** A card that its channel does not take: the deployment goes on, and whoever asked for it or said yes is told once. */
export async function breakCard(engine: Engine, id: string, because: string): Promise<void> {
  const card = await cardById(engine.db, id);
  if (card === null) return;
  if (card.brokenBecause !== because) engine.log("error", because, { card: id, channel: card.channel });
  await markBroken(engine.db, id, because);
  if (card.deploymentId === null) return;
  const deployment = await deploymentById(engine.db, card.deploymentId as DeploymentId);
  const known = deployment === null ? null : environmentOf(engine, deployment.environmentId);
  if (deployment === null || known === null) return;
  const approvals = await loadApprovals(engine.db, [deployment.id]);
  const people = [deployment.requestedBy, ...approvals.map((yes) => yes.actor)].flatMap((actor) =>
    actor.kind === "slack" ? [actor.id] : [],
  );
  const ended = isFinal(deployment.state) ? "It has ended" : "The deployment goes on without it";
  const text = `The card of ${known.app.name} to ${known.environment.name}, #${deployment.number}, cannot be shown in ${card.channel}. ${because} ${ended}; the Home tab shows how it goes.`;
  for (const to of new Set(people)) {
    const notice = {
      id: engine.newId(),
      to,
      app: known.app.name,
      key: `broken:${deployment.id}`,
      text,
      deployment: null,
      at: engine.clock(),
    };
    await engine.db.transaction((tx) => addNotice(tx, notice));
  }
}

/** The channel of this card takes messages again: all its cards are due, and what was to be said there meanwhile is said at once. */
export async function mendCard(engine: Engine, id: string): Promise<void> {
  const card = await cardById(engine.db, id);
  if (card === null) return;
  engine.log("info", "a channel can be used again", { channel: card.channel });
  await gatherPings(engine, { why: "channel", since: null, channel: card.channel });
  await engine.db.transaction((tx) => mendChannel(tx, card.channel));
}

/** One card of each channel that could not be used, to be tried again. */
export async function cardsToMend(engine: Engine): Promise<readonly CardRow[]> {
  return brokenCards(engine.db);
}

/** What people have to know of channels that take no cards, one sentence each; only of apps that this engine knows. */
export async function channelTroubles(engine: Engine): Promise<readonly string[]> {
  const known = new Set(engine.config.apps.map((app) => app.name));
  const broken = (await brokenCards(engine.db)).filter((card) => known.has(card.app));
  return broken.map((card) => `${card.app} cannot be shown in ${card.channel}. ${card.brokenBecause ?? ""}`);
}
