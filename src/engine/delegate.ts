import { delegationsOf } from "../db/delegations.ts";
import { findApp, type Environment } from "../domain/config.ts";
import { DELEGATED_AT_MOST_MS } from "../domain/decide/delegation.ts";
import type { Command } from "../domain/environment.ts";
import type { StandIn } from "../domain/standing.ts";
import type { Intent } from "../domain/intent.ts";
import { actorKey, type Actor } from "../domain/people.ts";
import { unfit } from "./approvers.ts";
import type { Engine } from "./engine.ts";
import { standingOf, type PersonFacts } from "./standing.ts";

/** Whoever does not say until when gives their right for a week. */
const USUAL_MS = 7 * 86_400_000;

/** One command for one environment. */
export type Order = { readonly environment: Environment; readonly command: Command };

/**
 * A right is given for a whole app; it is decided and recorded in each environment in which it is one. Where it is one nowhere, the
 * first environment that asks people says no. A sentence: there is nothing to decide.
 */
export async function delegationOrders(
  engine: Engine,
  intent: Extract<Intent, { kind: "delegate" | "undelegate" }>,
  who: { readonly actor: Actor; readonly person: PersonFacts | null; readonly ours: boolean },
): Promise<readonly Order[] | string> {
  const app = findApp(engine.config, intent.app);
  const asking = (app?.environments ?? []).filter(({ release }) => release.mode === "approval");
  if (app === undefined || asking.length === 0) return `Not done: nobody is asked for a yes in ${intent.app}.`;
  const now = engine.clock();
  const orders: (Order & { readonly own: boolean })[] = [];
  for (const environment of asking) {
    const standing = await standingOf(engine, who.actor, who.person, who.ours, environment);
    const to = await standIn(engine, intent.to, environment);
    const until = new Date(intent.kind === "delegate" ? (intent.untilMs ?? now.getTime() + Math.min(USUAL_MS, DELEGATED_AT_MOST_MS)) : 0);
    const command: Command = intent.kind === "delegate" ? { kind: "delegate", standing, to, until } : { kind: "undelegate", standing, to };
    orders.push({ environment, command, own: standing.approver });
  }
  if (intent.kind === "undelegate") {
    const given = (await delegationsOf(engine.db, app.name)).some(
      (one) => `slack:${one.from}` === actorKey(who.actor) && one.to === intent.to,
    );
    return given ? orders : `Nothing to take back: you gave nobody by that name your right in ${app.name}.`;
  }
  const own = orders.filter((order) => order.own);
  return own.length > 0 ? own : orders.slice(0, 1);
}

async function standIn(engine: Engine, id: string, environment: Environment): Promise<StandIn> {
  const person = await engine.directory.person(id);
  return { id, name: person?.name ?? id, unfit: await unfit(engine, person, environment) };
}
