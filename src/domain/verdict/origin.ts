import type { NewIssue, Origin } from "../measurement.ts";

/** No single accident of a single person. */
export const ACT_USERS = 2;
/** Least share of all errors that the deployed servers sent themselves: else strangers could make a flood of a few of theirs. */
const SERVERS_SHARE = 0.5;

/**
 * What errors lack to act upon them, for all that anybody on the internet may have sent them: people hit on the deployed servers.
 * `issue`: the one that would act; null: the counts would. Null: nothing is missing.
 */
export function originLacks(origin: Origin | null | undefined, issue: NewIssue | null): string | null {
  if (origin === undefined || origin?.kind === "server_side") return null;
  if (origin === null) return "nobody knows whether the deployed servers sent them";
  if (origin.events === 0) return "none of them names a deployed server as its sender";
  const users = issue === null ? origin.users : (origin.usersOfIssue[issue.id] ?? 0);
  if (users < ACT_USERS) {
    return `Sentry names ${users === 0 ? "nobody" : "only one person"} whom ${issue === null ? "errors" : "this error"} of the deployed servers hit`;
  }
  return issue === null && origin.events < SERVERS_SHARE * origin.all ? "most of them do not come from the deployed servers" : null;
}
