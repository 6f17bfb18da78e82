import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseDeploymentId, parseRunId, parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import { emptyRun, type Run } from "../../src/domain/pipeline.ts";
import { reduce } from "../../src/domain/pipeline/reduce.ts";
import { stagesOf } from "../../src/domain/pipeline/stages.ts";
import { createGitLab } from "../../src/gitlab/client.ts";
import { normaliseGitLab } from "../../src/gitlab/normalise.ts";
import { pipelineHook } from "./hooks.ts";
import { createProject, type Pipeline, type Project } from "./project.ts";
import { startGitLab, TOKEN } from "./rest.ts";

const PATH = "acme/web/shop";
const lines: string[] = [];
const log = { warn: (fields: object, line: string) => void lines.push(`${line} ${JSON.stringify(fields)}`) };

let project: Project;
let server: Awaited<ReturnType<typeof startGitLab>>;
let gitlab: ReturnType<typeof createGitLab>;
let one: Sha;
let two: Sha;
let side: Sha;

beforeAll(async () => {
  project = createProject(PATH);
  server = await startGitLab(project, { perPage: 2 });
  gitlab = createGitLab({ url: `${server.url}/api/v4/`, token: TOKEN, log });
  one = made("First");
  two = made("Keep the coupon\n\nLonger text", [one], "Bob");
  side = made("Beside it", [one]);
  project.branches.set("main", two).set("feature/side", side);
  project.tags.set("v1", one).set("main", side);
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  lines.length = 0;
  server.seen.length = 0;
});

function made(message: string, parents: readonly Sha[] = [], author = "Ann"): Sha {
  const sha = parseSha(project.commit(message, parents, author));
  if (sha === null) throw new Error("the project made a commit without an id");
  return sha;
}

function runOf(revision: Sha, ...heard: readonly Pipeline[]): Run {
  const id = parseRunId("01990000-0000-7000-8000-000000000001");
  if (id === null) throw new Error("the test's own id is wrong");
  const events = heard.flatMap((pipeline) => {
    const told = normaliseGitLab(Buffer.from(JSON.stringify(pipelineHook(project, pipeline))));
    return told.kind === "events" ? told.events : [];
  });
  return events.reduce(reduce, emptyRun(id, "shop", revision));
}

function stages(run: Run | null): readonly string[] | undefined {
  return run?.workflows.map(
    (workflow) => `${workflow.trigger} ${workflow.status}: ${workflow.jobs.map(({ name, status }) => `${name} ${status}`).join(", ")}`,
  );
}

describe("refs", () => {
  test.each([
    { ref: "main", is: () => two },
    { ref: "refs/heads/main", is: () => two },
    { ref: "refs/tags/main", is: () => side },
    { ref: "feature/side", is: () => side },
    { ref: "v1", is: () => one },
    { ref: "refs/heads/v1", is: () => null },
    { ref: "nothing", is: () => null },
    { ref: "../..", is: () => null },
    { ref: "f".repeat(40), is: () => null },
  ])("$ref", async ({ ref, is }) => {
    expect(await gitlab.resolve(PATH, ref)).toBe(is());
  });

  test("a short or a whole id is its commit, and no branch that is called so", async () => {
    expect(await gitlab.resolve(PATH, one)).toBe(one);
    expect(await gitlab.resolve(PATH, two.slice(0, 9))).toBe(two);
    const name = "abcdef1";
    project.branches.set(name, one);
    expect(await gitlab.resolve(PATH, `refs/heads/${name}`)).toBe(one);
    project.branches.delete(name);
    project.tags.set("1234567", one);
    expect(await gitlab.resolve(PATH, "7654321")).toBeNull();
    project.tags.delete("1234567");
  });

  test("reachable means from the branch of that name, not from a tag", async () => {
    expect(await gitlab.reachable(PATH, "main", two)).toBe(true);
    expect(await gitlab.reachable(PATH, "main", one)).toBe(true);
    // The tag `main` has it.
    expect(await gitlab.reachable(PATH, "main", side)).toBe(false);
    expect(await gitlab.reachable(PATH, "feature/side", side)).toBe(true);
    expect(await gitlab.reachable(PATH, "v1", one)).toBe(false);
    const stranger = parseSha("f".repeat(40));
    expect(stranger !== null && (await gitlab.reachable(PATH, "main", stranger))).toBe(false);
  });

  test("contains goes by commits; of one that GitLab does not know nothing is said", async () => {
    expect(await gitlab.contains(PATH, two, one)).toBe(true);
    expect(await gitlab.contains(PATH, two, two)).toBe(true);
    expect(await gitlab.contains(PATH, one, two)).toBe(false);
    expect(await gitlab.contains(PATH, two, side)).toBe(false);
    const stranger = parseSha("f".repeat(40));
    expect(stranger !== null && (await gitlab.contains(PATH, two, stranger))).toBeNull();
  });

  test("search finds branches, tags and commits by what is typed", async () => {
    expect(await gitlab.search(PATH, "side")).toMatchObject({ branches: ["feature/side"], tags: [], complete: true });
    const all = await gitlab.search(PATH, "");
    expect(all).toMatchObject({ branches: expect.arrayContaining(["main"]), tags: expect.arrayContaining(["v1"]) });
    expect((await gitlab.search(PATH, "coupon"))?.commits).toEqual([{ revision: two, title: "Keep the coupon" }]);
    expect((await gitlab.search(PATH, one.slice(0, 8)))?.commits).toEqual([{ revision: one, title: "First" }]);
    expect(await gitlab.search(PATH, "a b~")).toMatchObject({ branches: [], tags: [] });
  });
});

