/** Why GitLab gave no answer we can use. `missing` may also mean: not allowed to see it. */
export type Failure = {
  readonly kind: "unauthorized" | "forbidden" | "missing" | "rejected" | "rate_limited" | "away" | "nonsense";
  readonly because: string;
};

export type Answered = {
  readonly body: unknown;
  /** Number of the next page; null: this was the last. */
  readonly next: number | null;
};

export type Asked = {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string | number | boolean>>;
  readonly body: Readonly<Record<string, unknown>> | null;
};

export type WireOptions = {
  /** `https://gitlab.com` or a self-managed one, with or without a path and `/api/v4`. */
  readonly url: string;
  readonly token: string;
  readonly now: () => number;
  readonly timeoutMs?: number;
};

export type Wire = {
  send(asked: Asked): Promise<Answered | Failure>;
  /** Requests left in this minute, as the last answer said. */
  left(): number;
};

/** The API's answer is waited for this long, its body included. */
const TIMEOUT_MS = 10_000;
/** The largest answers (comparisons with all patches, test reports) have a few megabytes. */
const MOST_BYTES = 32 * 1024 * 1024;
/** `Retry-After: 99999999` must not silence us for good. */
const MOST_PAUSE_MS = 60_000;
const DEFAULT_PAUSE_MS = 10_000;

export function isFailure(answer: Answered | Failure): answer is Failure {
  return "because" in answer;
}

/** Sends requests to one GitLab and to no other host. Every failure is a value with a reason, which never holds the token. */
export function createWire(options: WireOptions): Wire {
  const base = apiOf(options.url);
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  let pausedUntil = 0;
  let left = Infinity;

  async function send(asked: Asked): Promise<Answered | Failure> {
    if (options.now() < pausedUntil) return RATE_LIMITED;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetchTwice(base, options.token, asked, signal);
      left = numberIn(response.headers, "ratelimit-remaining") ?? Infinity;
      if (response.status === 429 || left === 0) pausedUntil = options.now() + pauseOf(response.headers, options.now());
      return await answerOf(response);
    } catch (fault) {
      if (signal.aborted) return { kind: "away", because: `GitLab did not answer within ${timeoutMs / 1000} s` };
      return { kind: "away", because: `GitLab cannot be reached${codeOf(fault)}` };
    }
  }

  return { send, left: () => left };
}

const RATE_LIMITED: Failure = { kind: "rate_limited", because: "GitLab's request limit is used up; it answers again later" };

/** A connection that was kept open may have been closed meanwhile: what only reads is sent once more, a write never. */
async function fetchTwice(base: URL, token: string, asked: Asked, signal: AbortSignal): Promise<Response> {
  try {
    return await fetchOnce(base, token, asked, signal);
  } catch (fault) {
    if (asked.method !== "GET" || signal.aborted) throw fault;
    return fetchOnce(base, token, asked, signal);
  }
}

/** Bearer, since OAuth tokens are taken no other way, and all others this way too (docs.gitlab.com, REST API, authentication). */
function fetchOnce(base: URL, token: string, asked: Asked, signal: AbortSignal): Promise<Response> {
  const url = new URL(asked.path.map((segment) => encodeURIComponent(segment)).join("/"), base);
  for (const [name, value] of Object.entries(asked.query)) url.searchParams.append(name, String(value));
  const headers = { authorization: `Bearer ${token}`, accept: "application/json", "user-agent": "greenlight" };
  // Redirects are refused: followed, they would carry the token or the answer to somebody else.
  if (asked.body === null) return fetch(url, { method: asked.method, headers, signal, redirect: "manual" });
  const body = JSON.stringify(asked.body);
  return fetch(url, {
    method: asked.method,
    headers: { ...headers, "content-type": "application/json" },
    body,
    signal,
    redirect: "manual",
  });
}

/** Only codes are read. An error's message may hold a whole page of HTML. */
async function answerOf(response: Response): Promise<Answered | Failure> {
  const { status } = response;
  if (status < 200 || status > 299) {
    await response.body?.cancel();
    return failureOf(status);
  }
  const text = await readCapped(response);
  if (text === null) return { kind: "nonsense", because: "GitLab's answer is larger than we read" };
  try {
    return { body: JSON.parse(text), next: nextPage(response.headers) };
  } catch {
    return { kind: "nonsense", because: "GitLab's answer is not JSON: is its address right?" };
  }
}

function failureOf(status: number): Failure {
  if (status >= 300 && status < 400) {
    return { kind: "nonsense", because: "GitLab sent us to another place, which we do not follow: has the project moved?" };
  }
  switch (status) {
    case 401:
      return { kind: "unauthorized", because: "GitLab does not accept our token (401): it is wrong, expired or revoked" };
    case 403:
      return { kind: "forbidden", because: "GitLab forbids this to our token (403): give it the missing scope or role" };
    case 404:
    case 410:
      return { kind: "missing", because: `GitLab knows no such thing, or our token may not see it (${status})` };
    case 429:
      return RATE_LIMITED;
    default:
      return status >= 500
        ? { kind: "away", because: `GitLab answered ${status}` }
        : { kind: "rejected", because: `GitLab refuses this in the present state (${status})` };
  }
}

function nextPage(headers: Headers): number | null {
  const told = numberIn(headers, "x-next-page");
  if (told !== null) return told;
  // Some proxies take away what begins with X. Only the number is used, never the address.
  const link = (headers.get("link") ?? "").split(/,\s*(?=<)/).find((part) => part.includes('rel="next"'));
  const page = /[?&]page=(\d{1,6})\b/.exec(link ?? "")?.[1];
  return page === undefined ? null : Number(page);
}

/** `RateLimit-Reset` is a moment in seconds since 1970, `Retry-After` a time in seconds. */
function pauseOf(headers: Headers, now: number): number {
  const after = numberIn(headers, "retry-after");
  const reset = numberIn(headers, "ratelimit-reset");
  const pause = after !== null ? after * 1000 : reset !== null ? reset * 1000 - now : DEFAULT_PAUSE_MS;
  return Math.min(MOST_PAUSE_MS, Math.max(1000, pause));
}

function numberIn(headers: Headers, name: string): number | null {
  const text = headers.get(name) ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

async function readCapped(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MOST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** @throws when it is no address: a fault of the configuration, found at the start. */
function apiOf(address: string): URL {
  const url = new URL(webOf(address));
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/api/v4/`;
  return url;
}

/** Where people look: the address without the API's own path. */
export function webOf(address: string): string {
  return address.replace(/\/+$/, "").replace(/\/api\/v4$/, "");
}

/** `ECONNREFUSED` and the like; fetch hides it two causes deep. */
function codeOf(fault: unknown): string {
  for (let at = fault; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") return ` (${at.code})`;
  }
  return "";
}
