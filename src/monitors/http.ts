import type { HttpPage, HttpWatch } from "../domain/config.ts";
import type { Gap, Measurement, SiteSeen } from "../domain/measurement.ts";
import type { Look, Report } from "../ports.ts";

export type HttpMonitor = { measure(watch: HttpWatch, look: Look): Promise<Measurement> };

/** Redirects to the same host (a language, a slash) are followed this often; other hosts are never asked. */
const MAX_REDIRECTS = 3;
/** Faults of the bot's own network say nothing about the site (node:dns and libuv codes). */
const OWN_FAULTS: ReadonlySet<string> = new Set(["EAI_AGAIN", "ENETUNREACH", "ENETDOWN", "EMFILE", "ENFILE"]);

/** Of a page that must contain something so much is read, in bytes. */
const MOST_READ = 256 * 1024;

/** Probes each page. Up means 2xx or 3xx, with the text it must have; a page that refuses, hangs or fails is down. */
export function createHttpMonitor(deps: { readonly report: Report }): HttpMonitor {
  async function measure(watch: HttpWatch, look: Look): Promise<Measurement> {
    const head = { monitor: "http", look: look.look, at: look.now } as const;
    const probes = await Promise.all([watch, ...(watch.also ?? [])].map((page) => probe(page, watch.timeoutMs, look)));
    const gap = probes.find((seen) => seen.kind === "gap");
    return { ...head, ...(gap ?? together(probes.filter((seen) => seen.kind === "site"))) };
  }

  async function probe(page: HttpPage, timeoutMs: number, look: Look): Promise<Probe | Gap> {
    const started = performance.now();
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await ask(new URL(page.url), { signal, contains: page.contains ?? null, redirects: MAX_REDIRECTS });
      return { ...answer, url: page.url, latencyMs: Math.round(performance.now() - started) };
    } catch (fault) {
      const code = codeOf(fault);
      if (signal.aborted) return { ...down(`no answer within ${timeoutMs / 1000} s`), url: page.url };
      if (code !== null && OWN_FAULTS.has(code)) return { kind: "gap", because: `the bot's own network failed (${code})` };
      if (code !== null) return { ...down(`no connection (${code})`), url: page.url };
      deps.report(fault, { monitor: "http", app: look.app, environment: look.environment, look: look.look });
      return { kind: "gap", because: "the site probe itself failed; the bot's log says why" };
    }
  }
  return { measure };
}

type Probe = SiteSeen & { readonly url: string };

/** The site is down when all of its pages are; the slowest page is what people wait for. */
function together(probes: readonly Probe[]): SiteSeen {
  const bad = probes.filter((seen) => !seen.up);
  const up = bad.length < probes.length;
  const latencies = probes.flatMap(({ latencyMs }) => latencyMs ?? []);
  const told = (bad[0] ?? probes[0])?.detail ?? "no page is probed";
  const partly = bad.map(({ url, detail }) => `${new URL(url).pathname}: ${detail}`).join(", ");
  return {
    kind: "site",
    up,
    latencyMs: latencies.length === 0 ? null : Math.max(...latencies),
    detail: up ? (probes.find((seen) => seen.up)?.detail ?? told) : told,
    ...(up && bad.length > 0 ? { partly } : {}),
  };
}

type Asking = { readonly signal: AbortSignal; readonly contains: string | null; readonly redirects: number };

async function ask(url: URL, asking: Asking): Promise<Omit<SiteSeen, "latencyMs">> {
  const response = await fetch(url.href, {
    signal: asking.signal,
    redirect: "manual",
    headers: { "user-agent": "greenlight", "cache-control": "no-cache" },
  });
  const { status } = response;
  const location = status >= 300 && status < 400 ? response.headers.get("location") : null;
  if (location !== null && URL.canParse(location, url.href)) {
    await response.body?.cancel();
    const next = new URL(location, url);
    if (next.host !== url.host) return { kind: "site", up: true, detail: `HTTP ${status}, to another host` };
    if (asking.redirects === 0) return { kind: "site", up: false, detail: `HTTP ${status}, redirected in a circle` };
    return ask(next, { ...asking, redirects: asking.redirects - 1 });
  }
  const answers = status >= 200 && status < 400;
  if (asking.contains === null || !answers) {
    await response.body?.cancel();
    return { kind: "site", up: answers, detail: `HTTP ${status}` };
  }
  const has = (await beginning(response)).includes(asking.contains);
  return { kind: "site", up: has, detail: has ? `HTTP ${status}` : `HTTP ${status}, without the text it must have` };
}

/** The page's first bytes as text; a page without end does not hold the look. */
async function beginning(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    read += chunk.length;
    if (read >= MOST_READ) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_READ).toString("utf8");
}

function down(detail: string): SiteSeen {
  return { kind: "site", up: false, latencyMs: null, detail };
}

/** The code of the network fault below fetch's "fetch failed"; null when it is no network fault. */
function codeOf(fault: unknown): string | null {
  const cause = fault instanceof Error ? fault.cause : null;
  return typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string" ? cause.code : null;
}
