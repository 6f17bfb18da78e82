import { isTerminal, type Check, type Job, type Run, type Workflow } from "./pipeline.ts";
import { isNewerRun } from "./pipeline/newer.ts";
import { jobsOf } from "./pipeline/stages.ts";
import { isNamed, pinOf, requirementText, type PinnedStage, type Requirement } from "./requirement.ts";

/** A job of a required stage, with the pipeline it belongs to; `root` is that pipeline, or the one that began a child. */
export type Evidence = { readonly job: Job; readonly workflow: Workflow; readonly root: Workflow | null };

/** The jobs that prove a requirement, or the sentence why it is not proven. `goesOn`: CI is at it, and nothing of it has ended badly. */
export type Proof =
  | { readonly jobs: readonly Evidence[]; readonly because: null }
  | { readonly because: string; readonly goesOn?: boolean };

/** Triggers whose runs speak of the branch itself (GitLab's words last); a pull request's green says nothing of what would be deployed. */
const BRANCH_TRIGGERS: ReadonlySet<string> = new Set([
  "push",
  "workflow_dispatch",
  "schedule",
  "merge_group",
  "web",
  "api",
  "trigger",
  "chat",
]);
/** Runs against a deployment: bound to what was live there while they ran. */
export const DEPLOYMENT_TRIGGERS: ReadonlySet<string> = new Set(["deployment_status", "deployment"]);

/** Is the stage proven for this revision of the branch by what CI told? Says nothing of when it ran. */
export function prove(branch: string, requirement: Requirement, run: Run): Proof {
  const pin = pinOf(requirement);
  if (pin.app !== undefined && pin.app !== "github-actions") return proveByCheck(pin, pin.app, run);
  if (pin.creator !== undefined) return proveByStatus(pin, pin.creator, run);
  return proveByJobs(branch, pin, run);
}

/** What a card may claim of a stage that was proven once: it is there, and passed. */
export function isSeenToPass(requirement: Requirement, run: Run): boolean {
  const branches = new Set([run.branch, ...run.workflows.map((workflow) => workflow.branch)]);
  return [...branches].some((branch) => prove(branch ?? "", requirement, run).because === null);
}

function proveByJobs(branch: string, pin: PinnedStage, run: Run): Proof {
  const named = evidenceOf(pin, run);
  if (named.length === 0) return { because: unseen(pin, run), goesOn: run.workflows.some(({ status }) => !isTerminal(status)) };
  const fit = named.filter(({ workflow, root, job }) => natureDoubt(branch, job, workflow, root) === null);
  const last = named.at(-1);
  if (fit.length === 0 && last !== undefined) {
    const doubt = natureDoubt(branch, last.job, last.workflow, last.root) ?? "";
    return { because: isProven(last.job) ? doubt : notPassed(last.job.name, last.job.status) };
  }
  const counted = newestOfEach(fit);
  const missing = counted.filter(({ job }) => !isProven(job));
  const bad = missing.find(({ job }) => isTerminal(job.status)) ?? missing[0];
  if (bad === undefined) return { jobs: counted, because: null };
  return { because: notPassed(bad.job.name, bad.job.status), goesOn: !isTerminal(bad.job.status) };
}

/** Jobs of that name; where people watch stages of several jobs (GitLab), those of the stage, without what is optional and waits. */
function evidenceOf(pin: PinnedStage, run: Run): readonly Evidence[] {
  return run.workflows.flatMap((workflow) => {
    const root = rootOf(run, workflow);
    if (!isPinned(pin, workflow, root)) return [];
    const named = jobsOf(workflow).filter(
      (job) => isNamed(job.name, pin.stage) || (job.stage === pin.stage && !(job.allowFailure && job.status === "waiting")),
    );
    return named.map((job) => ({ job, workflow, root }));
  });
}

/** A child is as its parent was started, and may be named itself or by its parent. */
function isPinned({ workflow: file, event }: PinnedStage, workflow: Workflow, root: Workflow | null): boolean {
  if (event !== undefined && (root ?? workflow).trigger !== event) return false;
  return file === undefined || [workflow, root].some((one) => one !== null && isOfFile(one, file));
}

function isOfFile({ path, name }: Workflow, file: string): boolean {
  return path === null ? name === file : path === file || path.endsWith(`/${file}`);
}

/** Where a child pipeline began: GitLab's children have children, and those none. Null: a parent is not known. */
function rootOf(run: Run, workflow: Workflow, depth = 0): Workflow | null {
  if (workflow.parent === null) return workflow;
  const parent = run.workflows.find((candidate) => candidate.workflowRun === workflow.parent);
  return parent === undefined || depth === 2 ? null : rootOf(run, parent, depth + 1);
}

