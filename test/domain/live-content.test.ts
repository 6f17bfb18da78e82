import { expect, test } from "vitest";
import type { ChangeSet } from "../../src/domain/deployment.ts";
import { withLift } from "../../src/domain/lifts.ts";
import { gate } from "../../src/domain/gate.ts";
import { APPROVAL, approved, AUTOMATIC, environmentOf, modelOf, NOTHING, offered, rechecked, requested, sha } from "./model.ts";

const BOB = { name: "Bob", email: null, login: "bob", slackId: null };
const HOTFIX = { revision: sha(9), title: "Close the hole", author: BOB, url: null, pullRequest: null };
const LACKS: ChangeSet = { ...NOTHING, behind: 1, lacks: [HOTFIX] };
const WORDS = `It lacks 1 commit that is live: ${sha(9).slice(0, 7)} Close the hole (Bob).`;

test("what lacks a commit that is live is not deployed, and the commit is named", () => {
  const refusal = modelOf(environmentOf([AUTOMATIC])).refused(requested(2, { changes: LACKS }));
  expect(refusal.reasons).toEqual([{ rule: "live_content", text: WORDS, owner: "live_content in greenlight.yml", liftsAt: null }]);
  expect(refusal.change).toContain("roll back");
});

test("the environment may let it go, with a warning", () => {
  const model = modelOf(environmentOf([AUTOMATIC, "live_content: warn"]));
  const command = requested(2, { changes: LACKS });
  model.must(command);
  model.must(rechecked(model));
  expect(model.state(command.id)).toBe("executing");
});

test("what went live since it was approved holds it, until it contains that or that is gone", () => {
  const model = modelOf(environmentOf([APPROVAL]));
  const command = requested(2);
  model.must(command);
  model.must(approved(model, command.id));
  model.must(rechecked(model, { lacking: { [sha(2)]: { behind: 1, lacks: [HOTFIX] } } }));
  expect(model.state(command.id)).toBe("queued");
  const [blocker] = gate(model.snapshot, model.get(command.id), model.now);
  expect(blocker?.text).toBe(WORDS);
  const place = { command: "/deploy", app: "shop", environment: "production", before: null };
  expect(blocker === undefined ? null : withLift(blocker, place, "#1").lifts).toContain("Bring them into its branch");
  model.must(rechecked(model, { lacking: { [sha(2)]: { behind: 0 } } }));
  expect(model.state(command.id)).toBe("executing");
});

test("nobody's silence is taken for a word: without an answer what was known stays", () => {
  const model = modelOf(environmentOf([AUTOMATIC]));
  const command = offered(2, { changes: LACKS });
  model.must(command);
  model.must(rechecked(model));
  expect(model.state(command.id)).toBe("queued");
});

test("many are counted, and the newest are named", () => {
  const lacks = [5, 6, 7, 8].map((number) => ({ ...HOTFIX, revision: sha(number), title: `Step ${number}` }));
  const refusal = modelOf(environmentOf([AUTOMATIC])).refused(requested(2, { changes: { ...NOTHING, behind: 12, lacks } }));
  expect(refusal.reasons[0]?.text).toMatch(/^It lacks 12 commits that are live: .*Step 5.*Step 6.*Step 7 \(Bob\), and 9 more\.$/u);
});
