/** A message with everything in it. */
export function wholeMessage() {
  return {
    version: 1,
    provider: "Jenkins",
    project: "shop",
    at: "2026-03-02T09:12:00Z",
    build: {
      id: "1842",
      attempt: 2,
      url: "https://ci.acme.test/job/1842",
      branch: "main",
      sha: "a".repeat(40),
      event: "push",
      status: "failed",
      started_at: "2026-03-02T09:10:00Z",
      finished_at: "2026-03-02T09:12:00Z",
    },
    stages: [
      { id: 7, name: "unit", status: "failed", started_at: "2026-03-02T09:10:30Z", finished_at: null, url: null, allow_failure: false },
      { name: "lint", status: "success", allow_failure: true },
    ],
    tests: {
      total: 412,
      failed: 1,
      skipped: 3,
      flaky: 1,
      failures: [{ suite: "cart", name: "adds twice", message: "secret of a patient", file: "test/cart.py", line: 12 }],
    },
    artifacts: [
      { kind: "image", ref: "registry.acme.test:5000/shop:1.4", digest: `sha256:${"b".repeat(64)}` },
      { kind: "file", ref: "report.zip", digest: `sha256:${"c".repeat(64)}` },
    ],
    commit: { message: "Add a cart\n\nIt holds things.", author: "Ann Ar <ann@acme.test>" },
  };
}
