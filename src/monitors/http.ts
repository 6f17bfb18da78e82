import type { HttpWatch } from "../domain/config.ts";
import type { Measurement, SiteSeen } from "../domain/measurement.ts";
import type { Look, Report } from "../ports.ts";

export type HttpMonitor = { measure(watch: HttpWatch, look: Look): Promise<Measurement> };

/** Redirects to the same host (a language, a slash) are followed this often; other hosts are never asked. */
const MAX_REDIRECTS = 3;
/** Faults of the bot's own network say nothing about the site (node:dns and libuv codes). */
const OWN_FAULTS: ReadonlySet<string> = new Set(["EAI_AGAIN", "ENETUNREACH", "ENETDOWN", "EMFILE", "ENFILE"]);

/** Probes one address. Up means 2xx or 3xx; a site that refuses, hangs or fails is down; the body is never read. */
export function createHttpMonitor(deps: { readonly report: Report }): HttpMonitor {
  async function measure(watch: HttpWatch, look: Look): Promise<Measurement> {
    const head = { monitor: "http", look: look.look, at: look.now } as const;
    const started = performance.now();
    const signal = AbortSignal.timeout(watch.timeoutMs);
    try {
      const answer = await ask(new URL(watch.url), signal, MAX_REDIRECTS);
      return { ...head, ...answer, latencyMs: Math.round(performance.now() - started) };
    } catch (fault) {
      const code = codeOf(fault);
      if (signal.aborted) return { ...head, ...down(`no answer within ${watch.timeoutMs / 1000} s`) };
      if (code !== null && OWN_FAULTS.has(code)) return { ...head, kind: "gap", because: `the bot's own network failed (${code})` };
      if (code !== null) return { ...head, ...down(`no connection (${code})`) };
      deps.report(fault, { monitor: "http", app: look.app, environment: look.environment, look: look.look });
      return { ...head, kind: "gap", because: "the site probe itself failed; the bot's log says why" };
    }
  }
  return { measure };
}

async function ask(url: URL, signal: AbortSignal, redirects: number): Promise<Omit<SiteSeen, "latencyMs">> {
  const response = await fetch(url.href, {
    signal,
    redirect: "manual",
    headers: { "user-agent": "greenlight", "cache-control": "no-cache" },
  });
  await response.body?.cancel();
  const { status } = response;
  const location = status >= 300 && status < 400 ? response.headers.get("location") : null;
  if (location !== null && URL.canParse(location, url.href)) {
    const next = new URL(location, url);
    if (next.host !== url.host) return { kind: "site", up: true, detail: `HTTP ${status}, to another host` };
    if (redirects === 0) return { kind: "site", up: false, detail: `HTTP ${status}, redirected in a circle` };
    return ask(next, signal, redirects - 1);
  }
  return { kind: "site", up: status >= 200 && status < 400, detail: `HTTP ${status}` };
}

function down(detail: string): SiteSeen {
  return { kind: "site", up: false, latencyMs: null, detail };
}

/** The code of the network fault below fetch's "fetch failed"; null when it is no network fault. */
function codeOf(fault: unknown): string | null {
  const cause = fault instanceof Error ? fault.cause : null;
  return typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string" ? cause.code : null;
}
