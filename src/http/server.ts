import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { refusal, send } from "./answer.ts";
import { createBudget } from "./budget.ts";
import { HTTP_LIMITS } from "./limits.ts";
import type { HttpLimits } from "./limits.ts";
import type { HttpLog } from "./log.ts";
import { probeRoutes } from "./probes.ts";
import type { Metrics, Readiness } from "./probes.ts";
import { findRoute } from "./route.ts";
import type { HttpShared, Route } from "./route.ts";

export type HttpServer = {
  readonly url: string;
  readonly port: number;
  /** Stops listening, lets requests in progress end for `graceMs` (2 s by default), then cuts what is left. */
  close(graceMs?: number): Promise<void>;
};

/** The one port. Bodies are raw bytes; nothing is parsed here. Rejects when the port is taken. */
export async function startHttp(options: {
  readonly port: number;
  readonly host?: string;
  readonly routes: readonly Route[];
  readonly log: HttpLog;
  ready(): Promise<Readiness>;
  readonly metrics?: Metrics;
  readonly limits?: Partial<HttpLimits>;
}): Promise<HttpServer> {
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const shared: HttpShared = { limits, budget: createBudget(limits.inFlightBytes) };
  const routes = [...probeRoutes({ ready: options.ready, metrics: options.metrics ?? null }), ...options.routes];
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: 5000,
    connectionsCheckingInterval: Math.min(1000, limits.headersMs),
    maxHeaderSize: 16 * 1024,
  });
  function answer(request: IncomingMessage, response: ServerResponse): void {
    serve({ request, response, routes, shared, log: options.log }).catch((fault: unknown) => {
      options.log.error({ err: fault, method: request.method, path: pathOf(request) }, "a request could not be answered");
      if (response.headersSent) response.destroy();
      else send(request, response, refusal(500, "the request could not be served; the log says why"));
    });
  }
  // With `Expect: 100-continue` the sender waits with its body until it is asked for: refusing then costs nothing.
  server.on("request", answer).on("checkContinue", answer);
  const port = await listen(server, options.port, options.host);
  const host = options.host ?? "127.0.0.1";
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    close: (graceMs = 2000) => close(server, graceMs),
  };
}

async function serve(input: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly routes: readonly Route[];
  readonly shared: HttpShared;
  readonly log: HttpLog;
}): Promise<void> {
  const { request, response, routes, shared } = input;
  // Whoever goes away while it is being answered is no fault of ours.
  response.on("error", (fault) => input.log.debug({ err: fault }, "the sender went away"));
  const found = findRoute(routes, request.method ?? "GET", pathOf(request));
  switch (found.kind) {
    case "unknown":
      return send(request, response, refusal(404, "nothing listens here"));
    case "wrong_method":
      return send(request, response, refusal(405, `use ${found.allow.join(" or ")}`, { allow: found.allow.join(", ") }));
    case "found":
      return found.route.serve(request, response, found.parameters, shared);
    default:
      return found satisfies never;
  }
}

function pathOf(request: IncomingMessage): string {
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function listen(server: Server, port: number, host: string | undefined): Promise<number> {
  return new Promise((listening, failed) => {
    server.once("error", failed);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off("error", failed);
      const address = server.address();
      if (address === null || typeof address === "string") failed(new Error("the server listens on no port"));
      else listening(address.port);
    });
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((closed, failed) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close((fault) => {
      clearTimeout(cut);
      if (fault === undefined) closed();
      else failed(fault);
    });
    server.closeIdleConnections();
  });
}
