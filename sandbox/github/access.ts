import type { Answer, Visit } from "../loopback.ts";
import { json } from "../loopback.ts";

/** Requests per hour that GitHub grants a token. */
const RATE_LIMIT = 5_000;
const HOUR_SECONDS = 3600;

/** The 401 or 404 for who may not see the repository; null for who may. */
export function refuse(visit: Visit, allowed: { readonly token: string; readonly repository: string }): Answer | null {
  const [, token = ""] = /^(?:bearer|token) (.+)$/i.exec(visit.headers.authorization ?? "") ?? [];
  const more = { documentation_url: "https://docs.github.com/rest" };
  if (token !== allowed.token) return json(401, { message: "Bad credentials", ...more, status: "401" });
  const isKnown = visit.path === `/repos/${allowed.repository}` || visit.path.startsWith(`/repos/${allowed.repository}/`);
  return isKnown || !visit.path.startsWith("/repos/") ? null : json(404, { message: "Not Found", ...more, status: "404" });
}

/** Counts the API's requests and puts the rate-limit headers on each answer. */
export function createRateLimit() {
  let used = 0;
  const core = () => ({ limit: RATE_LIMIT, used, remaining: Math.max(0, RATE_LIMIT - used), reset: resetAt() });
  function limited(visit: Visit, answer: Answer): Answer {
    if (!isApi(visit.path)) return answer;
    used += 1;
    const headers = Object.entries({ ...core(), resource: "core" }).map(([name, value]) => [`x-ratelimit-${name}`, String(value)]);
    return { ...answer, headers: { "x-github-media-type": "github.v3; format=json", ...Object.fromEntries(headers), ...answer.headers } };
  }
  return { limited, show: (): Answer => json(200, { resources: { core: core(), search: core() }, rate: core() }) };
}

/** Whether the path is the API's and not a page's. */
export function isApi(path: string): boolean {
  return /^\/(repos|user|rate_limit)(\/|$)/.test(path);
}

function resetAt(): number {
  return (Math.floor(Date.now() / 1000 / HOUR_SECONDS) + 1) * HOUR_SECONDS;
}
