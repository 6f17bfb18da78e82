import type { ChangeSet } from "./deployment.ts";

/**
 * The code host's page of the pull or merge request that brought all of these changes, or the suspected one: there it is reverted. Its
 * address comes from that of the comparison, which was built for the configured host. `suspect`: a full revision; null: none is
 * suspected. Null: it is not known which request that is, or where its page is.
 */
export function revertPage({ changes, complete, compareUrl }: ChangeSet, suspect: string | null): string | null {
  const suspected = changes.filter(({ revision }) => revision === suspect);
  const brought = suspect === null ? (complete ? changes : []) : suspected;
  const requests = new Set(brought.map(({ pullRequest, repository }) => (repository === undefined ? pullRequest : null)));
  const [request = null] = requests;
  const home = compareUrl === null ? undefined : /^(?<home>https?:\/\/.+)\/compare\/[^/]+$/u.exec(compareUrl)?.groups?.["home"];
  if (home === undefined || request === null || requests.size > 1) return null;
  // GitLab keeps its own pages below a dash.
  return home.endsWith("/-") ? `${home}/merge_requests/${request}` : `${home}/pull/${request}`;
}
