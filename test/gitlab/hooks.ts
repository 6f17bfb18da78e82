import { hookDate, statusOf, type Job, type Pipeline, type Project } from "./project.ts";

/** Bodies as GitLab sends them, with the fields of its documentation that matter to somebody. */

export const WEB = "https://git.acme.test";

const user = { id: 42, name: "Ann", username: "ann", email: "[REDACTED]" };

function projectOf(project: Project) {
  return { id: 30, name: "Shop", web_url: `${WEB}/${project.path}`, path_with_namespace: project.path, default_branch: "main" };
}

export function pipelineHook(project: Project, pipeline: Pipeline, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    object_kind: "pipeline",
    object_attributes: {
      id: pipeline.id,
      iid: 3,
      name: null,
      ref: pipeline.ref,
      tag: pipeline.tag,
      sha: pipeline.sha,
      before_sha: "0".repeat(40),
      source: pipeline.source,
      status: statusOf(pipeline),
      stages: [...new Set(pipeline.jobs.map((job) => job.stage))],
      created_at: hookDate(pipeline.created_at),
      finished_at: hookDate(pipeline.finished_at),
      variables: [{ key: "DEPLOY_KEY", value: "planted-secret-value" }],
      url: `${WEB}/${project.path}/-/pipelines/${pipeline.id}`,
      ...changes,
    },
    merge_request: null,
    user,
    project: projectOf(project),
    commit: { id: pipeline.sha, message: "Version", author: { name: "Ann", email: "[REDACTED]" } },
    ...(pipeline.parent === null
      ? {}
      : { source_pipeline: { project: { id: 30, path_with_namespace: project.path }, pipeline_id: pipeline.parent.pipeline, job_id: 9 } }),
    builds: pipeline.jobs
      .filter((job) => !job.retried)
      .toReversed()
      .map((job) => ({
        id: job.id,
        stage: job.stage,
        name: job.name,
        status: job.status,
        created_at: hookDate(job.created_at),
        started_at: hookDate(job.started_at),
        finished_at: hookDate(job.finished_at),
        when: "on_success",
        manual: job.status === "manual",
        allow_failure: job.allow_failure,
        user,
        environment: null,
      })),
  };
}

export function jobHook(project: Project, pipeline: Pipeline, job: Job, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    object_kind: "build",
    ref: pipeline.ref,
    tag: pipeline.tag,
    before_sha: "0".repeat(40),
    sha: pipeline.sha,
    build_id: job.id,
    build_name: job.name,
    build_stage: job.stage,
    build_status: job.status,
    build_created_at: hookDate(job.created_at),
    build_started_at: hookDate(job.started_at),
    build_finished_at: hookDate(job.finished_at),
    build_allow_failure: job.allow_failure,
    pipeline_id: pipeline.id,
    user,
    // The pipeline's id, not the commit's.
    commit: { id: pipeline.id, sha: pipeline.sha },
    project: projectOf(project),
    environment: null,
    ...changes,
  };
}

export function pushHook(project: Project, sha: string, changes: Readonly<Record<string, unknown>> = {}) {
  const commit = project.commits.get(sha);
  return {
    object_kind: "push",
    event_name: "push",
    before: commit?.parents[0] ?? "0".repeat(40),
    after: sha,
    ref: "refs/heads/main",
    checkout_sha: sha,
    user_name: "Bob",
    user_username: "bob",
    user_email: "",
    project: projectOf(project),
    commits: [
      {
        id: sha,
        message: `${commit?.message ?? "Version"}\n\nLonger text`,
        timestamp: "2026-03-02T10:00:00+01:00",
        url: `${WEB}/${project.path}/-/commit/${sha}`,
        author: { name: commit?.author ?? "Ann", email: "ann@acme.test" },
        added: ["shop/basket.py"],
        modified: ["shop/urls.py"],
        removed: [],
      },
    ],
    total_commits_count: 1,
    ...changes,
  };
}

export function deploymentHook(project: Project, sha: string, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    object_kind: "deployment",
    status: "success",
    status_changed_at: "2026-03-02 10:30:00 +0100",
    deployment_id: 15,
    deployable_id: 796,
    deployable_url: `${WEB}/${project.path}/-/jobs/796`,
    environment: "staging",
    environment_tier: "staging",
    environment_external_url: "https://staging.acme.test",
    short_sha: sha.slice(0, 8),
    user,
    project: projectOf(project),
    commit_url: `${WEB}/${project.path}/-/commit/${sha}`,
    ...changes,
  };
}

export function mergeHook(project: Project, sha: string, changes: Readonly<Record<string, unknown>> = {}) {
  return {
    object_kind: "merge_request",
    user: { ...user, name: "Bob", username: "bob" },
    project: projectOf(project),
    object_attributes: {
      iid: 7,
      title: "Keep the coupon",
      description: "Closes #3",
      action: "merge",
      state: "merged",
      merge_commit_sha: sha,
      last_commit: { id: "c".repeat(40), author: { name: "Ann", email: "ann@acme.test" } },
      url: `${WEB}/${project.path}/-/merge_requests/7`,
      updated_at: "2026-03-02 09:30:00 UTC",
      ...changes,
    },
  };
}
