import type { JsonObject } from "../loopback.ts";
import type { GitCommit } from "./git.ts";
import { account, nodeId } from "./people.ts";
import type { Site } from "./repository.ts";
import { minimalRepository, ownerAccount, repositoryPage, repositoryUrl } from "./repository.ts";
import type { Job, Run, WorkflowDefinition } from "./workflows.ts";
import { stepsOf } from "./workflows.ts";

/** `workflow_run` as the API and the webhook spell it. */
export function runPayload(site: Site, run: Run, head: GitCommit): JsonObject {
  const url = `${repositoryUrl(site)}/actions/runs/${run.id}`;
  const actor = account(site.webUrl, site.apiUrl, run.actor);
  return {
    id: run.id,
    name: run.workflow.name,
    node_id: nodeId("WorkflowRun", run.id),
    check_suite_id: run.checkSuiteId,
    check_suite_node_id: nodeId("CheckSuite", run.checkSuiteId),
    head_branch: "main",
    head_sha: run.headSha,
    path: run.workflow.path,
    display_title: run.title,
    run_number: run.number,
    run_attempt: run.attempt,
    event: run.workflow.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: run.workflow.id,
    url,
    html_url: runPage(site, run),
    pull_requests: [],
    created_at: run.createdAt.toISOString(),
    updated_at: run.updatedAt.toISOString(),
    run_started_at: run.createdAt.toISOString(),
    actor,
    triggering_actor: actor,
    referenced_workflows: [],
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${repositoryUrl(site)}/check-suites/${run.checkSuiteId}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt === 1 ? null : `${url}/attempts/${run.attempt - 1}`,
    workflow_url: `${repositoryUrl(site)}/actions/workflows/${run.workflow.id}`,
    head_commit: headCommit(head),
    repository: minimalRepository(site),
    head_repository: minimalRepository(site),
  };
}

/** `workflow_job` as the API and the webhook spell it. */
export function jobPayload(site: Site, run: Run, job: Job): JsonObject {
  const runUrl = `${repositoryUrl(site)}/actions/runs/${run.id}`;
  const runner = job.status === "queued" ? null : { id: 21, name: `runner-${job.name}`, group: 0, groupName: "GitHub Actions" };
  return {
    id: job.id,
    run_id: run.id,
    workflow_name: run.workflow.name,
    head_branch: "main",
    run_url: runUrl,
    run_attempt: job.attempt,
    node_id: nodeId("WorkflowJob", job.id),
    head_sha: run.headSha,
    url: `${repositoryUrl(site)}/actions/jobs/${job.id}`,
    html_url: `${runPage(site, run)}/job/${job.id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt.toISOString(),
    completed_at: job.completedAt?.toISOString() ?? null,
    name: job.name,
    steps: job.status === "queued" ? [] : stepPayloads(job),
    check_run_url: `${repositoryUrl(site)}/check-runs/${job.id}`,
    labels: ["ubuntu-latest"],
    runner_id: runner?.id ?? null,
    runner_name: runner?.name ?? null,
    runner_group_id: runner?.group ?? null,
    runner_group_name: runner?.groupName ?? null,
  };
}

export function workflowPayload(site: Site, workflow: WorkflowDefinition): JsonObject {
  return {
    id: workflow.id,
    node_id: nodeId("Workflow", workflow.id),
    name: workflow.name,
    path: workflow.path,
    state: "active",
    created_at: site.createdAt.toISOString(),
    updated_at: site.createdAt.toISOString(),
    url: `${repositoryUrl(site)}/actions/workflows/${workflow.id}`,
    html_url: `${repositoryPage(site)}/blob/main/${workflow.path}`,
    badge_url: `${repositoryPage(site)}/workflows/${workflow.name}/badge.svg`,
  };
}

/** A job seen as a check run: GitHub uses the job's id for both. */
export function checkRunPayload(site: Site, run: Run, job: Job): JsonObject {
  const url = `${repositoryUrl(site)}/check-runs/${job.id}`;
  const page = `${runPage(site, run)}/job/${job.id}`;
  return {
    id: job.id,
    name: job.name,
    node_id: nodeId("CheckRun", job.id),
    head_sha: run.headSha,
    external_id: nodeId("Job", job.id),
    url,
    html_url: page,
    details_url: page,
    status: job.status,
    conclusion: job.conclusion,
    started_at: job.startedAt.toISOString(),
    completed_at: job.completedAt?.toISOString() ?? null,
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: { id: run.checkSuiteId },
    app: actionsApp(site),
    pull_requests: [],
  };
}

export function runPage(site: Site, run: Run): string {
  return `${repositoryPage(site)}/actions/runs/${run.id}`;
}

function stepPayloads(job: Job): JsonObject[] {
  const names = stepsOf[job.name];
  const at = (job.completedAt ?? job.startedAt).toISOString();
  return names.map((name, index) => {
    const last = index === names.length - 1;
    if (last && job.status !== "completed") {
      return { name, number: index + 1, status: "in_progress", conclusion: null, started_at: at, completed_at: null };
    }
    const conclusion = last ? job.conclusion : "success";
    return { name, number: index + 1, status: "completed", conclusion, started_at: job.startedAt.toISOString(), completed_at: at };
  });
}

function headCommit(head: GitCommit): JsonObject {
  return {
    id: head.sha,
    tree_id: head.tree,
    message: head.message,
    timestamp: head.date.toISOString(),
    author: head.author,
    committer: { name: "GitHub", email: "noreply@github.com" },
  };
}

function actionsApp(site: Site): JsonObject {
  return {
    id: 15368,
    slug: "github-actions",
    node_id: nodeId("Integration", 15368),
    owner: ownerAccount(site),
    name: "GitHub Actions",
    description: "Automate your workflow from idea to production",
    external_url: `${site.webUrl}/features/actions`,
    html_url: `${site.webUrl}/apps/github-actions`,
    created_at: site.createdAt.toISOString(),
    updated_at: site.createdAt.toISOString(),
    permissions: { actions: "write", checks: "write", contents: "write", metadata: "read" },
    events: ["push", "deployment_status"],
  };
}
