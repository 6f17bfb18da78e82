import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { deliver, startWorld } from "../http/world.ts";

const folder = join(process.env["GREENLIGHT_FIXTURES"] ?? resolve("../shared/fixtures"), "github/webhooks");

type Expected = string | Readonly<Record<string, unknown>>;

const SHA = "ec26c3e57ca3a959ca5aad62de7213c562f8c821";
const DEPLOYED = "f95f852bd8fca8fcc58a9a2d6c842781e32a215e";
const linter = {
  kind: "check",
  repository: "Codertocat/Hello-World",
  revision: SHA,
  name: "Octocoders-linter",
  source: { kind: "app", slug: "29310", id: "29310" },
  check: "128620228",
  branch: "changes",
  url: "https://github.com/Codertocat/Hello-World/runs/128620228",
};
const status = {
  kind: "check",
  revision: "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
  name: "default",
  source: { kind: "status", creator: "Codertocat" },
  status: "passed",
  updatedAt: new Date("2019-05-15T15:20:55Z"),
};
const deployed = { kind: "deployed", revision: DEPLOYED, externalId: "145988746", ours: null };
const pages = { ...deployed, environment: "github-pages", transient: false, workflowRun: "289782451", by: { login: "github-pages[bot]" } };
const OPENED = "only the end of a pull request is used";
const SUITE = "a check suite says nothing that its check runs do not";

/** GitHub's own example payloads: the event each becomes, or the reason why it is ignored. Every other one is of an event without use. */
const EXPECTED = new Map<string, Expected>([
  ["push.json", "push of a tag"],
  ["push.1.json", "push of a tag"],
  ["push.with-installation.json", "push of a tag"],
  [
    "push.with-no-username-committer.json",
    { kind: "push", ref: "refs/heads/master", after: "6113728f27ae82c7b1a177c8d03f9e96e0adf246", changes: [{ files: ["README.md"] }] },
  ],
  ["ping.json", { kind: "ping" }],
  ["ping.with-app_id.json", { kind: "ping" }],
  ["workflow_run.requested.json", { kind: "workflow", status: "queued", attempt: 1, reopens: false, provider: "github" }],
  ["workflow_run.completed.json", { kind: "workflow", status: "passed", attempt: 1, tag: false, parent: null }],
  ["workflow_job.queued.json", { kind: "job", status: "queued", startedAt: null, finishedAt: null }],
  ["workflow_job.waiting.json", { kind: "job", status: "waiting", startedAt: null }],
  ["workflow_job.in_progress.json", { kind: "job", status: "running", finishedAt: null, allowFailure: false }],
  ["workflow_job.completed.success.with-organization.json", { kind: "job", status: "passed", finishedAt: expect.any(Date) }],
  ["check_run.created.json", { ...linter, status: "queued", startedAt: null, finishedAt: null }],
  ["check_run.completed.json", { ...linter, status: "passed", finishedAt: new Date("2019-05-15T15:21:12Z") }],
  ["check_run.completed.with-organization.json", { ...linter, status: "passed" }],
  ["check_run.requested_action.json", "somebody pressed a button of a check"],
  ["check_run.rerequested.with-organization.json", "a check was asked for again: it tells us itself when it runs"],
  ["check_suite.completed.json", SUITE],
  ["check_suite.completed.1.json", "a check suite says nothing that its workflow runs do not"],
  ["check_suite.requested.json", SUITE],
  ["check_suite.requested.with-organization.json", SUITE],
  ["check_suite.rerequested.json", SUITE],
  ["status.json", status],
  ["status.with-installation.json", status],
  ["pull_request.opened.json", OPENED],
  ["pull_request.opened.with-organization.json", OPENED],
  ["pull_request.synchronize.json", OPENED],
  ["pull_request.closed.json", "a pull request was closed without being merged"],
  ["deployment.json", { ...deployed, state: "started", environment: "production", by: { login: "Codertocat" }, workflowRun: null }],
  ["deployment.gh-pages.json", { ...pages, state: "started" }],
  ["deployment_status.json", { ...deployed, state: "live", url: null, log: null, at: new Date("2019-05-15T15:20:55Z") }],
  [
    "deployment_status.gh-pages.json",
    { ...pages, state: "started", url: null, log: "https://github.com/CorsixTH/CorsixTH/runs/4687056418?check_suite_focus=true" },
  ],
  ["package.published.npm.json", "a package that is no image"],
  [
    "registry_package.published.docker.json",
    {
      kind: "image",
      image: "ghcr.io/codertocat/hello-world",
      tag: null,
      digest: "sha256:3da1996a8115d7616457760d9920b815241d0a03b34cf5f04e9a0e9d8de37498",
      revision: "6c62fb45fe66bfb1ea9a66abc38f6a0cc974292b",
      at: new Date("2019-05-09T23:28:29Z"),
    },
  ],
  ["installation.created.json", "the App was installed"],
  ["installation.deleted.json", "the App was uninstalled: GitHub sends nothing more, and answers nothing"],
  ["installation.unsuspend.json", "the App works again"],
  ["installation.new_permissions_accepted.json", "the App has other permissions now"],
  ["installation_repositories.added.json", "the App sees more repositories now"],
  ["installation_repositories.removed.json", "the App sees fewer repositories now"],
]);

describe.skipIf(!existsSync(folder))("GitHub's example payloads (skipped when GREENLIGHT_FIXTURES has none)", () => {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
  let world: Awaited<ReturnType<typeof startWorld>>;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  test.each(files)("%s is answered 202, and says what it says", async (file) => {
    const event = file.split(".", 1)[0] ?? "";
    const expected = EXPECTED.get(file) ?? `${event} events are not used`;
    const sent = readFileSync(join(folder, file));
    const before = new Set(world.stored.keys());
    const { status: answered, json } = await deliver(world.url, event, sent);
    const result = typeof expected === "string" ? { result: "ignored", reason: expected } : { result: "accepted" };
    expect([answered, json]).toEqual([202, { delivery: expect.any(String), ...result }]);
    const [stored] = [...world.stored].filter(([id]) => !before.has(id)).map(([, delivery]) => delivery);
    expect(stored).toMatchObject({ event, body: sent });
    const read = normaliseGitHub(stored?.event ?? "", stored?.body ?? sent);
    expect(read.kind === "events" ? read.events : [read]).toMatchObject([
      typeof expected === "string" ? { kind: "ignored", reason: expected } : expected,
    ]);
  });

  test("the payloads of the table are all there", () => {
    expect([...EXPECTED.keys()].filter((file) => !files.includes(file))).toEqual([]);
  });
});
