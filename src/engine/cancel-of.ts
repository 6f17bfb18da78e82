import { openDeployments } from "../db/deployments.ts";
import type { CancelAsked, CancelOffer } from "../domain/cancel-offer.ts";
import { findApp } from "../domain/config.ts";
import type { StateName } from "../domain/deployment.ts";
import type { Engine } from "./engine.ts";
import { pressedOf } from "./roll-back-of.ts";

/** What can still be called off. */
const CANCELLABLE: ReadonlySet<StateName> = new Set<StateName>(["awaiting_approval", "queued", "executing"]);

/** The one deployment that waits or runs there; with more than one nobody guesses. */
export async function cancelOf(engine: Engine, asked: CancelAsked): Promise<CancelOffer> {
  const environments = findApp(engine.config, asked.app)?.environments ?? [];
  const wanted = environments.filter((environment) => asked.environment === null || environment.name === asked.environment);
  const open = await Promise.all(
    wanted.map(async (environment) =>
      (await openDeployments(engine.db, environment.id))
        .filter(({ state, number }) => CANCELLABLE.has(state.state) && (asked.number === null || number === asked.number))
        .map((deployment) => ({ environment, deployment })),
    ),
  );
  const [first, second] = open.flat();
  if (first === undefined) return { kind: "none" };
  if (second === undefined) return { kind: "one", pressed: pressedOf(first.deployment) };
  const found = open
    .flat()
    .map(({ environment, deployment }) => ({ environment: environment.name, number: deployment.number, state: deployment.state.state }));
  return { kind: "several", found };
}
