import { describe, expect, test } from "vitest";
import type { PipelineEvent } from "../../src/domain/pipeline.ts";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { A, B, jobBody, pushBody, runBody } from "./bodies.ts";

function read(event: string, body: unknown) {
  return normaliseGitHub(event, Buffer.from(JSON.stringify(body)));
}

function only(event: string, body: unknown): PipelineEvent {
  const told = read(event, body);
  if (told.kind !== "events" || told.events[0] === undefined) throw new Error(`expected an event, got ${JSON.stringify(told)}`);
  return told.events[0];
}

describe("what GitHub tells", () => {
  test("a push becomes its commits, with the first line as title and the sender as pusher", () => {
    expect(only("push", pushBody())).toEqual({
      kind: "push",
      repository: "acme/shop",
      ref: "refs/heads/main",
      before: B,
      after: A,
      changes: [
        {
          revision: A,
          title: "fix(basket): keep the coupon",
          author: { name: "Ann", email: "ann@acme.test", login: "ann", slackId: null },
          url: `https://github.com/acme/shop/commit/${A}`,
          pullRequest: null,
        },
      ],
      pusher: { name: "bob", email: "bob@acme.test", login: "bob", slackId: null },
      compareUrl: "https://github.com/acme/shop/compare/b...a",
      files: null,
      at: new Date(1_790_000_000_000),
    });
  });

  test("each commit of a push tells the files that it left changed, where GitHub lists them", () => {
    const { commits } = pushBody();
    const listed = { added: ["cart/new.py"], modified: ["cart/views.py"], removed: ["cart/old.py"] };
    const body = pushBody({ commits: [...commits, ...commits.map((commit) => ({ ...commit, ...listed }))] });
    const event = only("push", body);
    if (event.kind !== "push") throw new Error("expected a push");
    expect(event.changes.map(({ files }) => files)).toEqual([undefined, ["cart/new.py", "cart/views.py"]]);
  });

  test("a run says whether it is of the repository itself, by id", () => {
    expect(only("workflow_run", runBody())).toMatchObject({
      workflowRun: "30433642",
      attempt: 1,
      trigger: "push",
      path: ".github/workflows/ci.yml",
      ownRepository: true,
      status: "passed",
    });
    const fork = { id: 99, full_name: "acme/shop" };
    expect(only("workflow_run", runBody({ head_repository: fork }))).toMatchObject({ ownRepository: false });
    expect(only("workflow_run", runBody({ head_repository: null }))).toMatchObject({ ownRepository: false });
  });

  test("a run without a name takes the workflow's; a path loses its ref", () => {
    const body = runBody({ name: "", path: ".github/workflows/ci.yml@refs/heads/main" });
    expect(only("workflow_run", body)).toMatchObject({ name: "CI", path: ".github/workflows/ci.yml", tag: false });
    const tag = runBody({ path: ".github/workflows/ci.yml@refs/tags/main", head_branch: "main" });
    expect(only("workflow_run", tag)).toMatchObject({ path: ".github/workflows/ci.yml", tag: true });
  });

  test("a job is a stage of its run", () => {
    expect(only("workflow_job", jobBody())).toMatchObject({ job: "399444496", workflowRun: "30433642", name: "build", status: "passed" });
  });

  test.each([
    ["requested", null, "queued"],
    ["queued", null, "queued"],
    ["pending", null, "queued"],
    ["waiting", null, "waiting"],
    ["in_progress", null, "running"],
    ["constructor", null, "queued"],
    ["completed", null, "running"],
    ["completed", "success", "passed"],
    ["completed", "skipped", "skipped"],
    ["completed", "neutral", "skipped"],
    ["completed", "cancelled", "cancelled"],
    ["completed", "stale", "cancelled"],
    ["completed", "failure", "failed"],
    ["completed", "timed_out", "failed"],
    ["completed", "action_required", "failed"],
    ["completed", "startup_failure", "failed"],
    ["completed", "something_new", "failed"],
    ["completed", "__proto__", "failed"],
  ])("%s with conclusion %s is %s", (status, conclusion, stage) => {
    expect(only("workflow_run", runBody({ status, conclusion }))).toMatchObject({ status: stage });
    expect(only("workflow_job", jobBody({ status, conclusion }))).toMatchObject({ status: stage });
  });

  test("a queued job has not started, whatever its started_at says", () => {
    expect(only("workflow_job", jobBody({ status: "queued", conclusion: null }))).toMatchObject({ startedAt: null, finishedAt: null });
    expect(only("workflow_job", jobBody({ status: "in_progress", conclusion: null }))).toMatchObject({
      startedAt: new Date("2026-09-21T08:00:00Z"),
      finishedAt: null,
    });
  });

  test("ping is a ping", () => {
    expect(read("ping", { zen: "Design for failure." })).toEqual({ kind: "ping" });
  });
});

