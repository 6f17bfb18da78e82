import { holdFence, Overtaken, setHoldsHosts } from "../db/fence.ts";
import type { StepsOutcome } from "../domain/environment.ts";
import type { AcquireOutcome, HostAddress } from "../ports.ts";
import { recordTrouble, type Drive, pause } from "./slice.ts";

/** `wait`: the slice is over and the next one asks again. */
export type Readiness = { readonly kind: "ready" } | { readonly kind: "wait" } | { readonly kind: "ended"; readonly outcome: StepsOutcome };

type Problem = { readonly host: HostAddress; readonly outcome: Exclude<AcquireOutcome, { kind: "acquired" }> };

/** Connects to all hosts and locks all of them before step 1: a host that is down means that no step runs anywhere. */
export async function acquireAll(driven: Drive): Promise<Readiness> {
  const { engine, claim, identity, slice } = driven;
  const { deployment, epoch } = claim;
  // Said before it is done: whatever dies now, somebody will release.
  await engine.db.transaction(async (tx) => {
    await holdFence(tx, deployment.id, epoch);
    await setHoldsHosts(tx, deployment.id, true);
  });
  for (;;) {
    const outcomes = await Promise.all(
      deployment.plan.hosts.map(async (host) => ({ host, outcome: await engine.target.acquire(host, identity) })),
    );
    const problems = outcomes.filter((one): one is Problem => one.outcome.kind !== "acquired");
    if (problems.length === 0) {
      await recordTrouble(driven, null);
      return { kind: "ready" };
    }
    const final = problems.find(({ outcome }) => outcome.kind !== "busy" && outcome.kind !== "unreachable");
    if (final !== undefined) return { kind: "ended", outcome: ended(driven, final) };
    const trouble = problems.map(({ host, outcome }) => sentence(host, outcome)).join(" ");
    const sinceMs = await recordTrouble(driven, `${trouble} Trying again; nothing has been run anywhere.`);
    if (sinceMs >= engine.timing.patienceBeforeMs)
      return { kind: "ended", outcome: { kind: "failed", because: `${trouble}`, switched: [] } };
    await pause(slice, engine.timing.retryMs);
    if (slice.aborted) return { kind: "wait" };
  }
}

function ended(driven: Drive, problem: Problem): StepsOutcome {
  const { host, outcome } = problem;
  switch (outcome.kind) {
    case "stale":
      throw new Overtaken(driven.claim.deployment.id);
    case "foreign":
      return {
        kind: "unknown",
        because: `${host.name} has seen deployment ${outcome.highestNumber}, the database knows ${driven.identity.highest ?? driven.identity.number} (a restored backup, or another installation?)`,
      };
    case "closed":
      return { kind: "unknown", because: `${host.name} has closed this deployment already` };
    default:
      return { kind: "failed", because: sentence(host, outcome), switched: [] };
  }
}

function sentence(host: HostAddress, outcome: Problem["outcome"]): string {
  switch (outcome.kind) {
    case "unreachable":
      return `${host.name} does not answer (${outcome.because}).`;
    case "busy":
      return `${host.name} is held by ${outcome.holder}${outcome.since === null ? "" : ` since ${outcome.since.toISOString().slice(11, 16)} UTC`}.`;
    case "refused":
      return `${host.name}: ${outcome.because}.`;
    default:
      return `${host.name}: ${outcome.kind}.`;
  }
}
