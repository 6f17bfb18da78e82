import type { Trouble, Verdict } from "./measurement.ts";

/** Of one kind of trouble: that it is, that it is over, that it is not, and what is looked at. Each fits after "and". */
type Words = { readonly is: string; readonly over: string; readonly goesOn: string; readonly whether: string };

/** Worst first. */
const WORDS: Readonly<Record<Trouble, Words>> = {
  down: {
    is: "the site does not answer",
    over: "the site answers again",
    goesOn: "the site does not answer still",
    whether: "the site answers again",
  },
  errors: {
    is: "errors rose",
    over: "the errors have stopped",
    goesOn: "the errors have not stopped",
    whether: "the errors stop",
  },
  part: {
    is: "a part of the site fails",
    over: "no part of the site fails any more",
    goesOn: "a part of the site fails still",
    whether: "the whole site answers again",
  },
  requests: {
    is: "more requests fail",
    over: "no more requests fail than before",
    goesOn: "more requests fail still",
    whether: "fewer requests fail",
  },
  slow: {
    is: "it is slow",
    over: "it is as fast as before",
    goesOn: "it is slow still",
    whether: "it becomes as fast as before",
  },
  revision: {
    is: "the site answers with another version",
    over: "the site answers with the right version",
    goesOn: "the site answers with another version still",
    whether: "the site answers with the right version",
  },
};

/** Of a verdict that does not say what is wrong. */
const UNNAMED: Words = { is: "something is wrong", over: "it is over", goesOn: "it is not over", whether: "it ends" };

/**
 * What a regression is, each kind once, worst first. Empty: nothing is wrong, or the verdict is of a version of Greenlight that did not
 * say it, and its figures do not either.
 */
export function troublesOf(verdict: Pick<Verdict, "kind" | "troubles" | "about" | "figures">): readonly Trouble[] {
  if (verdict.kind !== "regressed") return [];
  if (verdict.troubles !== undefined) return ORDER.filter((trouble) => verdict.troubles?.includes(trouble));
  const down = verdict.figures.siteUp === false ? (["down"] as const) : [];
  return verdict.about === "site" ? down : [...down, "errors"];
}

const ORDER = Object.keys(WORDS) as readonly Trouble[];

/** "the site does not answer and errors rose"; without a capital and a full stop, as all of these. */
export function troubleWords(troubles: readonly Trouble[]): string {
  return joined(troubles, "is");
}

/** "the errors have stopped". */
export function overWords(troubles: readonly Trouble[]): string {
  return joined(troubles, "over");
}

/** "the errors have not stopped". */
export function goesOnWords(troubles: readonly Trouble[]): string {
  return joined(troubles, "goesOn");
}

/** What somebody looks for, after "whether": "the errors stop". */
export function whetherWords(troubles: readonly Trouble[]): string {
  return joined(troubles, "whether");
}

function joined(troubles: readonly Trouble[], of: keyof Words): string {
  const all = troubles.length === 0 ? [UNNAMED[of]] : troubles.map((trouble) => WORDS[trouble][of]);
  return all.length < 3 ? all.join(" and ") : `${all.slice(0, -1).join(", ")} and ${all.at(-1) ?? ""}`;
}
