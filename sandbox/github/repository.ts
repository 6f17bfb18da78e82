import type { JsonObject } from "../loopback.ts";
import { account, nodeId } from "./people.ts";

/** Where the sandbox lives and which repository it holds; every address in an answer is built from it. */
export type Site = {
  readonly apiUrl: string;
  readonly webUrl: string;
  readonly owner: string;
  readonly name: string;
  readonly createdAt: Date;
};

const REPOSITORY_ID = 700_100_200;
const OWNER_ID = 700_100_100;

export function repositoryUrl(site: Site): string {
  return `${site.apiUrl}/repos/${site.owner}/${site.name}`;
}

export function repositoryPage(site: Site): string {
  return `${site.webUrl}/${site.owner}/${site.name}`;
}

/** GitHub's "minimal repository", as runs and statuses carry it. */
export function minimalRepository(site: Site): JsonObject {
  const links = Object.entries(LINKS).map(([name, suffix]) => [name, `${repositoryUrl(site)}/${suffix}`]);
  return {
    id: REPOSITORY_ID,
    node_id: nodeId("Repository", REPOSITORY_ID),
    name: site.name,
    full_name: `${site.owner}/${site.name}`,
    private: true,
    owner: ownerAccount(site),
    html_url: repositoryPage(site),
    description: "The shop of Acme",
    fork: false,
    url: repositoryUrl(site),
    ...Object.fromEntries(links),
  };
}

/** The whole repository, as webhooks and `repos.get` carry it. */
export function fullRepository(site: Site, pushedAt: Date): JsonObject {
  const page = repositoryPage(site);
  return {
    ...minimalRepository(site),
    git_url: `git://127.0.0.1/${site.owner}/${site.name}.git`,
    ssh_url: `git@127.0.0.1:${site.owner}/${site.name}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    language: "JavaScript",
    license: null,
    topics: [],
    visibility: "private",
    default_branch: "main",
    ...Object.fromEntries(
      ["forks", "open_issues", "watchers", "forks_count", "stargazers_count", "watchers_count", "open_issues_count"].map((name) => [
        name,
        0,
      ]),
    ),
    ...Object.fromEntries(["subscribers_count", "network_count"].map((name) => [name, 0])),
    ...Object.fromEntries(["has_issues", "has_projects", "has_downloads", "has_wiki"].map((name) => [name, true])),
    ...Object.fromEntries(
      ["has_pages", "has_discussions", "archived", "disabled", "is_template", "allow_forking"].map((name) => [name, false]),
    ),
    web_commit_signoff_required: false,
    size: 48,
    created_at: site.createdAt.toISOString(),
    updated_at: pushedAt.toISOString(),
    pushed_at: pushedAt.toISOString(),
    permissions: { admin: false, maintain: false, push: true, triage: true, pull: true },
  };
}

/** The `push` event has its own spelling: epoch seconds, and an owner with a name. */
export function pushRepository(site: Site, pushedAt: Date): JsonObject {
  return {
    ...fullRepository(site, pushedAt),
    owner: { ...ownerAccount(site), name: site.owner, email: `${site.owner}@acme.test` },
    created_at: seconds(site.createdAt),
    pushed_at: seconds(pushedAt),
    stargazers: 0,
    master_branch: "main",
    organization: site.owner,
  };
}

export function organization(site: Site): JsonObject {
  const self = `${site.apiUrl}/orgs/${site.owner}`;
  return {
    login: site.owner,
    id: OWNER_ID,
    node_id: nodeId("Organization", OWNER_ID),
    url: self,
    repos_url: `${self}/repos`,
    events_url: `${self}/events`,
    hooks_url: `${self}/hooks`,
    issues_url: `${self}/issues`,
    members_url: `${self}/members{/member}`,
    public_members_url: `${self}/public_members{/member}`,
    avatar_url: `${site.webUrl}/avatars/${OWNER_ID}`,
    description: "Acme sells things",
  };
}

export function ownerAccount(site: Site): JsonObject {
  return account(site.webUrl, site.apiUrl, { login: site.owner, id: OWNER_ID, type: "Organization" });
}

const seconds = (at: Date) => Math.floor(at.getTime() / 1000);

export const repositoryId = REPOSITORY_ID;

const LINKS = {
  archive_url: "{archive_format}{/ref}",
  assignees_url: "assignees{/user}",
  blobs_url: "git/blobs{/sha}",
  branches_url: "branches{/branch}",
  collaborators_url: "collaborators{/collaborator}",
  comments_url: "comments{/number}",
  commits_url: "commits{/sha}",
  compare_url: "compare/{base}...{head}",
  contents_url: "contents/{+path}",
  contributors_url: "contributors",
  deployments_url: "deployments",
  downloads_url: "downloads",
  events_url: "events",
  forks_url: "forks",
  git_commits_url: "git/commits{/sha}",
  git_refs_url: "git/refs{/sha}",
  git_tags_url: "git/tags{/sha}",
  hooks_url: "hooks",
  issue_comment_url: "issues/comments{/number}",
  issue_events_url: "issues/events{/number}",
  issues_url: "issues{/number}",
  keys_url: "keys{/key_id}",
  labels_url: "labels{/name}",
  languages_url: "languages",
  merges_url: "merges",
  milestones_url: "milestones{/number}",
  notifications_url: "notifications{?since,all,participating}",
  pulls_url: "pulls{/number}",
  releases_url: "releases{/id}",
  stargazers_url: "stargazers",
  statuses_url: "statuses/{sha}",
  subscribers_url: "subscribers",
  subscription_url: "subscription",
  tags_url: "tags",
  teams_url: "teams",
  trees_url: "git/trees{/sha}",
} as const;