describe("what is ignored says why", () => {
  test.each([
    { event: "release", body: {}, reason: "release events are not used" },
    { event: "constructor", body: {}, reason: "constructor events are not used" },
    { event: "<script>", body: {}, reason: "the event has no name we know" },
    { event: "push", body: pushBody({ ref: "refs/tags/main" }), reason: "push of a tag" },
    { event: "push", body: pushBody({ ref: "refs/notes/x" }), reason: "push of something that is no branch" },
    { event: "push", body: pushBody({ deleted: true, after: "0".repeat(40) }), reason: "a branch was deleted" },
    { event: "push", body: pushBody({ ref: "refs/heads/a\u0000b" }), reason: "push of a branch whose name git does not allow" },
    { event: "push", body: pushBody({ ref: "refs/heads/a\u202eb\ud800" }), reason: "push of a branch whose name git does not allow" },
    { event: "push", body: pushBody({ after: "abc" }), reason: "the body does not fit the event push: after is no full commit id" },
    { event: "workflow_run", body: pushBody(), reason: /^the body does not fit the event workflow_run: workflow_run / },
    { event: "workflow_job", body: runBody(), reason: /^the body does not fit the event workflow_job: workflow_job / },
    { event: "push", body: jobBody(), reason: /^the body does not fit the event push: / },
    { event: "workflow_run", body: runBody({ id: 2 ** 53 + 2 }), reason: /workflow_run\.id is missing or has another form/ },
    { event: "workflow_run", body: runBody({ id: "1" }), reason: /workflow_run\.id/ },
    { event: "workflow_run", body: runBody({ head_sha: "A".repeat(40) }), reason: /head_sha/ },
    { event: "workflow_run", body: runBody({ updated_at: "+300000-01-01T00:00:00Z" }), reason: /updated_at/ },
    { event: "workflow_run", body: runBody({ updated_at: "+200000-01-01T00:00:00Z" }), reason: /updated_at/ },
    { event: "workflow_run", body: runBody({ html_url: "javascript:alert(1)" }), reason: /html_url/ },
    { event: "workflow_job", body: jobBody({ run_attempt: 1e300 }), reason: /run_attempt/ },
    { event: "push", body: null, reason: /does not fit/ },
    { event: "push", body: [[[]]], reason: /does not fit/ },
  ])("$event: $reason", ({ event, body, reason }) => {
    const told = read(event, body);
    expect(told.kind).toBe("ignored");
    expect(told.kind === "ignored" ? told.reason : "").toMatch(reason);
  });

  test.each([
    { name: "2 million brackets", text: "[".repeat(2_000_000) },
    { name: "2 million nested arrays", text: "[".repeat(2_000_000) + "]".repeat(2_000_000) },
    { name: "nested where a text belongs", text: `{"ref":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}` },
    { name: "prototype keys", text: '{"__proto__":{"ref":"refs/heads/main","after":"a"},"hasOwnProperty":1}' },
    { name: "no JSON", text: "payload=%7B%7D" },
    { name: "nothing", text: "" },
  ])("$name", ({ text }) => {
    for (const event of ["push", "workflow_run", "workflow_job"]) {
      expect(normaliseGitHub(event, Buffer.from(text))).toMatchObject({ kind: "ignored" });
    }
  });
});

function changeOf(message: string) {
  const event = only("push", pushBody({ commits: [{ id: A, message, author: { name: "Ann\u0000\u001b[31m", email: "no mail" } }] }));
  return event.kind === "push" ? event.changes[0] : undefined;
}

describe("foreign text", () => {
  test("titles lose control characters and lone surrogates and end at 200 characters", () => {
    expect(changeOf("a\u0000b\u001b[31mc\ud800\nsecond")?.title).toBe("a b [31mc\ufffd");
    expect(Array.from(changeOf("💥".repeat(300))?.title ?? "")).toHaveLength(200);
    expect(changeOf("\n\n  fix: x")?.title).toBe("fix: x");
    expect(changeOf("")?.title).toBe("(no message)");
  });

  test("names are cleaned, and what is no e-mail is none", () => {
    expect(changeOf("x")?.author).toEqual({ name: "Ann [31m", email: null, login: null, slackId: null });
  });

  test("a date that cannot be is left out, a page that is none too", () => {
    expect(only("workflow_job", jobBody({ started_at: "+300000-01-01", html_url: "file:///etc/passwd" }))).toMatchObject({
      startedAt: null,
      url: null,
    });
  });
});
