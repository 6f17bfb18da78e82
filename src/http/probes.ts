import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { refusal, send } from "./answer.ts";
import type { Route } from "./route.ts";

/** `because` says, one sentence each, what keeps this replica from working. */
export type Readiness = { readonly ok: boolean; readonly because: readonly string[] };

const UNKNOWN: Readiness = { ok: false, because: ["whether the bot works could not be found out"] };

/** `token` null: whoever reaches the port may read the metrics. */
export type Metrics = { readonly token: string | null; render(): Promise<string> };

/** `/healthz`: the process answers. `/readyz`: it works. `/metrics`: Prometheus' text format, with its own token. */
export function probeRoutes(options: { ready(): Promise<Readiness>; readonly metrics: Metrics | null }): readonly Route[] {
  const { metrics } = options;
  const health: Route = {
    method: "GET",
    path: "/healthz",
    serve: (request, response) => send(request, response, { status: 200, body: { ok: true } }),
  };
  const readiness: Route = {
    method: "GET",
    path: "/readyz",
    async serve(request, response) {
      const { ok, because } = await options.ready().catch(() => UNKNOWN);
      send(request, response, ok ? { status: 200, body: { ready: true } } : { status: 503, body: { ready: false, because } });
    },
  };
  if (metrics === null) return [health, readiness];
  const figures: Route = {
    method: "GET",
    path: "/metrics",
    serve: (request, response) => serveMetrics(request, response, metrics),
  };
  return [health, readiness, figures];
}

async function serveMetrics(request: IncomingMessage, response: ServerResponse, metrics: Metrics): Promise<void> {
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (metrics.token !== null && !sameText(given, metrics.token)) {
    const how = { "www-authenticate": 'Bearer realm="metrics"' };
    return send(request, response, refusal(401, "send the METRICS_TOKEN as `Authorization: Bearer ...`", how));
  }
  const text = await metrics.render();
  response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  response.end(text);
}

/** Digests have one length: the comparison neither throws nor tells how long the token is. */
function sameText(given: string, wanted: string): boolean {
  return timingSafeEqual(createHash("sha256").update(given).digest(), createHash("sha256").update(wanted).digest());
}
