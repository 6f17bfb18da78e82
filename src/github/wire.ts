/** The API's answer is waited for this long, its body included. */
const TIMEOUT_MS = 10_000;

/** The largest answers (a comparison with 300 patches) have a few megabytes. */
const MOST_BYTES = 32 * 1024 * 1024;

const MOST_REDIRECTS = 3;
const REDIRECTS = [301, 302, 307, 308];

/** The name under which Octokit lets an error pass as it is, and does not ask again. */
const NOT_AGAIN = "AbortError";

/**
 * A fetch that gives up: after 10 s, over 32 MiB, and on redirects that leave the host (the token would go with them) or follow
 * a write. A renamed repository answers with a redirect on the same host.
 */
export function createWire(options: { readonly fetch: typeof fetch; readonly timeoutMs?: number }): typeof fetch {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  async function follow(url: URL, init: RequestInit, redirects: number): Promise<Response> {
    const response = await options.fetch(url, { ...init, redirect: "manual" });
    const location = response.headers.get("location");
    // Who asks so decides where to go on.
    if (init.redirect === "manual") return whole(response);
    if (!REDIRECTS.includes(response.status) || location === null) return whole(response);
    await response.body?.cancel();
    const next = new URL(location, url);
    const allowed = next.origin === url.origin && (init.method ?? "GET") === "GET" && redirects < MOST_REDIRECTS;
    if (!allowed) throw gaveUp("GitHub sent us to another place, which we do not follow: has the repository moved?");
    return follow(next, init, redirects + 1);
  }
  return async (input, init) => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await follow(new URL(input instanceof Request ? input.url : input), { ...init, signal }, 0);
    } catch (fault) {
      if (signal.aborted) throw gaveUp(`GitHub did not answer within ${timeoutMs / 1000} s`, fault);
      throw fault;
    }
  };
}

/** The sentence of an error that this file made; null for every other one. */
export function whyGaveUp(fault: unknown): string | null {
  return fault instanceof Error && fault.name === NOT_AGAIN ? fault.message : null;
}

function gaveUp(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { name: NOT_AGAIN });
}

async function whole(response: Response): Promise<Response> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MOST_BYTES) throw gaveUp("GitHub's answer is larger than we read");
    parts.push(part);
  }
  const bodiless = [204, 205, 304].includes(response.status);
  return new Response(bodiless ? null : new Blob(parts), { status: response.status, headers: response.headers });
}
