import { SILENT_HOST, unknownChanges } from "../domain/silent-host.ts";
import type { RepositoryHost } from "../ports.ts";
import { startAcceptance } from "./acceptance.ts";
import { createAsk } from "./ask.ts";
import { compare } from "./compare.ts";
import { tellDeployment } from "./deployments.ts";
import { createDownload } from "./download.ts";
import { answerGate } from "./gate.ts";
import { deliverAgain, failedDeliveries } from "./lost.ts";
import { markCommit } from "./marks.ts";
import { addedMigrations } from "./migrations.ts";
import { createOctokits } from "./octokit.ts";
import type { GitHubAccount } from "./octokit.ts";
import { contains, reachable, resolve } from "./refs.ts";
import { reread } from "./reread.ts";
import { createSearch } from "./search.ts";
import { tests } from "./tests.ts";

/**
 * GitHub's API, as the engine needs it. Nothing here throws for what GitHub does or fails to do: without an account or an
 * answer the result says that nothing is known, and the log says why, once.
 * @throws when the API's address is none.
 */
export function createGitHub(account: GitHubAccount): RepositoryHost {
  if (account.apiUrl !== null && !/^https?:\/\//.test(account.apiUrl)) {
    throw new Error(`GITHUB_API_URL must begin with https://, and is ${account.apiUrl}`);
  }
  const compareUrl = compareUrls(account.apiUrl);
  const silent = withoutAccount(account.apiUrl);
  const octokits = createOctokits(account);
  if (octokits === null) return silent;
  const ask = createAsk(octokits, account.log);
  const download = createDownload(ask, { apiUrl: account.apiUrl, fetch: account.fetch ?? fetch });
  const inTurn = createTurns();
  return {
    environmentPage: silent.environmentPage,
    compare: (repository, base, head) => compare(ask, { repository, base, head, compareUrl: compareUrl(repository, base, head) }),
    resolve: (repository, ref) => resolve(ask, repository, ref),
    search: createSearch(ask, Date.now),
    reachable: (repository, branch, revision) => reachable(ask, repository, branch, revision),
    contains: (repository, revision, ancestor) => contains(ask, repository, revision, ancestor),
    reread: (repository, run) => reread(ask, repository, run),
    tests: (repository, run) => tests(ask, download, { repository, run }),
    addedMigrations: (repository, base, head) => addedMigrations(ask, { repository, base, head }),
    startAcceptance: (wish) => startAcceptance(ask, wish),
    async tell(input) {
      // Two at once for one deployment would both find nothing there, and both create it.
      const failure = await inTurn(input.deployment, () => tellDeployment(ask, input));
      if (failure === null) return true;
      const { repository, deployment, environment, state } = input;
      const fields = { repository, deployment, environment, state, because: failure.because };
      account.log.warn(fields, "GitHub was not told of a deployment; the deployment goes on");
      return false;
    },
    async mark(input) {
      const { repository, revision, context, state } = input;
      const failure = await inTurn(`${repository} ${revision} ${context}`, () => markCommit(ask, input));
      if (failure === null) return true;
      account.log.warn({ repository, revision, context, state, because: failure.because }, "GitHub was not told how far a commit is");
      return false;
    },
    failed: (input) => failedDeliveries(ask, { ...input, connection: account.connection ?? "default" }),
    again: (lost) => deliverAgain(ask, lost),
    answerGate: (input) => answerGate(ask, input),
    left: ask.left,
    answers: ask.answers,
  };
}

function withoutAccount(apiUrl: string | null): RepositoryHost {
  const compareUrl = compareUrls(apiUrl);
  const host = hostOf(apiUrl);
  return {
    ...SILENT_HOST,
    compare: async (repository, base, head) => unknownChanges(compareUrl(repository, base, head)),
    environmentPage: (repository, name) => (host === null ? null : `${host}/${repository}/deployments/${encodeURIComponent(name)}`),
  };
}

type CompareUrl = (repository: string, base: string | null, head: string) => string | null;

/** The page for people, where the API's address says where it is: github.com or an Enterprise Server. */
function compareUrls(apiUrl: string | null): CompareUrl {
  const host = hostOf(apiUrl);
  return (repository, base, head) => {
    if (host === null) return null;
    return base === null ? `${host}/${repository}/commit/${head}` : `${host}/${repository}/compare/${base}...${head}`;
  };
}

function hostOf(apiUrl: string | null): string | null {
  if (apiUrl === null || /^https:\/\/api\.github\.com\/?$/.test(apiUrl)) return "https://github.com";
  return /^(https?:\/\/[^/]+)\/api\/v3\/?$/.exec(apiUrl)?.[1] ?? null;
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
