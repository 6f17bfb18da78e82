import { SILENT_HOST, unknownChanges } from "../domain/silent-host.ts";
import type { RepositoryHost } from "../ports.ts";
import { startAcceptance } from "./acceptance.ts";
import { createAsk, type GitLabLog } from "./ask.ts";
import { compare } from "./compare.ts";
import { createDeployments } from "./deployments.ts";
import { markCommit } from "./marks.ts";
import { addedMigrations } from "./migrations.ts";
import { contains, reachable, resolve } from "./refs.ts";
import { reread } from "./reread.ts";
import { createSearch } from "./search.ts";
import { tests } from "./tests.ts";
import { webOf } from "./wire.ts";

export type GitLabAccount = {
  /** `https://gitlab.com`, or a self-managed one. */
  readonly url: string;
  /** A personal, project or group access token, or one of OAuth. Null: GitLab is never asked. */
  readonly token: string | null;
  /** For tests: other patience. */
  readonly timeoutMs?: number;
  readonly log: GitLabLog;
};

/**
 * GitLab's REST API, as the engine needs it. Nothing here throws for what GitLab does or fails to do: without a token or an
 * answer the result says that nothing is known, and the log says why, once.
 * @throws when the address is none.
 */
export function createGitLab(account: GitLabAccount): RepositoryHost {
  if (!/^https?:\/\//.test(account.url) || !URL.canParse(account.url)) {
    throw new Error(`GitLab's address must begin with https://, and is ${account.url}`);
  }
  const compareUrl = compareUrls(account.url);
  const silent = withoutToken(account.url);
  const { token, log } = account;
  if (token === null) return silent;
  const patience = account.timeoutMs === undefined ? {} : { timeoutMs: account.timeoutMs };
  const ask = createAsk({ url: account.url, token, now: Date.now, log, ...patience });
  const inTurn = createTurns();
  const deployments = createDeployments(ask);
  return {
    // Its hooks are known to us by another id than to its API: what was lost is found by comparing open runs. Its gates are jobs that
    // somebody plays there.
    ...silent,
    left: ask.left,
    answers: ask.answers,
    compare: (repository, base, head) => compare(ask, { repository, base, head, compareUrl: compareUrl(repository, base, head) }),
    resolve: (repository, ref) => resolve(ask, repository, ref),
    search: createSearch(ask, Date.now),
    reachable: (repository, branch, revision) => reachable(ask, repository, branch, revision),
    contains: (repository, revision, ancestor) => contains(ask, repository, revision, ancestor),
    reread: (repository, run) => reread(ask, repository, run),
    tests: (repository, run) => tests(ask, repository, run),
    addedMigrations: (repository, base, head) => addedMigrations(ask, { repository, base, head }),
    startAcceptance: (wish) => startAcceptance(ask, wish),
    async tell(input) {
      // Two at once for one deployment would both find nothing there, and both create it.
      const failure = await inTurn(input.deployment, () => deployments.tell(input));
      if (failure === null) return true;
      const { repository, deployment, environment, state } = input;
      const fields = { repository, deployment, environment, state, because: failure.because };
      log.warn(fields, "GitLab was not told of a deployment; the deployment goes on");
      return false;
    },
    async mark(input) {
      const { repository, revision, context, state } = input;
      const failure = await inTurn(`${repository} ${revision} ${context}`, () => markCommit(ask, input));
      if (failure === null) return true;
      log.warn({ repository, revision, context, state, because: failure.because }, "GitLab was not told how far a commit is");
      return false;
    },
  };
}

function withoutToken(url: string): RepositoryHost {
  const compareUrl = compareUrls(url);
  return {
    ...SILENT_HOST,
    compare: async (repository, base, head) => unknownChanges(compareUrl(repository, base, head)),
    // GitLab numbers them, and we know the name alone: its list has the button that stops it.
    environmentPage: (repository, name) => `${webOf(url)}/${repository}/-/environments?search=${encodeURIComponent(name)}`,
  };
}

type CompareUrl = (repository: string, base: string | null, head: string) => string;

/** The page for people. */
function compareUrls(url: string): CompareUrl {
  const web = webOf(url);
  return (repository, base, head) =>
    base === null ? `${web}/${repository}/-/commit/${head}` : `${web}/${repository}/-/compare/${base}...${head}`;
}

/** Runs what has the same key one after the other. */
function createTurns(): <Made>(key: string, work: () => Promise<Made>) => Promise<Made> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key);
    const mine = before === undefined ? work() : before.then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
