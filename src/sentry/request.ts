import { refuse } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { detailOf, failure } from "./failure.ts";
import type { SentryFailure } from "./failure.ts";

export type SentryAnswer = {
  readonly status: number;
  readonly body: unknown;
  /** Cursor of the next page; null: this was the last. */ readonly next: string | null;
};

export type SentryRequest = {
  readonly method: "GET" | "POST";
  /** Segments below `/api/0/`, each encoded here: release names may contain `@` or `+`. */
  readonly path: readonly string[];
  /** A list is sent as the same parameter several times. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
};

export type Requester = {
  request(request: SentryRequest): Promise<Result<SentryAnswer, SentryFailure>>;
  /** Sentry's clock minus ours in milliseconds, from the last `Date` header; 0 until one came. */
  skewMs(): number;
};

export type RequesterOptions = {
  /** `https://sentry.io`, or a self-hosted one; with or without `/api/0/`. */
  readonly url: string;
  readonly token: string;
  readonly now: () => Date;
  readonly timeoutMs?: number;
};

const TIMEOUT_MS = 10_000;
/** A hundred issues are about 500 KB. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;
/** `Retry-After: 99999999` must not silence a watch. */
const MAX_PAUSE_MS = 60_000;
const DEFAULT_PAUSE_MS = 10_000;
/** The `Date` header has whole seconds: smaller differences are not skew. */
const MIN_SKEW_MS = 2_000;

/** Sends requests to one Sentry and to no other host. Every failure is a value with a reason. */
export function createRequester(options: RequesterOptions): Requester {
  const base = baseOf(options.url);
  let pausedUntil = 0;
  let skewMs = 0;

  async function request(asked: SentryRequest): Promise<Result<SentryAnswer, SentryFailure>> {
    const sentAt = options.now().getTime();
    if (sentAt < pausedUntil) return rateLimited(pausedUntil - sentAt);
    const signal = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
    try {
      const response = await send(base, options.token, asked, signal);
      skewMs = skewOf(response, sentAt, options.now().getTime()) ?? skewMs;
      if (response.status === 429) {
        const pauseMs = pauseOf(response, sentAt);
        pausedUntil = sentAt + pauseMs;
        await response.body?.cancel();
        return rateLimited(pauseMs);
      }
      return await answerOf(response, base);
    } catch (fault) {
      if (signal.aborted) return failure("unreachable", `Sentry did not answer within ${(options.timeoutMs ?? TIMEOUT_MS) / 1000} s`);
      return failure("unreachable", `Sentry at ${base.host} cannot be reached (${causeOf(fault)})`);
    }
  }

  return { request, skewMs: () => skewMs };
}

function send(base: URL, token: string, asked: SentryRequest, signal: AbortSignal): Promise<Response> {
  const url = new URL(`${asked.path.map((segment) => encodeURIComponent(segment)).join("/")}/`, base);
  for (const [name, value] of Object.entries(asked.query ?? {})) {
    for (const one of typeof value === "string" ? [value] : value) url.searchParams.append(name, one);
  }
  const headers = { authorization: `Bearer ${token}`, accept: "application/json", "content-type": "application/json" };
  const body = asked.body === undefined ? null : JSON.stringify(asked.body);
  // Redirects are refused: followed, they would carry the token or the answer to somebody else.
  return fetch(url, { method: asked.method, headers, body, signal, redirect: "manual" });
}

async function answerOf(response: Response, base: URL): Promise<Result<SentryAnswer, SentryFailure>> {
  const { status } = response;
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    return failure("nonsense", `Sentry at ${base.host} redirects elsewhere; set its API address to where it really is`);
  }
  const text = await readCapped(response);
  if (text === null) return failure("nonsense", "Sentry's answer is too large to be one");
  const body = parseJson(text);
  if (status === 401 || status === 403) {
    const scopes = status === 403 ? "; it needs project:releases, project:read, event:read and org:read" : "";
    return failure("token_refused", `Sentry refuses the token (HTTP ${status}${scopes})${detailOf(body)}`);
  }
  if (status === 404) return failure("not_found", `Sentry knows no such organization, project, environment or release${detailOf(body)}`);
  if (status >= 500) return failure("unreachable", `Sentry failed (HTTP ${status})`);
  if (status >= 400) return failure("rejected", `Sentry rejects the request (HTTP ${status})${detailOf(body)}`);
  if (body === undefined) return failure("nonsense", `Sentry's answer is not JSON (${contentTypeOf(response)})`);
  const next = nextCursor(response.headers.get("link"), base);
  if (!next.ok) return next;
  return { ok: true, value: { status, body, next: next.value } };
}

/** `rel="next"` is always there: `results="false"` says that there is no next page. Only its cursor is used, never its address. */
function nextCursor(link: string | null, base: URL): Result<string | null, SentryFailure> {
  for (const part of (link ?? "").split(/,\s*(?=<)/)) {
    if (!part.includes('rel="next"') || !part.includes('results="true"')) continue;
    const address = /<([^>]*)>/.exec(part)?.[1] ?? "";
    const cursor = /cursor="([^"]+)"/.exec(part)?.[1];
    if (!URL.canParse(address, base.href) || new URL(address, base.href).host !== base.host) {
      return failure("nonsense", `Sentry's next page is at another address than ${base.host}; set its API address to its own one`);
    }
    if (cursor === undefined) return failure("nonsense", "Sentry's next page has no cursor");
    return { ok: true, value: cursor };
  }
  return { ok: true, value: null };
}

function baseOf(address: string): URL {
  const url = new URL(address);
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path.endsWith("/api/0") ? `${path}/` : `${path}/api/0/`;
  return url;
}

async function readCapped(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function skewOf(response: Response, sentAt: number, receivedAt: number): number | null {
  const date = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(date)) return null;
  // Of an answer that took long nobody knows when in that time it was dated: no more is claimed than that shows.
  if (date + 1000 >= sentAt && date <= receivedAt) return 0;
  const skew = date + 500 - (sentAt + receivedAt) / 2;
  return Math.abs(skew) < MIN_SKEW_MS ? 0 : Math.round(skew);
}

function pauseOf(response: Response, now: number): number {
  const header = response.headers.get("retry-after") ?? "";
  const asked = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(asked) ? DEFAULT_PAUSE_MS : Math.min(MAX_PAUSE_MS, Math.max(1000, asked));
}

function rateLimited(pauseMs: number): { readonly ok: false; readonly refusal: SentryFailure } {
  return refuse({ kind: "rate_limited", because: `Sentry asks to wait ${Math.ceil(pauseMs / 1000)} s before the next request (HTTP 429)` });
}

function contentTypeOf(response: Response): string {
  return (response.headers.get("content-type") ?? "no content type").split(";")[0]?.slice(0, 60) ?? "";
}

/** The code of the network fault (ECONNREFUSED ...), which is what an operator can search for. */
function causeOf(fault: unknown): string {
  const cause = fault instanceof Error ? (fault.cause ?? fault) : fault;
  if (typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.name : "unknown fault";
}
