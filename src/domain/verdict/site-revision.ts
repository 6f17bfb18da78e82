import type { OtherRevision, SiteSeen } from "../measurement.ts";
import type { Finding } from "./finding.ts";
import { duration } from "./words.ts";

/** One look may meet a server or a cache that is just being replaced. */
const OTHER_IN_A_ROW = 2;
/** Enough of a revision for people to tell it from others. */
const SHORT = 7;

type Look = SiteSeen & { readonly at: Date };

/** What the site says it runs, where it is asked: another version at two looks in a row is proposed. Looks since it is live, in their order. */
export function judgeSiteRevision(looks: readonly Look[]): readonly Finding[] {
  let inARow: readonly Date[] = [];
  let found: { readonly since: Date; readonly other: OtherRevision; readonly endedAt: Date | null } | null = null;
  for (const { at, revision } of looks) {
    // Down, or nothing said: neither the one nor the other.
    if (revision === undefined || revision.kind === "unsaid") continue;
    if (revision.kind === "deployed") {
      inARow = [];
      if (found?.endedAt === null) found = { since: found.since, other: found.other, endedAt: at };
      continue;
    }
    inARow = [...inARow, at];
    if (inARow.length >= OTHER_IN_A_ROW) found = { since: inARow[0] ?? at, other: revision, endedAt: null };
  }
  if (found === null) return [];
  const { since, other, endedAt } = found;
  const why = endedAt === null ? otherWords(other) : overWords(other, endedAt.getTime() - since.getTime());
  return [{ level: "propose", ongoing: endedAt === null, since, why, trouble: "revision" }];
}

/** "the site answers with 71d0e2c, not 9f3c2ab". */
export function otherWords({ said, deployed, always }: OtherRevision): string {
  if (always) return `the site answers with ${short(said)}, not ${short(deployed)}`;
  return `the site still answers with ${short(said)} now and then, not always with ${short(deployed)}`;
}

function overWords({ said, deployed }: OtherRevision, ms: number): string {
  return `the site answered with ${short(said)} for ${duration(ms)}, now with ${short(deployed)}`;
}

function short(revision: string): string {
  return revision.slice(0, SHORT);
}