describe("what changes", () => {
  test("is listed from the oldest on, with what is missing counted, and titles from merge requests", async () => {
    const third = made("wip", [two]);
    project.mergeRequests.set(third, [
      { iid: 3, title: "Never merged", state: "closed", author: { name: "Eve", username: "eve" } },
      {
        iid: 7,
        title: "Faster search",
        state: "merged",
        merge_commit_sha: null,
        squash_commit_sha: third,
        author: { name: "Cleo", username: "cleo" },
      },
    ]);
    project.mergeRequests.set(two, [{ iid: 6, title: "Coupons", state: "merged", merge_commit_sha: third, author: null }]);
    const changes = await gitlab.compare(PATH, side, third);
    expect(changes).toMatchObject({ complete: true, behind: 1, compareUrl: `${server.url}/${PATH}/-/compare/${side}...${third}` });
    expect(changes.changes.map(({ revision, title, pullRequest }) => [revision, title, pullRequest])).toEqual([
      [two, "Keep the coupon", 6],
      [third, "Faster search", 7],
    ]);
    expect(changes.authors.map(({ login, name }) => login ?? name)).toEqual(["Bob", "Ann", "cleo"]);
    expect(await gitlab.compare(PATH, two, two)).toMatchObject({ changes: [], complete: true, behind: 0 });
    expect(await gitlab.compare(PATH, two, one)).toMatchObject({ changes: [], behind: 1 });
  });

  test("names the files that it changes, by their names of now", async () => {
    project.changedFiles.push(
      { was: "shop/models.py", now: "shop/models.py" },
      { was: "shop/old.py", now: "shop/new.py" },
      { was: "shop/gone.py", now: null },
    );
    const { files } = await gitlab.compare(PATH, one, two);
    expect(files).toEqual(["shop/models.py", "shop/new.py"]);
    expect(server.seen.filter((asked) => JSON.stringify(asked).includes("repository/compare"))).toHaveLength(2);
    expect(await gitlab.compare(PATH, null, one)).not.toHaveProperty("files");
    project.changedFiles.length = 0;
  });

  test("is the head alone where nothing was live, and then not all", async () => {
    const changes = await gitlab.compare(PATH, null, one);
    expect(changes).toMatchObject({ complete: false, behind: 0, changes: [{ revision: one, title: "First" }] });
  });

  test("names added migrations with their text", async () => {
    project.addedFiles.push("shop/migrations/0002_x.py", "shop/migrations/__init__.py", "shop/models.py");
    project.files.set("shop/migrations/0002_x.py", "class Migration: pass\n");
    expect(await gitlab.addedMigrations(PATH, one, two)).toEqual([{ path: "shop/migrations/0002_x.py", text: "class Migration: pass\n" }]);
    expect(await gitlab.addedMigrations(PATH, null, two)).toBeNull();
  });
});

