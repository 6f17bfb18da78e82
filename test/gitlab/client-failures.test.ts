import { describe, expect, test } from "vitest";
import { html, json, type Answer, type Visit } from "../../sandbox/loopback.ts";
import { parseDeploymentId, parseRunId, parseSha, type Sha } from "../../src/domain/ids.ts";
import { emptyRun } from "../../src/domain/pipeline.ts";
import { createGitLab } from "../../src/gitlab/client.ts";
import { createProject, type Project } from "./project.ts";
import { startGitLab, TOKEN, type SeenRequest } from "./rest.ts";

const PATH = "acme/web/shop";

/** A project with two commits and a pipeline, behind a GitLab that fails as `before` says. */
async function world(
  before: (visit: Visit, earlier: readonly SeenRequest[]) => Answer | null,
  options: { readonly token?: string; readonly timeoutMs?: number } = {},
) {
  const project: Project = createProject(PATH);
  const one = shaOf(project.commit("First"));
  const two = shaOf(project.commit("Second", [one]));
  project.branches.set("main", two);
  project.run({ sha: two, jobs: ["unit"] });
  const server = await startGitLab(project, { before });
  const lines: string[] = [];
  const log = { warn: (_fields: object, line: string) => void lines.push(line) };
  const patience = options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs };
  const gitlab = createGitLab({ url: server.url, token: options.token ?? TOKEN, log, ...patience });
  const id = parseRunId("01990000-0000-7000-8000-000000000001");
  const deployment = parseDeploymentId("01990000-0000-7000-8000-000000000002");
  if (id === null || deployment === null) throw new Error("the test's own ids are wrong");
  const run = emptyRun(id, "shop", two);
  return {
    project,
    gitlab,
    lines,
    one,
    two,
    seen: server.seen,
    /** Everything that GitLab is asked, as somebody who believes all of it would. */
    asked: () =>
      Promise.all([
        gitlab.reachable(PATH, "main", two),
        gitlab.contains(PATH, two, one),
        gitlab.resolve(PATH, "main"),
        gitlab.reread(PATH, run),
        gitlab.addedMigrations(PATH, one, two),
        gitlab.compare(PATH, one, two).then(({ complete }) => (complete ? "complete" : null)),
      ]),
    tell: () =>
      gitlab.tell({
        repository: PATH,
        deployment,
        environment: "production",
        production: true,
        revision: two,
        state: "in_progress",
        url: null,
        description: "x",
      }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function shaOf(text: string): Sha {
  const sha = parseSha(text);
  if (sha === null) throw new Error(`${text} is no commit`);
  return sha;
}

const UNAVAILABLE = [null, null, null, null, null, null];
const never = () => null;
const job = (id: number) => ({ id, name: `job ${id}`, stage: "test", status: "success" });

test("a GitLab that answers is believed", async () => {
  await using far = await world(never);
  const answers = await far.asked();
  expect(answers.every((answer) => answer !== null)).toBe(true);
  expect(far.lines).toEqual([]);
});

describe("nothing is known and nothing is guessed", () => {
  const ELSEWHERE = { status: 302, headers: { location: "http://127.0.0.1:9/users/sign_in" } };
  test.each([
    { name: "a page of HTML", answer: html("<h1>Sign in</h1>"), says: "not JSON" },
    { name: "another form", answer: json(200, { hello: 1 }), says: "another form" },
    { name: "nothing", answer: { status: 200, body: "" }, says: "not JSON" },
    { name: "401", answer: json(401, { message: "401 Unauthorized" }), says: "does not accept our token" },
    { name: "403", answer: json(403, { error: "insufficient_scope" }), says: "missing scope or role" },
    { name: "429", answer: json(429, {}, { "retry-after": "30" }), says: "request limit" },
    { name: "500", answer: json(500, {}), says: "answered 500" },
    { name: "502 with HTML", answer: html("<h1>Bad Gateway</h1>", 502), says: "answered 502" },
    { name: "a redirect to somewhere else", answer: ELSEWHERE, says: "another place" },
  ])("after $name", async ({ answer, says }) => {
    await using far = await world(() => answer);
    expect(await far.asked()).toEqual(UNAVAILABLE);
    expect(await far.tell()).toBe(false);
    expect(far.lines.join("\n")).toContain(says);
    expect(far.lines.join("\n")).not.toMatch(new RegExp(`${TOKEN}|Sign in|Bad Gateway`));
    expect(far.project.deployments).toEqual([]);
  });

  test("with a token that is refused", async () => {
    await using far = await world(never, { token: "glpat-another" });
    expect(await far.asked()).toEqual(UNAVAILABLE);
  });

  test("after a 404 of everything: the project may be one that we may not see", async () => {
    await using far = await world(() => json(404, { message: "404 Project Not Found" }));
    expect(await far.asked()).toEqual(UNAVAILABLE);
  });

  test("where nobody listens, and where nobody answers", async () => {
    const away = createGitLab({ url: "http://127.0.0.1:9", token: TOKEN, log: { warn() {} } });
    expect(await away.resolve(PATH, "main")).toBeNull();
    const far = createProject(PATH);
    await using silent = await startGitLab(far, { before: () => ({ status: 200, headers: { "content-length": "100" }, body: "{" }) });
    const lines: string[] = [];
    const log = { warn: (_fields: object, line: string) => void lines.push(line) };
    const waiting = createGitLab({ url: silent.url, token: TOKEN, log, timeoutMs: 300 });
    expect(await waiting.resolve(PATH, "main")).toBeNull();
    expect(lines.join()).toMatch(/did not answer within 0.3 s|cannot be reached/);
  });

  test("when one page of several is missing", async () => {
    await using far = await world(({ path, query }) => (path.endsWith("/jobs") && query.get("page") === "2" ? json(500, {}) : null));
    const many = Array.from({ length: 150 }, (_, index) => `job ${index}`);
    far.project.run({ sha: far.two, jobs: many });
    expect((await far.asked())[3]).toBeNull();
  });

  test("when pages never end", async () => {
    await using far = await world(({ path }) => (path.endsWith("/jobs") ? json(200, [], { "x-next-page": "1" }) : null));
    expect((await far.asked())[3]).toBeNull();
    expect(far.seen.length).toBeLessThan(40);
  });

  test("where a proxy takes X-Next-Page away, the Link says that there is more", async () => {
    await using far = await world(({ path, query }) => {
      if (!path.endsWith("/jobs")) return null;
      const next = `<http://elsewhere.test/api/v4/x?page=2&per_page=100>; rel="next", <http://elsewhere.test/?page=1>; rel="first"`;
      return query.get("page") === "1" ? json(200, [job(1)], { link: next }) : json(200, [job(2)]);
    });
    const told = (await far.asked())[3];
    expect(told).toMatchObject({ workflows: [{ jobs: [{ job: "1" }, { job: "2" }] }] });
  });
});

describe("a limit that is used up", () => {
  test("by 429 is waited for, without asking on", async () => {
    await using far = await world(() => json(429, {}, { "retry-after": "99999999" }));
    expect(await far.gitlab.resolve(PATH, "main")).toBeNull();
    expect(await far.asked()).toEqual(UNAVAILABLE);
    expect(far.seen).toHaveLength(1);
  });

  test("by RateLimit-Remaining: 0 is waited for until RateLimit-Reset", async () => {
    const soon = String(Math.ceil(Date.now() / 1000) + 50);
    await using far = await world((_visit, earlier) =>
      earlier.length === 0
        ? json(200, { name: "main", commit: { id: "a".repeat(40) } }, { "ratelimit-remaining": "0", "ratelimit-reset": soon })
        : null,
    );
    expect(await far.gitlab.resolve(PATH, "main")).toBe("a".repeat(40));
    expect(await far.gitlab.resolve(PATH, "main")).toBeNull();
    expect(far.seen).toHaveLength(1);
  });
});

test("the same failure is logged once, and again after it had gone", async () => {
  let down = true;
  await using far = await world(() => (down ? json(500, {}) : null));
  for (let times = 0; times < 3; times += 1) await far.gitlab.resolve(PATH, "refs/heads/main");
  expect(far.lines).toHaveLength(1);
  down = false;
  await far.gitlab.resolve(PATH, "refs/heads/main");
  down = true;
  await far.gitlab.resolve(PATH, "refs/heads/main");
  expect(far.lines).toHaveLength(2);
});

test("a deployment whose creation was answered with a fault is looked for before it is said to have failed", async () => {
  let project: Project | null = null;
  await using far = await world((visit) => {
    if (visit.method !== "POST" || project === null) return null;
    const body: unknown = JSON.parse(visit.body.toString());
    project.deployments.push({
      id: 77,
      sha: String(Object(body)["sha"]),
      environment: "production",
      status: "running",
      created_at: new Date(),
    });
    return json(502, {});
  });
  project = far.project;
  expect(await far.tell()).toBe(true);
  expect(await far.tell()).toBe(true);
  expect(far.project.deployments).toHaveLength(1);
});

test("a project's name that is none asks nothing", async () => {
  await using far = await world(never);
  for (const name of ["shop", "acme/../shop", "acme//shop", "", "acme/shop?x=1"]) expect(await far.gitlab.resolve(name, "main")).toBeNull();
  expect(far.seen).toEqual([]);
});

test("an address that is none is found at the start", () => {
  const account = { token: TOKEN, log: { warn() {} } };
  expect(() => createGitLab({ ...account, url: "git.acme.test" })).toThrow("must begin with https://");
});
