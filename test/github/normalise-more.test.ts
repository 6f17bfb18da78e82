import { describe, expect, test } from "vitest";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { A, DIGEST, checkBody, deploymentBody, imageBody, mergedBody, ruleBody, statusBody } from "./bodies.ts";

function read(event: string, body: unknown): unknown {
  const told = normaliseGitHub(event, Buffer.from(JSON.stringify(body)));
  return told.kind === "events" ? told.events[0] : told.kind === "ignored" ? told.reason : told.kind;
}

describe("checks", () => {
  test("an app's check run is a check; one of Actions is a job already", () => {
    const source = { kind: "app", slug: "browser-farm", id: "77" };
    expect(read("check_run", checkBody())).toMatchObject({ kind: "check", name: "e2e", source, check: "128620228", status: "passed" });
    expect(read("check_run", checkBody({ app: { id: 15368, slug: "github-actions" } }))).toContain("its job says the same");
    expect(read("check_run", checkBody({ app: null }))).toContain("no app is named");
    expect(read("check_run", checkBody({ conclusion: "neutral" }))).toMatchObject({ status: "skipped" });
    expect(read("check_run", checkBody({ check_suite: { head_branch: null } }))).toMatchObject({ ownRepository: null });
  });

  test.each([
    ["pending", "running"],
    ["success", "passed"],
    ["failure", "failed"],
    ["error", "failed"],
  ])("a status that is %s is %s, and names who set it", (state, status) => {
    const source = { kind: "status", creator: "acme-ci" };
    expect(read("status", statusBody({ state }))).toMatchObject({ kind: "check", check: "ci/old-faithful", source, status });
  });

  test("our own status does not come back as a proof, and a state that is none is not guessed", () => {
    expect(read("status", statusBody({ context: "greenlight/production" }))).toBe("a commit status of our own");
    expect(read("status", statusBody({ state: "constructor" }))).toContain("state is missing or has another form");
  });
});

describe("deployments", () => {
  const ours = "01990000-0000-7000-8000-000000000001";

  test("one that we made is known by our id, in an object or as text", () => {
    expect(read("deployment", deploymentBody({ payload: { greenlight: ours } }))).toMatchObject({ state: "started", ours });
    expect(read("deployment", deploymentBody({ payload: JSON.stringify({ greenlight: ours }) }))).toMatchObject({ ours });
    for (const payload of [null, "", "{", { greenlight: "x" }, [ours], 7]) {
      expect(read("deployment", deploymentBody({ payload }))).toMatchObject({ ours: null });
    }
  });

  test.each([
    ["queued", "started"],
    ["waiting", "started"],
    ["in_progress", "started"],
    ["success", "live"],
    ["failure", "failed"],
    ["error", "failed"],
    ["inactive", "inactive"],
  ])("a status %s is %s", (state, said) => {
    const status = { state, environment_url: "https://shop.acme.test", log_url: null, created_at: "2026-09-21T08:03:00Z" };
    const told = read("deployment_status", {
      ...deploymentBody({ transient_environment: true, production_environment: true }),
      deployment_status: status,
    });
    expect(told).toMatchObject({
      kind: "deployed",
      externalId: "41",
      state: said,
      transient: true,
      tier: "production",
      url: "https://shop.acme.test",
      workflowRun: "30433642",
      at: new Date("2026-09-21T08:03:00Z"),
    });
  });

  test("a protection rule asks for one run; of the address to answer to nothing but its number is read", () => {
    expect(read("deployment_protection_rule", ruleBody())).toEqual({
      kind: "gate_asked",
      repository: "acme/shop",
      environment: "production",
      workflowRun: "30433642",
      revision: A,
      at: new Date("2026-09-21T08:00:00Z"),
    });
    const elsewhere = "https://evil.test/repos/x/y/actions/runs/7/deployment_protection_rule";
    expect(JSON.stringify(read("deployment_protection_rule", ruleBody({ deployment_callback_url: elsewhere })))).not.toContain("evil");
    expect(read("deployment_protection_rule", ruleBody({ deployment_callback_url: "https://api.github.com/x" }))).toContain("no run");
    expect(read("deployment_protection_rule", ruleBody({ deployment: undefined }))).toContain("deployment is missing");
  });
});

test("a merged pull request says what it became and who did it; its text has lines, and no control characters", () => {
  expect(read("pull_request", mergedBody())).toMatchObject({
    kind: "merged",
    number: 412,
    body: "Release-note: coupons stay\nTicket SHOP-7",
    author: { login: "bob" },
    mergedBy: { login: "ann" },
    revision: A,
  });
  expect(read("pull_request", mergedBody({ body: "a\u0000b\u001b[2Jc\u2028d\ud800" }))).toMatchObject({ body: "a b [2Jc\nd\ufffd" });
  expect(read("pull_request", mergedBody({ merge_commit_sha: "abc" }))).toContain("names no commit");
});

describe("images", () => {
  test("one is known by the digest of its manifest and the commit that its builder labelled it with", () => {
    const expected = { kind: "image", image: "ghcr.io/acme/shop", tag: "main", digest: DIGEST, revision: A };
    expect(read("registry_package", imageBody())).toMatchObject(expected);
    const { registry_package: content, ...rest } = imageBody();
    expect(read("package", { ...rest, package: content })).toMatchObject(expected);
  });

  test("without a label no commit is guessed, and what is no digest is none", () => {
    const unlabelled = { tag: { name: "", digest: "sha256:abc" }, labels: null };
    expect(read("registry_package", imageBody({ container_metadata: unlabelled, package_url: null }))).toMatchObject({
      image: "ghcr.io/acme/shop",
      tag: null,
      revision: null,
      digest: DIGEST,
    });
    expect(read("registry_package", imageBody({ container_metadata: unlabelled, version: "latest" }))).toBe("an image without a digest");
    expect(read("registry_package", imageBody({ container_metadata: null }))).toBe("a package that is no image");
  });
});