describe("reread", () => {
  test("says the same as the hooks, whatever was missed, over several pages", async () => {
    const revision = made("Reread", [two]);
    const pipeline = project.run({ sha: revision, jobs: ["build", "unit", "lint", "docs", "end"] });
    for (const name of ["build", "lint", "docs", "end"]) project.advance(pipeline, name, "success");
    project.advance(pipeline, "unit", "failed");
    const again = runOf(revision, pipeline);
    const missed = await gitlab.reread(PATH, runOf(revision));
    expect(await gitlab.reread(PATH, again)).toEqual(again);
    expect(stages(missed)).toEqual([
      "push failed: build success, unit failed, lint success, docs success, end success".replaceAll("success", "passed"),
    ]);
    project.retry(pipeline, "unit");
    const reopened = await gitlab.reread(PATH, again);
    expect(reopened?.workflows[0]).toMatchObject({ status: "running" });
    expect(stagesOf(reopened ?? again).find(({ name }) => name === "unit")).toMatchObject({ status: "queued" });
    expect(stagesOf(reopened ?? again)).toHaveLength(5);
    // What the hooks say next moves it on from there.
    project.advance(pipeline, "unit", "success");
    const told = normaliseGitLab(Buffer.from(JSON.stringify(pipelineHook(project, pipeline))));
    const last = (told.kind === "events" ? told.events : []).reduce(reduce, reopened ?? again);
    expect(last.workflows[0]).toMatchObject({ status: "passed" });
  });

  test("reads children by their parents' trigger jobs, and theirs", async () => {
    const revision = made("Children", [two]);
    const parent = project.run({ sha: revision, jobs: ["build"] });
    const child = project.run({ sha: revision, jobs: ["e2e"], source: "parent_pipeline", parent });
    const grandchild = project.run({ sha: revision, jobs: ["deep"], source: "parent_pipeline", parent: child });
    const told = await gitlab.reread(PATH, runOf(revision));
    expect(told?.workflows.map(({ workflowRun, parent: of }) => [workflowRun, of])).toEqual([
      [String(parent.id), null],
      [String(child.id), String(parent.id)],
      [String(grandchild.id), String(child.id)],
    ]);
  });

  test("drops what GitLab does not know, what is of another commit, and our own mark", async () => {
    const revision = made("Strangers", [two]);
    const known = project.run({ sha: revision, jobs: ["build"] });
    const stranger: Pipeline = { ...known, id: 5 };
    const other = project.run({ sha: one, jobs: ["build"] });
    const mark = {
      repository: PATH,
      revision,
      context: "greenlight/production",
      state: "pending" as const,
      description: "Waits",
      url: null,
    };
    expect(await gitlab.mark(mark)).toBe(true);
    const heard = runOf(revision, known, stranger, other);
    expect(heard.workflows).toHaveLength(3);
    expect((await gitlab.reread(PATH, heard))?.workflows.map(({ workflowRun }) => workflowRun)).toEqual([String(known.id)]);
  });

  test("keeps whose code a merge request's pipeline ran, which only the hook says", async () => {
    const revision = made("Merge request", [two]);
    const pipeline = project.run({ sha: revision, jobs: ["unit"], source: "merge_request_event", ref: "refs/merge-requests/7/head" });
    expect((await gitlab.reread(PATH, runOf(revision)))?.workflows[0]).toMatchObject({
      branch: null,
      ownRepository: null,
      trigger: "merge_request_event",
    });
    expect((await gitlab.reread(PATH, runOf(revision, pipeline)))?.workflows[0]).toMatchObject({ ownRepository: true });
  });
});

const told = (revision: Sha, deployment: DeploymentId, state: "queued" | "in_progress" | "success" | "failure" | "inactive") =>
  gitlab.tell({
    repository: PATH,
    deployment,
    environment: "production",
    production: true,
    revision,
    state,
    url: null,
    description: "x",
  });

/** As our ids are: a UUIDv7 that says when it was made. */
function deploymentAt(at: number, tail: string): DeploymentId {
  const hex = at.toString(16).padStart(12, "0");
  const id = parseDeploymentId(`${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${tail.padStart(12, "0")}`);
  if (id === null) throw new Error("the test's own id is wrong");
  return id;
}

