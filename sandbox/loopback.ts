import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";

/** One request as a route sees it; `params` are the decoded `:name` parts of the route's path. */
export type Visit = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly params: Readonly<Record<string, string>>;
};

export type Answer = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string };

/** `path` is a template: `:name` matches one segment, `:name*` the rest of the path. */
export type Route = { readonly method: string; readonly path: string; readonly answer: (visit: Visit) => Answer | Promise<Answer> };

export type JsonObject = { readonly [key: string]: unknown };

export type Loopback = { readonly url: string; readonly port: number; close(): Promise<void> };

/** Larger bodies are answered 413; the biggest real one (a Sentry envelope) is far below. */
const MAX_BODY_BYTES = 25 * 1024 * 1024;

/** Serves the routes on 127.0.0.1; the first match wins, `before` may answer instead of any route (authentication, faults). */
export async function startLoopback(options: {
  readonly port?: number;
  readonly routes: readonly Route[];
  readonly before?: (visit: Visit) => Answer | null;
  readonly after?: (visit: Visit, answer: Answer) => Answer;
  readonly log?: (line: string) => void;
}): Promise<Loopback> {
  const routes = options.routes.map((route) => ({ ...route, pattern: toPattern(route.path) }));
  async function respond(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? "/", "http://loopback");
    const body = await readBody(request);
    if (body === null) return json(413, { message: "Payload too large" });
    const visit = {
      method: request.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
      params: {},
    };
    const answer = options.before?.(visit) ?? (await firstMatch(routes, visit));
    return options.after?.(visit, answer) ?? answer;
  }
  const server = createServer((request, response) => {
    respond(request)
      .catch((fault: unknown) => {
        options.log?.(
          `${request.method} ${request.url} failed: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`,
        );
        return json(500, { message: "The sandbox failed; see its log" });
      })
      .then((answer) => send(response, answer))
      .catch((fault: unknown) => options.log?.(`no answer could be sent: ${String(fault)}`));
  });
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(options.port ?? 0, "127.0.0.1", listening);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the loopback server has no port");
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, close: () => closeServer(server) };
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { "content-type": "application/json; charset=utf-8", ...headers }, body: JSON.stringify(value) };
}

export function html(page: string, status = 200): Answer {
  return { status, headers: { "content-type": "text/html; charset=utf-8" }, body: page };
}

/** Foreign text for an HTML page. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** The body as a JSON object, or null when it is anything else. */
export function bodyObject(visit: Visit): JsonObject | null {
  try {
    return asObject(JSON.parse(visit.body.toString("utf8") || "{}"));
  } catch {
    return null;
  }
}

export function asObject(value: unknown): JsonObject | null {
  return isObject(value) ? value : null;
}

export function asText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toPattern(path: string): RegExp {
  const source = path
    .replaceAll(/[.]/g, "\\.")
    .replaceAll(/:(\w+)(\*?)/g, (_, name: string, rest: string) => `(?<${name}>${rest ? ".+" : "[^/]+"})`);
  return new RegExp(`^${source}/?$`);
}

async function firstMatch(routes: readonly (Route & { pattern: RegExp })[], visit: Visit): Promise<Answer> {
  for (const route of routes) {
    const match = route.method === visit.method ? route.pattern.exec(visit.path) : null;
    if (match === null) continue;
    const params = Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]));
    return route.answer({ ...visit, params });
  }
  return json(404, { message: "Not Found" });
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
}

function closeServer(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((closed, failed) => {
    server.close((fault) => (fault === undefined ? closed() : failed(fault)));
    server.closeAllConnections();
  });
}
