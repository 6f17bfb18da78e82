import { expect, test } from "vitest";
import type { Sha } from "../../src/domain/ids.ts";
import type { Change } from "../../src/domain/pipeline.ts";
import { isReverted } from "../../src/domain/reverted.ts";

const table: readonly { readonly what: string; readonly titles: readonly string[]; readonly reverted: boolean }[] = [
  { what: "nothing after it", titles: ["Round"], reverted: false },
  { what: "something else after it", titles: ["Round", 'Revert "Sort"'], reverted: false },
  { what: "its revert", titles: ["Round", "Sort", 'Revert "Round"'], reverted: true },
  { what: "a revert that came before it", titles: ['Revert "Round"', "Round"], reverted: false },
  { what: "the revert reverted", titles: ["Round", 'Revert "Round"', 'Revert "Revert "Round""'], reverted: false },
  { what: "it applied again", titles: ["Round", 'Revert "Round"', 'Reapply "Round"'], reverted: false },
  { what: "reverted again", titles: ["Round", 'Revert "Round"', 'Reapply "Round"', 'Revert "Round"'], reverted: true },
];

for (const { what, titles, reverted } of table) {
  test(`a rolled-back commit counts as ${reverted ? "" : "not "}taken back by ${what}`, () => {
    const changes = titles.map((title, index) => changeOf(title, index));
    const blocked = changes.find((change) => change.title === "Round");
    expect(blocked !== undefined && isReverted(changes, blocked.revision)).toBe(reverted);
  });
}

function changeOf(title: string, index: number): Change {
  return {
    revision: String(index).repeat(40) as Sha,
    title,
    url: null,
    pullRequest: null,
    author: { name: "Bob", email: null, login: null, slackId: null },
  };
}
