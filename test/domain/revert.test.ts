import { expect, test } from "vitest";
import type { ChangeSet } from "../../src/domain/deployment.ts";
import { revertPage } from "../../src/domain/revert.ts";
import { sha } from "./model.ts";

const GITHUB = "https://github.com/acme/compare/compare/a...b";
const GITLAB = "https://git.acme.test/code/acme/web/shop/-/compare/a...b";

/** Commits 1, 2, ... by the requests that brought them; a string: of a companion, by its request 7. */
function brought(compareUrl: string | null, requests: readonly (number | null | string)[], complete = true): ChangeSet {
  const author = { name: "Bob", email: null, login: null, slackId: null };
  const changes = requests.map((request, at) => ({
    revision: sha(at + 1),
    title: "Change it",
    author,
    url: null,
    ...(typeof request === "string" ? { repository: request, pullRequest: 7 } : { pullRequest: request }),
  }));
  return { changes, complete, behind: 0, compareUrl, authors: [author] };
}

test.each<[string, ChangeSet, number | null, string | null]>([
  ["one change of GitHub", brought(GITHUB, [41]), null, "https://github.com/acme/compare/pull/41"],
  ["one change of GitLab", brought(GITLAB, [41]), null, "https://git.acme.test/code/acme/web/shop/-/merge_requests/41"],
  ["several commits of one request", brought(GITHUB, [41, 41]), null, "https://github.com/acme/compare/pull/41"],
  ["two requests", brought(GITHUB, [41, 42]), null, null],
  ["two requests, one suspected", brought(GITHUB, [41, 42]), 2, "https://github.com/acme/compare/pull/42"],
  ["a suspect among changes of which not all are known", brought(GITHUB, [41, 42], false), 1, "https://github.com/acme/compare/pull/41"],
  ["a suspect that was live before", brought(GITHUB, [41]), 9, null],
  ["a commit without a request", brought(GITHUB, [null]), null, null],
  ["one of one request and one of none", brought(GITHUB, [41, null]), null, null],
  ["a list that is not complete", brought(GITHUB, [41], false), null, null],
  ["a companion's change", brought(GITHUB, ["acme/theme"]), null, null],
  ["no page to compare on", brought(null, [41]), null, null],
  ["a first deployment, which has nothing to go back to", brought("https://github.com/acme/shop/commit/b", [41]), null, null],
])("where a revert is opened: %s", (_name, changes, suspect, page) => {
  expect(revertPage(changes, suspect === null ? null : sha(suspect))).toBe(page);
});
