import { Overtaken } from "../db/fence.ts";
import type { Drive } from "./slice.ts";

/** Ends the remote process groups; answers the hosts that did not answer. Nothing is assumed of a host that is silent. */
export async function cancelAll(driven: Drive): Promise<readonly string[]> {
  const { engine, claim, identity } = driven;
  const outcomes = await Promise.all(
    claim.deployment.plan.hosts.map(async (host) => ({
      host,
      outcome: await engine.target.cancel(host, identity, { graceSeconds: engine.timing.graceSeconds }),
    })),
  );
  if (outcomes.some(({ outcome }) => outcome.kind === "stale")) throw new Overtaken(claim.deployment.id);
  return outcomes.flatMap(({ host, outcome }) =>
    outcome.kind === "unreachable" || outcome.kind === "refused" ? [`${host.name} (${outcome.because})`] : [],
  );
}
