import { expect, test } from "vitest";
import type { RevisionSaid } from "../../../src/domain/measurement.ts";
import { parseSha } from "../../../src/domain/ids.ts";
import { judge } from "../../../src/domain/verdict/judge.ts";
import { WATCH, clockAt, every, siteAt } from "./looks.ts";

const DEPLOYED = parseSha("9f3c2ab".padEnd(40, "0"));

function other(always = true): RevisionSaid {
  if (DEPLOYED === null) throw new Error("a revision of a test is none");
  return { kind: "other", said: "71d0e2c", deployed: DEPLOYED, always };
}

function says(look: number, revision: RevisionSaid) {
  return { ...siteAt(look, true), revision };
}

const ours = (look: number) => says(look, { kind: "deployed" });
const before = siteAt(0, true);

test("another version at two looks in a row is proposed, in plain words", () => {
  expect(judge(WATCH, [before, says(1, other())], clockAt(1)).level).toBe("none");
  expect(judge(WATCH, [before, says(1, other()), says(2, other())], clockAt(2))).toMatchObject({
    kind: "regressed",
    level: "propose",
    ongoing: true,
    about: "site",
    why: "The site answers with 71d0e2c, not 9f3c2ab",
  });
});

test("one server of several that was left behind is told as such", () => {
  const looks = [before, ...every(1, 2, (look) => says(look, other(false)))];
  expect(judge(WATCH, looks, clockAt(2)).why).toBe("The site still answers with 71d0e2c now and then, not always with 9f3c2ab");
});

test.each([
  { name: "a look with the deployed one between", looks: [says(1, other()), ours(2), says(3, other())] },
  { name: "the deployed one", looks: every(1, 4, ours) },
])("$name is no finding", ({ looks }) => {
  expect(judge(WATCH, [before, ...looks], clockAt(4)).level).toBe("none");
});

test("a look that is down or says nothing does not end the row", () => {
  const looks = [before, says(1, other()), siteAt(2, false), says(3, { kind: "unsaid" }), says(4, other())];
  expect(judge(WATCH, looks, clockAt(4))).toMatchObject({ level: "propose", ongoing: true });
});

test("the deployed one afterwards ends it", () => {
  const looks = [before, says(1, other()), says(2, other()), ...every(3, 30, ours)];
  expect(judge(WATCH, looks, clockAt(30))).toMatchObject({
    ongoing: false,
    why: "The site answered with 71d0e2c for 2 min, now with 9f3c2ab",
  });
});

test.each([
  { said: { kind: "deployed" }, kind: "healthy", why: "The site answers" },
  { said: { kind: "unsaid" }, kind: "inconclusive", why: "The site does not say which version it runs, so nobody knows" },
  { said: other(), kind: "inconclusive", why: "At the last look the site answers with 71d0e2c, not 9f3c2ab" },
] as const)("at the end a site whose version is $said.kind is $kind", ({ said, kind, why }) => {
  expect(judge(WATCH, [before, ...every(1, 29, ours), says(30, said)], clockAt(30))).toMatchObject({ kind, why, level: "none" });
});
