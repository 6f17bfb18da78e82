/** Bodies as GitHub sends them, reduced to what is read. */
export const A = "a".repeat(40);
export const B = "b".repeat(40);

const repository = { id: 17, full_name: "acme/shop", pushed_at: 1_790_000_000 };

export function pushBody(changes: Readonly<Record<string, unknown>> = {}) {
  const commit = {
    id: A,
    message: "fix(basket): keep the coupon\n\nLonger text",
    url: `https://github.com/acme/shop/commit/${A}`,
    author: { name: "Ann", email: "ann@acme.test", username: "ann" },
  };
  return {
    ref: "refs/heads/main",
    before: B,
    after: A,
    created: false,
    deleted: false,
    compare: "https://github.com/acme/shop/compare/b...a",
    repository,
    pusher: { name: "bob", email: "bob@acme.test" },
    sender: { login: "bob" },
    head_commit: { timestamp: "2026-09-21T10:00:00+02:00" },
    commits: [commit],
    ...changes,
  };
}

export function runBody(changes: Readonly<Record<string, unknown>> = {}) {
  const run = {
    id: 30_433_642,
    run_attempt: 1,
    name: "CI",
    path: ".github/workflows/ci.yml",
    event: "push",
    status: "completed",
    conclusion: "success",
    head_branch: "main",
    head_sha: A,
    html_url: "https://github.com/acme/shop/actions/runs/30433642",
    head_repository: { id: 17, full_name: "acme/shop" },
    run_started_at: "2026-09-21T08:00:00Z",
    updated_at: "2026-09-21T08:05:00Z",
    ...changes,
  };
  return { action: "completed", repository, workflow: { name: "CI", path: ".github/workflows/ci.yml" }, workflow_run: run };
}

export function jobBody(changes: Readonly<Record<string, unknown>> = {}) {
  const job = {
    id: 399_444_496,
    run_id: 30_433_642,
    run_attempt: 1,
    name: "build",
    workflow_name: "CI",
    status: "completed",
    conclusion: "success",
    head_branch: "main",
    head_sha: A,
    html_url: "https://github.com/acme/shop/actions/runs/30433642/job/399444496",
    started_at: "2026-09-21T08:00:00Z",
    completed_at: "2026-09-21T08:02:00Z",
    ...changes,
  };
  return { action: "completed", repository, workflow_job: job };
}
