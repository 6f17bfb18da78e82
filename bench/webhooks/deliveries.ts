import { createHash } from "node:crypto";

/** As GitHub sends them: a workflow and its jobs, each queued, begun and ended, in bodies of 5 kB. */
export type Made = { readonly event: "workflow_run" | "workflow_job"; readonly body: string };

export const APPS = 50;
const BODY_BYTES = 5_000;
const STATES = [
  { status: "queued", conclusion: null },
  { status: "in_progress", conclusion: null },
  { status: "completed", conclusion: "success" },
] as const;
const AT = "2026-03-02T09:00:00Z";

/** Runs of 20 deliveries each on a branch that nobody watches: kept, but no card is drawn of them. */
export function steadyDelivery(index: number, salt: string): Made {
  const run = Math.floor(index / 20);
  return deliveryOf({ app: run % APPS, revision: shaOf(`${salt} ${run}`), run: 1_000 + run, branch: "feature", jobs: 6, part: index % 20 });
}

/** One run of the branch for each app, so that each has a card. `part` counts within the app. */
export function burstDelivery(index: number, total: number): Made {
  const app = index % APPS;
  const jobs = Math.floor((total / APPS - 2) / STATES.length);
  return deliveryOf({ app, revision: shaOf(`burst ${app}`), run: 900_000 + app, branch: "main", jobs, part: Math.floor(index / APPS) });
}

/** How many jobs each app's run of the burst has. */
export function jobsOfBurst(total: number): number {
  return Math.floor((total / APPS - 2) / STATES.length);
}

type Wanted = {
  readonly app: number;
  readonly revision: string;
  readonly run: number;
  readonly branch: string;
  readonly jobs: number;
  readonly part: number;
};

/** The first part begins the workflow, the last ones end it; what there is more repeats the end, as a doubled hook does. */
function deliveryOf(wanted: Wanted): Made {
  const job = Math.floor((wanted.part - 1) / STATES.length);
  const state = STATES[(wanted.part - 1) % STATES.length];
  if (wanted.part === 0 || job >= wanted.jobs || state === undefined) return workflowOf(wanted);
  const { revision, run, branch } = wanted;
  const fields = {
    id: run * 1_000 + job,
    run_id: run,
    run_attempt: 1,
    name: `job ${job}`,
    workflow_name: "CI",
    ...state,
    head_branch: branch,
    head_sha: revision,
    html_url: `https://github.com/acme/app-${wanted.app}/actions/runs/${run}/job/${job}`,
    started_at: AT,
    completed_at: state.conclusion === null ? null : AT,
  };
  return { event: "workflow_job", body: padded({ action: state.status, repository: repositoryOf(wanted.app), workflow_job: fields }) };
}

function workflowOf({ app, revision, run, branch, part }: Wanted): Made {
  const over = part > 0;
  const repository = repositoryOf(app);
  const fields = {
    id: run,
    run_attempt: 1,
    name: "CI",
    path: ".github/workflows/ci.yml",
    event: "push",
    status: over ? "completed" : "in_progress",
    conclusion: over ? "success" : null,
    head_branch: branch,
    head_sha: revision,
    html_url: `https://github.com/acme/app-${app}/actions/runs/${run}`,
    head_repository: repository,
    run_started_at: AT,
    updated_at: AT,
  };
  return { event: "workflow_run", body: padded({ action: over ? "completed" : "in_progress", repository, workflow_run: fields }) };
}

function repositoryOf(app: number) {
  return { id: 100 + app, full_name: `acme/app-${app}` };
}

/** Real bodies have addresses of everything; here one field stands for them. */
function padded(body: Readonly<Record<string, unknown>>): string {
  const bare = JSON.stringify({ ...body, sender: { url: "" } });
  return JSON.stringify({ ...body, sender: { url: "x".repeat(Math.max(0, BODY_BYTES - bare.length)) } });
}

function shaOf(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
