import type { JsonObject } from "../loopback.ts";
import type { ChangedFile, GitCommit } from "./git.ts";
import { account, nodeId, personByEmail } from "./people.ts";
import type { Site } from "./repository.ts";
import { fullRepository, organization, pushRepository, repositoryPage, repositoryUrl } from "./repository.ts";

/** A merged pull request: each change of the sandbox came by one. */
export type Pull = {
  readonly number: number;
  readonly title: string;
  readonly branch: string;
  readonly sha: string;
  readonly base: string;
  readonly mergedAt: Date;
  readonly login: string;
};

export function commitPayload(site: Site, commit: GitCommit): JsonObject {
  const url = `${repositoryUrl(site)}/commits/${commit.sha}`;
  const date = commit.date.toISOString();
  return {
    sha: commit.sha,
    node_id: nodeId("Commit", commit.sha),
    commit: {
      author: { ...commit.author, date },
      committer: { name: "GitHub", email: "noreply@github.com", date },
      message: commit.message,
      tree: { sha: commit.tree, url: `${repositoryUrl(site)}/git/trees/${commit.tree}` },
      url: `${repositoryUrl(site)}/git/commits/${commit.sha}`,
      comment_count: 0,
    },
    url,
    html_url: commitPage(site, commit.sha),
    comments_url: `${url}/comments`,
    author: authorAccount(site, commit),
    committer: account(site.webUrl, site.apiUrl, { login: "web-flow", id: 19864447 }),
    parents: commit.parents.map((sha) => ({ sha, url: `${repositoryUrl(site)}/commits/${sha}`, html_url: commitPage(site, sha) })),
  };
}

export function filePayload(site: Site, revision: string, file: ChangedFile): JsonObject {
  return {
    sha: revision,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${repositoryPage(site)}/blob/${revision}/${file.path}`,
    raw_url: `${repositoryPage(site)}/raw/${revision}/${file.path}`,
    contents_url: `${repositoryUrl(site)}/contents/${file.path}?ref=${revision}`,
  };
}

/** The `push` event for one commit on main. */
export function pushPayload(
  site: Site,
  push: { before: string; commit: GitCommit; files: readonly ChangedFile[]; login: string },
): JsonObject {
  const { commit, before } = push;
  const named = (status: ChangedFile["status"]) => push.files.filter((file) => file.status === status).map((file) => file.path);
  const pushed = {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.date.toISOString(),
    url: commitPage(site, commit.sha),
    author: { ...commit.author, username: push.login },
    committer: { name: "GitHub", email: "noreply@github.com", username: "web-flow" },
    added: named("added"),
    removed: named("removed"),
    modified: named("modified"),
  };
  return {
    ref: "refs/heads/main",
    before,
    after: commit.sha,
    repository: pushRepository(site, commit.date),
    pusher: { name: push.login, email: commit.author.email },
    organization: organization(site),
    sender: authorAccount(site, commit),
    created: false,
    deleted: false,
    forced: false,
    base_ref: null,
    compare: `${repositoryPage(site)}/compare/${before.slice(0, 12)}...${commit.sha.slice(0, 12)}`,
    commits: [pushed],
    head_commit: pushed,
  };
}

export function pullPayload(site: Site, pull: Pull, author: { login: string; id: number }): JsonObject {
  const url = `${repositoryUrl(site)}/pulls/${pull.number}`;
  const issueUrl = `${repositoryUrl(site)}/issues/${pull.number}`;
  const page = pullPage(site, pull.number);
  const user = account(site.webUrl, site.apiUrl, author);
  const merged = pull.mergedAt.toISOString();
  const side = (ref: string, sha: string) => ({ label: `${site.owner}:${ref}`, ref, sha, user, repo: fullRepository(site, pull.mergedAt) });
  const links = { self: url, html: page, issue: issueUrl, comments: `${issueUrl}/comments`, commits: `${url}/commits` };
  const more = {
    review_comments: `${url}/comments`,
    review_comment: `${url}/comments{/number}`,
    statuses: `${repositoryUrl(site)}/statuses/${pull.sha}`,
  };
  return {
    id: 1_900_000_000 + pull.number,
    node_id: nodeId("PullRequest", pull.number),
    number: pull.number,
    url,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issueUrl,
    commits_url: links.commits,
    comments_url: links.comments,
    review_comments_url: more.review_comments,
    review_comment_url: more.review_comment,
    statuses_url: more.statuses,
    state: "closed",
    locked: false,
    title: pull.title,
    user,
    body: null,
    labels: [],
    milestone: null,
    created_at: new Date(pull.mergedAt.getTime() - 3_600_000).toISOString(),
    updated_at: merged,
    closed_at: merged,
    merged_at: merged,
    merge_commit_sha: pull.sha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    draft: false,
    head: side(pull.branch, pull.sha),
    base: side("main", pull.base),
    _links: Object.fromEntries(Object.entries({ ...links, ...more }).map(([name, href]) => [name, { href }])),
    author_association: "MEMBER",
    auto_merge: null,
  };
}

export function commitPage(site: Site, sha: string): string {
  return `${repositoryPage(site)}/commit/${sha}`;
}

export function pullPage(site: Site, number: number): string {
  return `${repositoryPage(site)}/pull/${number}`;
}

function authorAccount(site: Site, commit: GitCommit): JsonObject | null {
  const person = personByEmail(commit.author.email);
  return person === null ? null : account(site.webUrl, site.apiUrl, person);
}
