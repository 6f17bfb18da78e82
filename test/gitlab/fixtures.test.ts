import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { normaliseGitLab } from "../../src/gitlab/normalise.ts";
import { deliver, startWorld } from "./world.ts";

const folder = join(process.env["GREENLIGHT_FIXTURES"] ?? resolve("../shared/fixtures"), "gitlab/webhooks");

const A890 = "a890bee24574603c522c756b9346649fbec4c812";
const BCBB = "bcbb5ec396a2c0f828686f14fac9b80b780504f2";
const BUILDS = (build: string) => [
  "build-image passed",
  "test-image passed",
  `test-build ${build}`,
  "staging queued",
  "production skipped",
];

/** Payloads of two client libraries' tests: what each says in our words, in short. */
const EXPECTED = new Map<string, string | readonly string[]>([
  ["gitlab4j.build-event.json", [`job gitlab-org/gitlab-test ${A890} 2366 214655258 build1 running main=false 2019-05-17T19:09:21.000Z`]],
  [
    "go-gitlab.build.json",
    ["job gitlab-org/gitlab-test 2293ada6b400935a1378653304eaf6221e0fdb8f 2366 1977 test queued main=false 2021-02-23T02:41:37.000Z"],
  ],
  [
    "gitlab4j.pipeline-event.json",
    [`workflow gitlab-org/gitlab-test ${BCBB} 31 merge_request_event passed own=true parent=null branch=null`, ...BUILDS("failed")],
  ],
  [
    "go-gitlab.pipeline.json",
    [`workflow gitlab-org/gitlab-test ${BCBB} 31 merge_request_event passed own=true parent=null branch=null`, ...BUILDS("passed")],
  ],
  [
    "go-gitlab.deployment.json",
    ["deployed root/test-deployment-webhooks 279484c09fbe69ededfced8c1bb6e6d24616b468 15 staging live 2021-04-28T19:50:00.000Z"],
  ],
  ["go-gitlab.push.json", ["push mike/diaspora da1560886d4f094c3e6c9ef40349f7d38b5d27d7 refs/heads/master 2 jsmith"]],
  ["go-gitlab.merge_request.json", "a merge request that was not merged now"],
  ["gitlab4j.tag-push-event.json", "push of a tag"],
  ["go-gitlab.tag_push.json", "push of a tag"],
  ["go-gitlab.release.json", "release events are not used"],
]);

describe.skipIf(!existsSync(folder))("GitLab's example payloads (skipped when GREENLIGHT_FIXTURES has none)", () => {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];

  test.each(files)("%s is answered 202, by token and signed, and says what is expected", async (file) => {
    const expected = EXPECTED.get(file);
    const reason = typeof expected === "string" ? { reason: expected } : {};
    await using world = await startWorld();
    const body = readFileSync(join(folder, file));
    for (const connection of ["default", "signed"] as const) {
      const { status, json } = await deliver(world.url, body, { connection });
      expect([status, json]).toEqual([202, { delivery: expect.any(String), result: reason.reason ? "ignored" : "accepted", ...reason }]);
    }
    for (const delivery of world.stored.values()) expect(saidBy(delivery.body)).toEqual(expected);
  });

  test("the payloads of the table are all there, and no others", () => {
    expect(files.toSorted()).toEqual([...EXPECTED.keys()].toSorted());
  });
});

function saidBy(body: Buffer): string | readonly string[] {
  const told = normaliseGitLab(body);
  if (told.kind === "ignored") return told.reason;
  const alone = told.events.length === 1;
  return told.events.map((event) => {
    switch (event.kind) {
      case "push":
        return `push ${event.repository} ${event.after} ${event.ref} ${event.changes.length} ${event.pusher.login}`;
      case "workflow":
        return `workflow ${event.repository} ${event.revision} ${event.workflowRun} ${event.trigger} ${event.status} own=${event.ownRepository} parent=${event.parent} branch=${event.branch}`;
      case "job":
        return alone
          ? `job ${event.repository} ${event.revision} ${event.workflowRun} ${event.job} ${event.name} ${event.status} main=${event.branch === "main"} ${event.updatedAt.toISOString()}`
          : `${event.name} ${event.status}`;
      case "deployed":
        return `deployed ${event.repository} ${event.revision} ${event.externalId} ${event.environment} ${event.state} ${event.at.toISOString()}`;
      default:
        return event.kind;
    }
  });
}
