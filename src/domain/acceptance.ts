import { isSameSet, newestRecord } from "./companion.ts";
import type { App, Environment } from "./config.ts";
import type { AfterRecord } from "./environment.ts";
import type { Sha } from "./ids.ts";
import { isNamed } from "./requirement.ts";

/** When a stage ran that tested a deployment. `revision`: of the deployment that it is to speak for. */
export type AcceptanceRun = {
  readonly name: string;
  readonly revision: Sha;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
};

/** Is this stage, by the configuration, one that tests what is live in the environment that comes before? */
export function isAcceptance(
  app: App,
  environment: Pick<Environment, "after">,
  job: { readonly name: string; readonly stage: string | null },
): boolean {
  const before = app.environments.find(({ name }) => name === environment.after?.environment);
  const declared = before?.acceptance?.stage;
  return declared !== undefined && (isNamed(job.name, declared) || job.stage === declared);
}

/** A provider's clock and ours differ by this at most, as long as both are set by the network. */
const CLOCKS_DIFFER_MS = 5000;

/**
 * Acceptance counts for the deployment it ran against: the last one of its revision that was live before it began. If the environment
 * moved on before it ended, it tested something else. Null: it speaks for that deployment; else why not.
 */
export function staleBecause(run: AcceptanceRun, where: string, records: readonly AfterRecord[]): string | null {
  const { name, revision, startedAt: started, finishedAt: finished } = run;
  if (started === null || finished === null) return `When stage ${name} ran is not known.`;
  // With other companions it is another thing that would go on.
  const goesOn = newestRecord(records, revision)?.companions;
  const isIt = (record: AfterRecord): boolean => record.revision === revision && isSameSet(record.companions, goesOn);
  const tested = records
    .filter((record) => isIt(record) && record.liveAt.getTime() <= started.getTime() + CLOCKS_DIFFER_MS)
    .toSorted((a, b) => b.liveAt.getTime() - a.liveAt.getTime())[0];
  if (tested === undefined) return `Stage ${name} ran before this version was live on ${where}.`;
  const moved = records.find(
    (record) => !isIt(record) && record.liveAt >= tested.liveAt && record.number !== tested.number && record.liveAt < finished,
  );
  return moved === undefined ? null : `Stage ${name} is stale: ${where} got another version (${moved.revision.slice(0, 7)}) while it ran.`;
}

/** What became of the wish to start a run. `workflowRun` null: it was started, and the provider does not say which one it is. */
export type StartedRun =
  | { readonly kind: "started"; readonly workflowRun: string | null; readonly url: string | null }
  | { readonly kind: "refused"; readonly because: string };

/** Starts the run that tests a deployment. */
export type Acceptances = {
  /** `start`: a workflow file, or `pipeline`. `inputs`: what it is told, by name. Null: the provider cannot be asked. Not idempotent. */
  startAcceptance(input: {
    readonly repository: string;
    readonly start: string;
    readonly branch: string;
    readonly inputs: Readonly<Record<string, string>>;
  }): Promise<StartedRun | null>;
};
