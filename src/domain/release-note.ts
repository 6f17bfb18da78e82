import type { Change } from "./pipeline.ts";

/** A description says more than anybody reads here; the line stands near its beginning. */
const READ = 20_000;
const MOST = 200;

/**
 * The line `Release-note: words` of a merged request's description: what people read instead of its title. Null: there is none, or it
 * says `none`.
 */
export function releaseNote(description: string | null): string | null {
  const found = /^[ \t]*release[- ]notes?:[ \t]*(\S[^\r\n]*)$/imu.exec((description ?? "").slice(0, READ));
  const words = (found?.[1] ?? "")
    .replace(/[\p{Cc}\p{Cf}]/gu, " ")
    .trim()
    .slice(0, MOST);
  return words === "" || /^(none|n\/a|no|-)$/iu.test(words) ? null : words;
}

/** A pull or merge request, merged. `became`: the commit is the one that it was squashed or merged to. */
export type MergedRequest = {
  readonly number: number;
  readonly title: string;
  readonly description: string | null;
  readonly became: boolean;
};

/** The commit that a request became stands for it and takes its title, or its release note; a commit inside of one keeps its own. */
export function namedAfter(change: Change, { number, title, description, became }: MergedRequest): Change {
  if (!became) return { ...change, pullRequest: number };
  const note = releaseNote(description);
  return { ...change, ...(note === null ? { title } : { title: note, was: title }), pullRequest: number };
}