describe("told back", () => {
  test("a deployment is made once, follows ours, and never begins again", async () => {
    project.deployments.length = 0;
    const ours = deploymentAt(Date.now(), "1");
    for (const state of ["queued", "in_progress", "in_progress", "success", "success", "in_progress", "inactive"] as const) {
      expect(await told(two, ours, state)).toBe(true);
    }
    expect(project.deployments.map(({ sha, environment, status }) => [sha, environment, status])).toEqual([[two, "production", "success"]]);
    expect(lines).toEqual([]);
  });

  test("two at once, and another replica that never saw it made, find the one there is", async () => {
    project.deployments.length = 0;
    const ours = deploymentAt(Date.now(), "2");
    await Promise.all([told(two, ours, "in_progress"), told(two, ours, "in_progress")]);
    const replica = createGitLab({ url: server.url, token: TOKEN, log });
    await replica.tell({
      repository: PATH,
      deployment: ours,
      environment: "production",
      production: true,
      revision: two,
      state: "failure",
      url: null,
      description: "x",
    });
    expect(project.deployments.map(({ status }) => status)).toEqual(["failed"]);
  });

  test("an older deployment of the same commit is another one", async () => {
    project.deployments.length = 0;
    project.deployments.push({
      id: 3,
      sha: two,
      environment: "production",
      status: "success",
      created_at: new Date(Date.now() - 3_600_000),
    });
    await told(two, deploymentAt(Date.now(), "3"), "in_progress");
    expect(project.deployments.map(({ status }) => status)).toEqual(["success", "running"]);
  });

  test("a mark is set where it says something new, on a ref of its own", async () => {
    const revision = made("Marked", [two]);
    project.run({ sha: revision, jobs: ["build"] });
    const mark = { repository: PATH, revision, context: "greenlight/production", url: "https://slack.test/card" };
    const seen: string[] = [];
    for (const [state, description] of [
      ["pending", "Waits for build"],
      ["pending", "Waits for build"],
      ["pending", "Waits for unit"],
      ["success", "Live"],
      ["success", "Live"],
      ["failure", "Failed"],
    ] as const) {
      expect(await gitlab.mark({ ...mark, state, description })).toBe(true);
      const last = project.statuses.findLast(({ sha }) => sha === revision);
      seen.push(`${last?.id} ${last?.ref} ${last?.name} ${last?.status} ${last?.description}`);
    }
    const [first, second, third] = [...new Set(seen.map((words) => words.split(" ")[0]))];
    const [place, name] = ["greenlight/production", "greenlight/production"];
    expect(seen).toEqual([
      `${first} ${place} ${name} pending Waits for build`,
      `${first} ${place} ${name} pending Waits for build`,
      `${second} ${place} ${name} pending Waits for unit`,
      `${second} ${place} ${name} success Live`,
      `${second} ${place} ${name} success Live`,
      `${third} ${place} ${name} failed Failed`,
    ]);
    expect(project.statuses.filter(({ sha }) => sha === revision)).toHaveLength(3);
  });
});

test("an acceptance pipeline is started on the branch, with what it is to test", async () => {
  const wish = { repository: PATH, start: "pipeline", branch: "main", inputs: { revision: two, url: "https://staging.acme.test" } };
  const begun = await gitlab.startAcceptance(wish);
  expect(begun).toMatchObject({
    kind: "started",
    workflowRun: String(project.pipelines.at(-1)?.id),
    url: expect.stringContaining("/-/pipelines/"),
  });
  expect(JSON.parse(server.seen.at(-1)?.body ?? "")).toEqual({
    ref: "main",
    variables: [
      { key: "GREENLIGHT_REVISION", value: two },
      { key: "GREENLIGHT_URL", value: "https://staging.acme.test" },
    ],
  });
  expect(await gitlab.startAcceptance({ ...wish, branch: "gone" })).toMatchObject({
    kind: "refused",
    because: expect.stringContaining("400"),
  });
});

test("without a token nothing is asked and nothing is claimed", async () => {
  const mute = createGitLab({ url: server.url, token: null, log });
  expect(await mute.compare(PATH, one, two)).toMatchObject({
    changes: [],
    complete: false,
    compareUrl: `${server.url}/${PATH}/-/compare/${one}...${two}`,
  });
  expect(mute.environmentPage(PATH, "review/pay&go")).toBe(`${server.url}/${PATH}/-/environments?search=review%2Fpay%26go`);
  expect(gitlab.environmentPage(PATH, "review/pay&go")).toBe(mute.environmentPage(PATH, "review/pay&go"));
  const asked = [
    mute.resolve(PATH, "main"),
    mute.reachable(PATH, "main", two),
    mute.contains(PATH, two, one),
    mute.reread(PATH, runOf(two)),
    mute.search(PATH, ""),
  ];
  expect(await Promise.all(asked)).toEqual([null, null, null, null, null]);
  expect(server.seen).toEqual([]);
});
