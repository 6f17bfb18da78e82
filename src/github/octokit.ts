import { App, Octokit } from "octokit";
import { createWire } from "./wire.ts";

/** What the client says; a pino logger fits. */
export type GitHubLog = {
  debug(fields: Readonly<Record<string, unknown>>, line: string): void;
  warn(fields: Readonly<Record<string, unknown>>, line: string): void;
};

export type GitHubAccount = {
  /** Its name in the configuration; absent: `default`. */
  readonly connection?: string;
  /** Null: github.com. For an Enterprise Server `https://HOST/api/v3`. */
  readonly apiUrl: string | null;
  readonly token: string | null;
  /** Preferred to the token when both are given: it sees Apps' events and its tokens live an hour. */
  readonly app: { readonly id: string; readonly privateKey: string } | null;
  /** For tests: other ways to the network, other patience. */
  readonly fetch?: typeof fetch;
  readonly timeoutMs?: number;
  readonly log: GitHubLog;
};

export type Octokits = {
  /** Signed in for a repository. */
  of(owner: string, name: string): Promise<Octokit>;
  /** Signed in as the App itself, by its JWT; null: the account is a token. */
  readonly asApp: Octokit | null;
  /** The owner's installation did not let us in: it may be another one by now, and is looked for anew. */
  forget(owner: string): void;
};

/** The signed-in clients; null when there is nothing to sign in with. */
export function createOctokits(account: GitHubAccount): Octokits | null {
  if (account.app !== null) return installations(account, account.app);
  if (account.token === null) return null;
  const octokit = new (withOurs(account))({ auth: account.token });
  return { of: async () => octokit, asApp: null, forget: () => undefined };
}

/** An App has an installation per owner; its tokens are kept and renewed by Octokit. */
function installations(account: GitHubAccount, app: { readonly id: string; readonly privateKey: string }): Octokits {
  const asApp = new App({ appId: app.id, privateKey: app.privateKey, Octokit: withOurs(account) });
  const known = new Map<string, Octokit>();
  async function of(owner: string, name: string): Promise<Octokit> {
    const ready = known.get(owner);
    if (ready !== undefined) return ready;
    const found = await asApp.octokit.request("GET /repos/{owner}/{repo}/installation", {
      owner,
      repo: name,
      request: { retries: 1, retryCount: 0 },
    });
    const octokit = await asApp.getInstallationOctokit(found.data.id);
    known.set(owner, octokit);
    return octokit;
  }
  return { of, asApp: asApp.octokit, forget: (owner) => void known.delete(owner) };
}

function withOurs(account: GitHubAccount) {
  const wire = account.timeoutMs === undefined ? {} : { timeoutMs: account.timeoutMs };
  const debug = (line: string) => account.log.debug({}, line);
  return Octokit.defaults({
    baseUrl: (account.apiUrl ?? "https://api.github.com").replace(/\/+$/, ""),
    userAgent: "greenlight",
    request: { fetch: createWire({ fetch: account.fetch ?? fetch, ...wire }) },
    log: { debug, info: debug, warn: debug, error: debug },
    // Nobody waits here for a limit to be lifted: who asked is told, and asks again later.
    throttle: { id: account.apiUrl ?? "github.com", onRateLimit: () => false, onSecondaryRateLimit: () => false },
    retry: { retries: 1, doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451] },
  });
}
