import type { Deployment } from "./deployment.ts";
import { isOccupying } from "./deployment.ts";
import type { LiveHost } from "./environment.ts";
import type { Sha } from "./ids.ts";
import { switchedHosts, type StepRecord } from "./progress.ts";

/** What one host runs, as well as it is known. `revision` null: nobody ever told. */
export type HostState = {
  readonly host: string;
  readonly revision: Sha | null;
  /** `changing`: this deployment has begun to change it, from `revision`. `not_restarted`: it has the code, its processes may be older. */
  readonly as: "runs" | "changing" | "not_restarted";
};

/** Which host of the deployment's plan, and of the environment beside it, runs what: from stored rows alone. */
export function hostStates(
  deployment: Deployment,
  live: readonly LiveHost[],
  records: readonly Pick<StepRecord, "step" | "host" | "status">[],
): readonly HostState[] {
  const { plan } = deployment;
  const switched = new Set(switchedHosts(plan, records));
  const names = [...new Set([...plan.hosts.map((host) => host.name), ...live.map((one) => one.host)])];
  return names.map((host): HostState => {
    const row = live.find((one) => one.host === host);
    if (isOccupying(deployment.state) && switched.has(host)) return { host, revision: row?.revision ?? null, as: "changing" };
    const restarts = plan.steps.filter((step) => step.name === "restart" && step.host === host);
    const restarted = restarts.every((step) =>
      records.some((record) => record.step === step.id && record.host === host && record.status === "done"),
    );
    const ours = row?.deploymentId === deployment.id && deployment.liveAt === null;
    return { host, revision: row?.revision ?? null, as: ours && !restarted ? "not_restarted" : "runs" };
  });
}

/** Do they differ, or does nobody know? Then the card says which runs what. */
export function differ(states: readonly HostState[]): boolean {
  return states.some((state) => state.as !== "runs") || new Set(states.map((state) => state.revision)).size > 1;
}
