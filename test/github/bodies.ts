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

export function checkBody(changes: Readonly<Record<string, unknown>> = {}) {
  const run = {
    id: 128_620_228,
    name: "e2e",
    head_sha: A,
    status: "completed",
    conclusion: "success",
    html_url: "https://github.com/acme/shop/runs/128620228",
    started_at: "2026-09-21T08:00:00Z",
    completed_at: "2026-09-21T08:02:00Z",
    app: { id: 77, slug: "browser-farm" },
    check_suite: { head_branch: "main" },
    ...changes,
  };
  return { action: "completed", repository, check_run: run };
}

export function statusBody(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    repository,
    sha: A,
    context: "ci/old-faithful",
    state: "success",
    target_url: "https://ci.acme.test/7",
    updated_at: "2026-09-21T08:02:00Z",
    sender: { login: "acme-ci" },
    ...changes,
  };
}

export function deploymentBody(changes: Readonly<Record<string, unknown>> = {}) {
  const deployment = {
    id: 41,
    sha: A,
    environment: "production",
    payload: {},
    creator: { login: "ann" },
    created_at: "2026-09-21T08:00:00Z",
    ...changes,
  };
  return { action: "created", repository, deployment, workflow_run: { id: 30_433_642 } };
}

export function ruleBody(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    action: "requested",
    repository,
    environment: "production",
    event: "push",
    deployment_callback_url: "https://api.github.com/repos/acme/shop/actions/runs/30433642/deployment_protection_rule",
    deployment: { sha: A, created_at: "2026-09-21T08:00:00Z" },
    ...changes,
  };
}

export function mergedBody(changes: Readonly<Record<string, unknown>> = {}) {
  const pull = {
    number: 412,
    title: "Keep the coupon",
    body: "Release-note: coupons stay\r\nTicket SHOP-7",
    user: { login: "bob" },
    merged: true,
    merged_by: { login: "ann" },
    merge_commit_sha: A,
    merged_at: "2026-09-21T08:00:00Z",
    html_url: "https://github.com/acme/shop/pull/412",
    ...changes,
  };
  return { action: "closed", repository, pull_request: pull };
}

export const DIGEST = `sha256:${"d".repeat(64)}`;

export function imageBody(changes: Readonly<Record<string, unknown>> = {}) {
  const version = {
    version: DIGEST,
    package_url: "ghcr.io/acme/shop:main",
    created_at: "2026-09-21T08:00:00Z",
    container_metadata: { tag: { name: "main", digest: DIGEST }, labels: { revision: A } },
    ...changes,
  };
  const content = { name: "shop", namespace: "acme", package_type: "CONTAINER", ecosystem: "CONTAINER", package_version: version };
  return { action: "published", repository, registry_package: content };
}
