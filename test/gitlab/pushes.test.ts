import { describe, expect, test } from "vitest";
import { mergeHook, pushHook, WEB } from "./hooks.ts";
import { createProject } from "./project.ts";
import { A, told, reason } from "./normalised.ts";

describe("a push", () => {
  const project = createProject("acme/web/shop");
  const sha = project.commit("fix(basket): keep the coupon", [A]);

  test("names its commits and who pushed", () => {
    expect(told(pushHook(project, sha))[0]).toEqual({
      kind: "push",
      repository: "acme/web/shop",
      ref: "refs/heads/main",
      before: A,
      after: sha,
      changes: [
        {
          revision: sha,
          title: "fix(basket): keep the coupon",
          author: { name: "Ann", email: "ann@acme.test", login: null, slackId: null },
          url: `${WEB}/acme/web/shop/-/commit/${sha}`,
          pullRequest: null,
          files: ["shop/basket.py", "shop/urls.py"],
        },
      ],
      pusher: { name: "Bob", email: null, login: "bob", slackId: null },
      compareUrl: `${WEB}/acme/web/shop/-/compare/${A}...${sha}`,
      files: ["shop/basket.py", "shop/urls.py"],
      at: new Date("2026-03-02T09:00:00Z"),
    });
  });

  test.each([
    { name: "all are listed", changes: {}, before: A },
    { name: "GitLab says that there are more", changes: { total_commits_count: 21 }, before: null },
    { name: "an old server does not say it, and there are few", changes: { total_commits_count: undefined }, before: A },
  ])("is known to have been upon another where $name", ({ changes, before }) => {
    expect(told(pushHook(project, sha, changes))[0]).toMatchObject({ before, compareUrl: expect.stringContaining(A) });
  });

  test.each([
    { name: "deletes the branch", changes: { after: "0".repeat(40), checkout_sha: null, commits: [] }, says: "deleted" },
    { name: "brings no commits", changes: { commits: [] }, says: "no commits" },
    { name: "is of another ref", changes: { ref: "refs/keep-around/x" }, says: "no branch" },
    { name: "has a name git does not allow", changes: { ref: "refs/heads/a b" }, says: "git does not allow" },
  ])("that $name is ignored", ({ changes, says }) => {
    expect(reason(pushHook(project, sha, changes))).toContain(says);
  });
});

test("a merged request names the commit it became; others are ignored", () => {
  const project = createProject("acme/web/shop");
  const [event] = told(mergeHook(project, A));
  expect(event).toMatchObject({
    kind: "merged",
    number: 7,
    title: "Keep the coupon",
    body: "Closes #3",
    revision: A,
    mergedBy: { login: "bob" },
  });
  expect(told(mergeHook(project, A, { merge_commit_sha: null, squash_commit_sha: "b".repeat(40) }))[0]).toMatchObject({
    revision: "b".repeat(40),
  });
  expect(reason(mergeHook(project, A, { action: "open" }))).toContain("not merged");
});
