import type { Answer, JsonObject, Route, Visit } from "../loopback.ts";
import { json } from "../loopback.ts";
import type { Deliveries, Delivery, Webhook } from "./deliveries.ts";
import { notFound } from "./replies.ts";
import type { Site } from "./repository.ts";
import { repositoryId, repositoryUrl } from "./repository.ts";

/** What the sandbox's hook is subscribed to. */
const EVENTS = ["push", "workflow_run", "workflow_job"];

/** The hook, its deliveries, and asking for one to be tried again. */
export function hookRoutes(options: { site: Site; hookId: number; webhook: Webhook; deliveries: Deliveries }): Route[] {
  const { site, hookId, deliveries } = options;
  const ofHook = (visit: Visit, answer: () => Answer | Promise<Answer>) =>
    visit.params["hook"] === String(hookId) ? answer() : notFound();
  const one = (visit: Visit) => deliveries.list().find((delivery) => String(delivery.id) === visit.params["delivery"]);
  return [
    route("GET", "", () => json(200, [hookPayload(site, hookId, options.webhook)])),
    route("GET", "/:hook", (visit) => ofHook(visit, () => json(200, hookPayload(site, hookId, options.webhook)))),
    route("POST", "/:hook/pings", (visit) => ofHook(visit, () => ping(options))),
    route("GET", "/:hook/deliveries", (visit) => ofHook(visit, () => listDeliveries(visit, deliveries.list()))),
    route("GET", "/:hook/deliveries/:delivery", (visit) => {
      const found = one(visit);
      return found === undefined ? notFound() : json(200, wholeDelivery(site, hookId, found));
    }),
    route("POST", "/:hook/deliveries/:delivery/attempts", (visit) => {
      const found = one(visit);
      if (found === undefined) return notFound();
      void deliveries.redeliver(found.id);
      return json(202, {});
    }),
  ];
}

export function hookPayload(site: Site, hookId: number, webhook: Webhook): JsonObject {
  const url = `${repositoryUrl(site)}/hooks/${hookId}`;
  return {
    type: "Repository",
    id: hookId,
    name: "web",
    active: true,
    events: EVENTS,
    config: { url: webhook.url, content_type: "json", secret: "********", insecure_ssl: "0" },
    updated_at: site.createdAt.toISOString(),
    created_at: site.createdAt.toISOString(),
    url,
    test_url: `${url}/test`,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    last_response: { code: null, status: "unused", message: null },
  };
}

function ping(options: { site: Site; hookId: number; webhook: Webhook; deliveries: Deliveries }): Answer {
  const hook = hookPayload(options.site, options.hookId, options.webhook);
  options.deliveries.send("ping", { zen: "Approachable is better than simple.", hook_id: options.hookId, hook });
  return { status: 204 };
}

/** Pages by cursor, newest first, as GitHub does for deliveries. */
function listDeliveries(visit: Visit, all: readonly Delivery[]): Answer {
  const status = visit.query.get("status");
  const wanted = all.filter((delivery) => status === null || ok(delivery) === (status === "success"));
  const size = Math.min(100, Number(visit.query.get("per_page")) || 30);
  const start = Math.max(0, Number(visit.query.get("cursor")?.replace("v1_", "")) || 0);
  const query = new URLSearchParams(visit.query);
  query.set("cursor", `v1_${start + size}`);
  const link = `<http://${visit.headers.host ?? "127.0.0.1"}${visit.path}?${query.toString()}>; rel="next"`;
  return json(200, wanted.slice(start, start + size).map(deliveryPayload), start + size < wanted.length ? { link } : {});
}

function deliveryPayload(delivery: Delivery): JsonObject {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt.toISOString(),
    redelivery: delivery.redelivery,
    duration: delivery.durationSeconds,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: null,
    repository_id: repositoryId,
    throttled_at: null,
  };
}

function wholeDelivery(site: Site, hookId: number, delivery: Delivery): JsonObject {
  const payload: unknown = JSON.parse(delivery.body);
  return {
    ...deliveryPayload(delivery),
    url: `${repositoryUrl(site)}/hooks/${hookId}/deliveries/${delivery.id}`,
    request: { headers: delivery.requestHeaders, payload },
    response: { headers: {}, payload: delivery.responseBody },
  };
}

function route(method: string, path: string, answer: Route["answer"]): Route {
  return { method, path: `/repos/:owner/:repo/hooks${path}`, answer };
}

function ok(delivery: Delivery): boolean {
  return delivery.statusCode >= 200 && delivery.statusCode < 400;
}
