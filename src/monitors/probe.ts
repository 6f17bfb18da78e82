import { request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { HttpPage } from "../domain/config.ts";
import type { Gap, Validity } from "../domain/measurement.ts";

/** One request for a page, redirects included. `latencyMs` null: nothing answered. */
export type Probed =
  | {
      readonly kind: "probed";
      readonly up: boolean;
      readonly latencyMs: number | null;
      readonly detail: string;
      /** Which revision it says it runs; null: none, or it was not asked. */
      readonly revision: string | null;
      /** Of the certificate it showed; null: plain http. */
      readonly certificate: Validity | null;
    }
  /** Not the network's fault, and not the site's: the bot's own. */
  | { readonly kind: "fault"; readonly fault: unknown }
  | Gap;

/** Redirects to the same host (a language, a slash) are followed this often; other hosts are never asked. */
const MAX_REDIRECTS = 3;
/** Faults of the bot's own network say nothing about the site (node:dns and libuv codes). */
const OWN_FAULTS: ReadonlySet<string> = new Set(["EAI_AGAIN", "ENETUNREACH", "ENETDOWN", "EMFILE", "ENFILE"]);
/** What people can mend: said in words, by OpenSSL's and Node's codes. A browser shows its visitors a wall for each of them. */
const CERTIFICATE_FAULTS: ReadonlyMap<string, string> = new Map([
  ["CERT_HAS_EXPIRED", "its certificate has expired"],
  ["CERT_NOT_YET_VALID", "its certificate is not valid yet"],
  ["CERT_REVOKED", "its certificate was revoked"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "its certificate is for another name"],
]);
/** Of a page whose text is asked for so much is read, in bytes. */
const MOST_READ = 256 * 1024;

/** Up means 2xx or 3xx, with the text it must have; a page that refuses, hangs or fails is down. Never rejects. */
export async function probe(
  page: HttpPage,
  { timeoutMs, revisionIn }: { readonly timeoutMs: number; readonly revisionIn: string | null },
): Promise<Probed> {
  const started = performance.now();
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await ask(new URL(page.url), { signal, contains: page.contains ?? null, revisionIn, redirects: MAX_REDIRECTS });
    return { kind: "probed", ...answer, latencyMs: Math.round(performance.now() - started) };
  } catch (fault) {
    if (signal.aborted) return down(`no answer within ${timeoutMs / 1000} s`);
    const code = codeOf(fault);
    if (code === null) return { kind: "fault", fault };
    const untrusted = CERTIFICATE_FAULTS.get(code);
    if (untrusted !== undefined) return down(untrusted);
    if (OWN_FAULTS.has(code)) return { kind: "gap", because: `the bot's own network failed (${code})` };
    return down(`no connection (${code})`);
  }
}

type Asking = {
  readonly signal: AbortSignal;
  readonly contains: string | null;
  readonly revisionIn: string | null;
  readonly redirects: number;
};
type Answer = Omit<Extract<Probed, { kind: "probed" }>, "kind" | "latencyMs">;
type Told = Omit<Answer, "certificate">;

async function ask(url: URL, asking: Asking): Promise<Answer> {
  const response = await open(url, asking.signal);
  const certificate = certificateOf(response.socket);
  try {
    const location = redirectionOf(response, url);
    if (location !== null && !leaves(url, location) && asking.redirects > 0) {
      return await ask(location, { ...asking, redirects: asking.redirects - 1 });
    }
    return { ...(location === null ? await read(response, asking) : notFollowed(response, url, location)), certificate };
  } finally {
    response.destroy();
  }
}

/** A connection of its own for each: behind a balancer each probe may meet another server, as each visitor does. */
function open(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  const headers = { "user-agent": "greenlight", "cache-control": "no-cache", "accept-encoding": "identity" };
  return new Promise((answered, failed) => {
    request(url, { agent: false, signal, headers }).on("response", answered).on("error", failed).end();
  });
}

/** Where the answer sends its visitor; null: nowhere. */
function redirectionOf(response: IncomingMessage, from: URL): URL | null {
  const { statusCode = 0, headers } = response;
  if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) return null;
  if (!URL.canParse(headers.location, from.href)) return null;
  const to = new URL(headers.location, from);
  // What a site writes into its redirects is not sent back to it as a user and password.
  to.username = "";
  to.password = "";
  return to;
}

/** Another host, or no longer encrypted: what is there is not this site. */
function leaves(from: URL, to: URL): boolean {
  return to.host !== from.host || !["http:", "https:"].includes(to.protocol) || (from.protocol === "https:" && to.protocol === "http:");
}

function notFollowed({ statusCode }: IncomingMessage, from: URL, to: URL): Told {
  if (!leaves(from, to)) return { up: false, detail: `HTTP ${statusCode}, redirected in a circle`, revision: null };
  return { up: true, detail: `HTTP ${statusCode}, ${to.host === from.host ? "to plain http" : "to another host"}`, revision: null };
}

async function read(response: IncomingMessage, asking: Asking): Promise<Told> {
  const status = response.statusCode ?? 0;
  const answers = status >= 200 && status < 400;
  const header = asking.revisionIn === null ? undefined : response.headers[asking.revisionIn.toLowerCase()];
  const wanted = asking.contains !== null || (asking.revisionIn !== null && header === undefined);
  const text = wanted && answers ? await beginning(response) : "";
  const has = asking.contains === null || text.includes(asking.contains);
  const said = header ?? (asking.revisionIn === null ? null : fieldOf(text, asking.revisionIn));
  const detail = has || !answers ? `HTTP ${status}` : `HTTP ${status}, without the text it must have`;
  return { up: answers && has, detail, revision: revisionAtEndOf(said) };
}

function certificateOf(socket: Socket): Validity | null {
  if (!(socket instanceof TLSSocket)) return null;
  const { valid_from: from, valid_to: until } = socket.getPeerCertificate();
  const validity = { from: new Date(from), until: new Date(until) };
  return Number.isNaN(validity.from.getTime()) || Number.isNaN(validity.until.getTime()) ? null : validity;
}

/** The page's first bytes as text; a page without end does not hold the look. */
async function beginning(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MOST_READ) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_READ).toString("utf8");
}

/** What stands at this place of a JSON text, with dots between levels; null: nothing, or it is no JSON. */
function fieldOf(text: string, path: string): unknown {
  try {
    return path
      .split(".")
      .reduce<unknown>((value, name) => (isRecord(value) && Object.hasOwn(value, name) ? value[name] : null), JSON.parse(text));
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The revision at the end of a value such as `9f3c2ab`, `shop@9f3c2ab...` or `v2-9f3c2ab`; foreign text, so nothing else of it is kept. */
function revisionAtEndOf(said: unknown): string | null {
  return typeof said === "string" ? (/(?:^|[^0-9a-z])([0-9a-f]{7,40})$/u.exec(said.trim().toLowerCase())?.[1] ?? null) : null;
}

function down(detail: string): Probed {
  return { kind: "probed", up: false, latencyMs: null, detail, revision: null, certificate: null };
}

/** The code of a fault of the network; null when it is none. */
function codeOf(fault: unknown): string | null {
  return fault instanceof Error && "code" in fault && typeof fault.code === "string" ? fault.code : null;
}
