import { expect, test } from "vitest";
import type { Change } from "../../src/domain/pipeline.ts";
import { likelyFrom, newErrorLine } from "../../src/slack/render/figures.ts";
import { card } from "./card.ts";
import { inMinutes, sha, verdict } from "./shop.ts";

const regression = card({ state: "watching", until: inMinutes(24), verdict: verdict("regressed"), keptBy: null, noSecondCountdown: false });
const change = regression.deployment.changes.changes.at(0);
const first: Change = {
  title: "fix: cart",
  author: { name: "Ann", email: null, login: null, slackId: null },
  url: null,
  pullRequest: null,
  ...change,
  revision: sha("a"),
};
const other: Change = { ...first, title: "feat: other", revision: sha("b") };

function lineOf(
  suspect: { readonly revision: string; readonly author: string | null } | null,
  changes: readonly Change[],
  complete = true,
) {
  const { figures } = verdict("regressed");
  const newIssues = figures.newIssues.map((issue) => ({ ...issue, ...(suspect === null ? {} : { suspect }) }));
  const shown = {
    ...regression,
    deployment: { ...regression.deployment, changes: { ...regression.deployment.changes, changes, complete } },
  };
  return likelyFrom(shown, { ...figures, newIssues });
}

test("the change that Sentry suspects is named among several; without one only a single change is", () => {
  const suspect = { revision: first.revision, author: "Ann" };
  expect(lineOf(suspect, [other, first])).toMatch(/^\*Likely from:\* /);
  expect(lineOf(suspect, [other, first])).not.toContain("feat: other");
  expect(lineOf(null, [other, first])).toBeNull();
  expect(lineOf(null, [first])).toMatch(/^\*Likely from:\* /);
});

test("only the error that is shown is told with its suspect", () => {
  const { figures } = verdict("regressed");
  const [shown] = figures.newIssues;
  if (shown === undefined) throw new Error("the regression of the test has no issue");
  const rarer = { ...shown, id: "2", events: shown.events - 1, suspect: { revision: first.revision, author: "Ann" } };
  const more = { ...shown, id: "3", events: shown.events + 1, unhandled: false };
  const of = {
    ...regression,
    deployment: { ...regression.deployment, changes: { ...regression.deployment.changes, changes: [other, first] } },
  };
  expect(likelyFrom(of, { ...figures, newIssues: [rarer, shown] })).toBeNull();
  expect(likelyFrom(of, { ...figures, newIssues: [more, rarer] })).toMatch(/^\*Likely from:\* /);
  expect(newErrorLine({ ...figures, newIssues: [more, rarer] })).toContain(`${rarer.events} times, and 1 other kind`);
});

test("where Sentry suspects none the only change of the file in which the shown error broke is named", () => {
  const { figures } = verdict("regressed");
  const newIssues = figures.newIssues.map((issue) => ({ ...issue, changedFiles: ["shop/cart.py"] }));
  const line = (...changes: readonly Change[]) =>
    likelyFrom(
      { ...regression, deployment: { ...regression.deployment, changes: { ...regression.deployment.changes, changes, complete: true } } },
      { ...figures, newIssues },
    );
  const touching = { ...first, files: ["shop/cart.py"] };
  expect(line({ ...other, files: ["README.md"] }, touching)).toBe(line(touching));
  expect(line(touching)).toMatch(/^\*Likely from:\* /);
  expect(line({ ...other, files: ["shop/cart.py"] }, touching)).toBeNull();
  expect(line(other, touching)).toBeNull();
});

test("a suspect that is no change of this deployment is told as what it is, and its name is no markup", () => {
  const suspect = { revision: "c0ffee00".repeat(5), author: "<!channel> *Ann*" };
  const line = lineOf(suspect, [other]);
  expect(line).toMatch(/^\*Sentry suspects:\* `c0ffee0`, .*, live before already$/);
  expect(line).not.toContain("<!channel>");
  expect(lineOf(suspect, [other], false)).not.toContain("live before");
});
