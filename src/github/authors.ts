import type { Author } from "../domain/people.ts";

/** The login stands in for a missing name. `slackId` is found later, from the e-mail or the mapping of people. */
export function authorOf(name: string | null, email: string | null, login: string | null): Author {
  return { name: name ?? login ?? email ?? "unknown", email, login, slackId: null };
}

/** Somebody of whom only the login is told; null: nobody is named. */
export function authorByLogin(account: { readonly login: string | null } | null): Author | null {
  return account === null || account.login === null ? null : authorOf(null, null, account.login);
}