/** Why a job proves nothing about the branch, however it ended. */
function natureDoubt(branch: string, job: Job, workflow: Workflow, root: Workflow | null): string | null {
  if (root === null || root.trigger === null) return `Stage ${job.name} passed, but what started its run is not known yet.`;
  if (workflow.ownRepository === false || root.ownRepository !== true) return `Stage ${job.name} ran for a fork.`;
  if (root.tag) return `Stage ${job.name} ran for the tag ${root.branch ?? "of no name"}, not on ${branch}.`;
  if (DEPLOYMENT_TRIGGERS.has(root.trigger)) return null;
  if (!BRANCH_TRIGGERS.has(root.trigger)) return `Stage ${job.name} ran for ${root.trigger}, which proves nothing about ${branch}.`;
  return isOnBranch(branch, root) ? null : `Stage ${job.name} ran on ${root.branch ?? "no branch"}, not on ${branch}.`;
}

/** A merge queue tests the very commit that the branch gets, on a branch of its own. */
function isOnBranch(branch: string, root: Workflow): boolean {
  if (root.branch === branch) return true;
  return root.trigger === "merge_group" && (root.branch ?? "").startsWith(`gh-readonly-queue/${branch}/`);
}

/**
 * Of each workflow's file the newest run in which the stage was not skipped: an older run is outdone by a newer one, but two files
 * with a stage of one name must both have passed it. What was skipped everywhere is left, and proves nothing.
 */
function newestOfEach(fit: readonly Evidence[]): readonly Evidence[] {
  const newest = new Map<string, Workflow>();
  for (const { job, root } of fit) {
    if (root === null || job.status === "skipped") continue;
    const file = root.path ?? root.name ?? "";
    const known = newest.get(file);
    if (known === undefined || isNewerRun(root, known)) newest.set(file, root);
  }
  if (newest.size === 0) return fit;
  // Of a matrix each part counts, also one that was skipped beside others that ran.
  const kept = new Set([...newest.values()].map(({ workflowRun }) => workflowRun));
  return fit.filter(({ root }) => root !== null && kept.has(root.workflowRun));
}

function isProven(job: Job): boolean {
  return job.status === "passed" || (job.status === "failed" && job.allowFailure);
}

function proveByCheck({ stage }: PinnedStage, app: string, run: Run): Proof {
  const named = run.checks.filter(({ source, name }) => source.kind === "app" && isNamed(name, stage));
  const right = named.filter(({ source }) => source.kind === "app" && (source.slug === app || source.id === app));
  if (right.length > 0) return passedChecks(right);
  const [other] = named;
  if (other === undefined) return { because: `Check ${stage} of the app ${app} has not run for this version.` };
  return { because: `Check ${stage} was reported by ${reporter(other)}, not by the app ${app}.` };
}

function proveByStatus({ stage }: PinnedStage, creator: string, run: Run): Proof {
  const status = run.checks.find(({ source, check }) => source.kind === "status" && check === stage);
  if (status === undefined) return { because: `Status ${stage} has not been set for this version.` };
  // GitHub's logins ignore case.
  const by = status.source.kind === "status" ? status.source.creator : null;
  if (by?.toLowerCase() === creator.toLowerCase()) return passedChecks([status]);
  return { because: `Status ${stage} was set by ${by ?? "somebody who is not named"}, not by ${creator}.` };
}

function passedChecks(checks: readonly Check[]): Proof {
  const bad = checks.find((check) => check.status !== "passed");
  if (bad === undefined) return { jobs: [], because: null };
  return {
    because: notPassed(bad.name, bad.status, "Check"),
    goesOn: checks.every(({ status }) => status === "passed" || !isTerminal(status)),
  };
}

/** A check of that name is no proof by its name alone: everybody who may write to the repository can report one. */
function unseen(pin: PinnedStage, run: Run): string {
  const check = run.checks.find(({ name }) => isNamed(name, pin.stage));
  if (check === undefined || pin.workflow !== undefined || pin.event !== undefined || pin.app !== undefined)
    return `Stage ${requirementText(pin)} has not run for this version.`;
  const key = check.source.kind === "app" ? "app" : "creator";
  return `Stage ${pin.stage} was reported by ${reporter(check)}, which counts only where \`requires\` names its ${key}.`;
}

function reporter({ source }: Check): string {
  return source.kind === "app" ? `the app ${source.slug}` : (source.creator ?? "somebody who is not named");
}

function notPassed(name: string, status: Job["status"], what = "Stage"): string {
  const words = status === "running" ? "is running" : status === "queued" || status === "waiting" ? "waits" : status;
  return `${what} ${name} ${words}.`;
}
