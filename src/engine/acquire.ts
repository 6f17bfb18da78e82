import { deploymentById } from "../db/deployments.ts";
import { holdFence, Overtaken, setHoldsHosts } from "../db/fence.ts";
import { loadLive } from "../db/snapshot.ts";
import type { LockHolder } from "../domain/deployment.ts";
import { driftOf } from "../domain/drift.ts";
import type { FoundRevision, StepsOutcome } from "../domain/environment.ts";
import { parseDeploymentId, parseSha } from "../domain/ids.ts";
import { sudoCommands } from "../domain/sudo.ts";
import type { AcquireOutcome, HostAddress } from "../ports.ts";
import { apply } from "./apply.ts";
import { recordTrouble, type Drive, pause } from "./slice.ts";

/** `wait`: the slice is over and the next one asks again. `replanned`: hosts run something else than planned from; it was decided anew. */
export type Readiness =
  | { readonly kind: "ready" }
  | { readonly kind: "wait" }
  | { readonly kind: "replanned" }
  | { readonly kind: "ended"; readonly outcome: StepsOutcome };

type Problem = { readonly host: HostAddress; readonly outcome: Exclude<AcquireOutcome, { kind: "acquired" }> };
type Busy = Extract<AcquireOutcome, { kind: "busy" }>;

/** Connects to all hosts and locks all of them before step 1: a host that is down means that no step runs anywhere. */
export async function acquireAll(driven: Drive): Promise<Readiness> {
  const { engine, claim, slice } = driven;
  const { deployment, epoch } = claim;
  // Said before it is done: whatever dies now, somebody will release.
  await engine.db.transaction(async (tx) => {
    await holdFence(tx, deployment.id, epoch);
    await setHoldsHosts(tx, deployment.id, true);
  });
  for (;;) {
    const outcomes = await Promise.all(deployment.plan.hosts.map(async (host) => ({ host, outcome: await acquireOne(driven, host) })));
    const problems = outcomes.filter((one): one is Problem => one.outcome.kind !== "acquired");
    if (problems.length === 0) {
      await recordTrouble(driven, null);
      return (await decideDrift(driven, outcomes)) ? { kind: "replanned" } : { kind: "ready" };
    }
    const final = problems.find(({ outcome }) => outcome.kind !== "busy" && outcome.kind !== "unreachable");
    if (final !== undefined) return { kind: "ended", outcome: ended(driven, final) };
    const holders = await holdersOf(driven, problems);
    const trouble = problems.map(({ host, outcome }) => sentence(host, outcome, holders)).join(" ");
    const sinceMs = await recordTrouble(driven, `${trouble} Trying again; nothing has been run anywhere.`);
    if (sinceMs >= engine.timing.patienceBeforeMs) return { kind: "ended", outcome: outOfPatience(problems, holders, trouble) };
    await pause(slice, engine.timing.retryMs);
    if (slice.aborted) return { kind: "wait" };
  }
}

async function acquireOne(driven: Drive, host: HostAddress): Promise<AcquireOutcome> {
  const { state } = driven.claim.deployment;
  const taken = state.state === "executing" ? state.takeOver?.find((lock) => lock.host === host.name) : undefined;
  return driven.engine.target.acquire(host, driven.identity, {
    takeOver: taken?.run ?? null,
    commands: sudoCommands(driven.claim.deployment.plan, host.name),
  });
}

/** Hosts that were changed by hand since this was planned must not pass unseen: what is there is recorded and decided upon. */
async function decideDrift(driven: Drive, outcomes: readonly { host: HostAddress; outcome: AcquireOutcome }[]): Promise<boolean> {
  const { engine, claim } = driven;
  const { deployment, epoch } = claim;
  const said = outcomes.flatMap(({ host, outcome }): readonly FoundRevision[] => {
    const revision = outcome.kind === "acquired" && outcome.facts.live !== null ? parseSha(outcome.facts.live) : null;
    return revision === null ? [] : [{ host: host.name, revision }];
  });
  const drift = driftOf(deployment.plan, await loadLive(engine.db, deployment.environmentId), said);
  if (drift.length === 0) return false;
  const command = { kind: "drifted" as const, deployment: deployment.id, hosts: drift };
  const applied = await apply(engine, deployment.environmentId, command, {
    before: async (tx) => {
      await holdFence(tx, deployment.id, epoch);
      return true;
    },
  });
  if (!applied.ok) engine.log("info", applied.refusal.title, { deployment: deployment.id });
  return true;
}

/** Only other runs' locks stand in the way, and nothing of them runs: a person may take them over. Else it has failed, with nothing done. */
function outOfPatience(problems: readonly Problem[], holders: readonly LockHolder[], trouble: string): StepsOutcome {
  const idle = problems.every(({ outcome }) => outcome.kind === "busy" && outcome.running === false);
  return idle ? { kind: "held", because: trouble, holders } : { kind: "failed", because: trouble, switched: [] };
}

/** Who holds which host, as people call them: a deployment's number, where it is one of ours. */
async function holdersOf(driven: Drive, problems: readonly Problem[]): Promise<readonly LockHolder[]> {
  const held = problems.flatMap(({ host, outcome }) => (outcome.kind === "busy" ? [{ host, outcome }] : []));
  return Promise.all(
    held.map(async ({ host, outcome }) => ({
      host: host.name,
      run: outcome.holder,
      since: outcome.since,
      who: await holderName(driven, outcome),
    })),
  );
}

async function holderName(driven: Drive, { holder }: Busy): Promise<string> {
  const id = parseDeploymentId(holder);
  const known = id === null ? null : await deploymentById(driven.engine.db, id);
  if (known !== null) return `#${known.number} of ${known.environmentId}`;
  return id === null ? "a lock that cannot be read" : `a deployment that is not known here (${holder.slice(0, 13)})`;
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
      return { kind: "failed", because: sentence(host, outcome, []), switched: [] };
  }
}

function sentence(host: HostAddress, outcome: Problem["outcome"], holders: readonly LockHolder[]): string {
  switch (outcome.kind) {
    case "unreachable":
      return `${host.name} does not answer (${outcome.because}).`;
    case "busy": {
      const who = holders.find((lock) => lock.host === host.name)?.who ?? outcome.holder;
      return `${host.name} is held by ${who}${heldSince(outcome.since)}${stillRunning(outcome.running)}.`;
    }
    case "refused":
      return `${host.name}: ${outcome.because}.`;
    default:
      return `${host.name}: ${outcome.kind}.`;
  }
}

function heldSince(since: Date | null): string {
  return since === null ? "" : ` since ${since.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function stillRunning(running: boolean | null): string {
  if (running === null) return "";
  return running ? ", and something of it still runs there" : ", and nothing of it runs there any more";
}
