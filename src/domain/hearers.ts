import type { Reply } from "./card.ts";
import type { AlsoChannel, App } from "./config.ts";
import type { Deployment } from "./deployment.ts";
import type { Decision, Effect, Notice, Snapshot } from "./environment.ts";
import { shortSha, type DeploymentId } from "./ids.ts";
import { actorName } from "./people.ts";
import { find } from "./decide/decision.ts";
import { titled } from "./titled.ts";

/**
 * Who hears of a decision besides its thread, by the settings of the app: pings name the authors, what is urgent is shown in the channel
 * too, other channels get what goes wrong, and authors are told privately when their change is live in the last environment, or rolled
 * back. Who muted what is asked when it is posted.
 */
export function heard(app: App, snapshot: Snapshot, decision: Decision): readonly Effect[] {
  const effects = decision.effects.map((effect) => pinged(app, snapshot, effect));
  return [...effects, ...effects.flatMap((effect) => elsewhere(app, snapshot, effect)), ...authorsTold(app, snapshot, decision)];
}

/** A ping of what went wrong names those who wrote it; a regression and a rollback that failed are shown in the channel too. */
function pinged(app: App, snapshot: Snapshot, effect: Effect): Effect {
  if (effect.kind !== "reply" || !isFailure(effect.reply)) return effect;
  const about = find(snapshot, effect.deployment);
  if (about === undefined) return effect;
  const loud = effect.reply.ping === "regression" || (effect.reply.ping === "failed" && about.kind === "rollback");
  return {
    ...effect,
    reply: { ...effect.reply, broadcast: loud && app.broadcast !== false, authors: authorsOf(original(snapshot, about)) },
  };
}

/** The other channels of the app: the sentence and a link to the card, without calling anybody. */
function elsewhere(app: App, snapshot: Snapshot, effect: Effect): readonly Notice[] {
  if (effect.kind !== "reply" || !isFailure(effect.reply)) return [];
  const { reply } = effect;
  const { name } = snapshot.environment;
  const number = find(snapshot, effect.deployment)?.number;
  const place = `${app.name} in ${name}${number === undefined ? "" : `, #${number}`}: `;
  return (app.also ?? [])
    .filter((channel) => hears(channel, name))
    .map(({ channel }) => ({
      kind: "notice",
      deployment: effect.deployment,
      app: app.name,
      to: channel,
      key: `${effect.deployment}:${reply.key}`,
      text: reply.ping === "regression" ? reply.text : `${place}${reply.text}`,
    }));
}

function hears(channel: AlsoChannel, environment: string): boolean {
  return channel.environments === null || channel.environments.includes(environment);
}

function isFailure(reply: Reply): boolean {
  return reply.ping === "failed" || reply.ping === "regression" || reply.ping === "rolled_back";
}

function authorsTold(app: App, snapshot: Snapshot, decision: Decision): readonly Notice[] {
  const { environment } = snapshot;
  const last = app.environments.at(-1)?.name === environment.name;
  return decision.changes.flatMap((change): readonly Notice[] => {
    const deployment = change.kind === "move" && change.set.liveAt !== undefined ? find(snapshot, change.id) : undefined;
    if (deployment === undefined) return [];
    const place = `${app.name} in ${environment.name}`;
    if (deployment.kind === "rollback") {
      const back = original(snapshot, deployment);
      const who = actorName(deployment.requestedBy);
      const now = `${place} is back on ${shortSha(deployment.revision)}, by ${who}.`;
      return toAuthors(app, back, rolledBackKey(deployment.id), (what, one) => `${what} ${one ? "was" : "were"} rolled back: ${now}`);
    }
    if (!last) return [];
    return toAuthors(
      app,
      deployment,
      liveKey(deployment.id),
      (what, one) => `${what} ${one ? "is" : "are"} live: ${place} (#${deployment.number}).`,
    );
  });
}

/** What everybody is told under who hears that a deployment is live; whoever is author and approver hears it once. */
export function liveKey(deployment: DeploymentId): string {
  return `live:${deployment}`;
}

/** The same of a rollback, by the rollback's own id. */
export function rolledBackKey(rollback: DeploymentId): string {
  return `rolled_back:${rollback}`;
}

/** Who only pushed or merged wrote nothing: they are told nothing of somebody else's change. */
function toAuthors(app: App, deployment: Deployment, key: string, words: (what: string, one: boolean) => string): readonly Notice[] {
  const { changes, complete } = deployment.changes;
  return authorsOf(deployment).flatMap((to): readonly Notice[] => {
    const own = changes.filter((change) => change.author.slackId === to);
    const [first] = own;
    if (first === undefined && complete) return [];
    const what =
      first === undefined ? "Changes of yours" : own.length === 1 ? `Your change ${titled(first.title)}` : `${own.length} changes of yours`;
    return [{ kind: "notice", deployment: deployment.id, app: app.name, to, key, text: words(what, own.length === 1) }];
  });
}

function original(snapshot: Snapshot, deployment: Deployment): Deployment {
  return (deployment.rollsBack === null ? undefined : find(snapshot, deployment.rollsBack)) ?? deployment;
}

function authorsOf(deployment: Deployment): readonly string[] {
  return [...new Set(deployment.changes.authors.flatMap((author) => (author.slackId === null ? [] : [author.slackId])))];
}
