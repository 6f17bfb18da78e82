import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { refusal, send } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { readBody } from "./body.ts";
import type { HttpLog } from "./log.ts";
import type { HttpShared, Route } from "./route.ts";
import type { Delivery, StoreDelivery, WebhookSource } from "./webhook-source.ts";

type Deps = { readonly sources: readonly WebhookSource[]; readonly store: StoreDelivery; readonly log: HttpLog };
type Refused = (source: WebhookSource, because: string) => void;

/** Anybody can send what is refused: it must not fill the log. */
const ONE_LINE_PER_MS = 60_000;

/** `POST /webhooks/KIND` and `/webhooks/KIND/CONNECTION`: verify, store, answer 202; what it means is found out later. */
export function webhookRoutes(deps: Deps): readonly Route[] {
  const refused = createRefused(deps.log);
  return ["/webhooks/:kind", "/webhooks/:kind/:connection"].map((path) => ({
    method: "POST",
    path,
    serve: (request, response, parameters, shared) => serve(deps, { request, response, parameters, shared, refused }),
  }));
}

type Visit = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly parameters: Readonly<Record<string, string>>;
  readonly shared: HttpShared;
  readonly refused: Refused;
};

async function serve(deps: Deps, visit: Visit): Promise<void> {
  const { request, response } = visit;
  const kind = visit.parameters["kind"] ?? "";
  const connection = visit.parameters["connection"] ?? "default";
  const source = deps.sources.find((known) => known.kind === kind && known.connection === connection);
  if (source === undefined) return send(request, response, refusal(404, "no connection with a webhook secret listens here"));
  const authentication = source.authenticate(request.headers);
  if (authentication.kind === "missing") {
    visit.refused(source, authentication.because);
    return send(request, response, refusal(401, authentication.because));
  }
  const unreadable = wrongType(request.headers, source.contentTypes);
  if (unreadable !== null) return send(request, response, refusal(415, unreadable));
  const digest = createHash("sha256");
  const outcome = await readBody({
    request,
    response,
    ...visit.shared,
    onChunk(chunk) {
      digest.update(chunk);
      authentication.verifier.update(chunk);
    },
  });
  if (outcome.kind === "gone") return;
  if (outcome.kind === "refused") return send(request, response, outcome.answer);
  try {
    if (!authentication.verifier.verify()) {
      visit.refused(source, MISFIT);
      return send(request, response, refusal(401, MISFIT));
    }
    const fault = source.fault?.(outcome.body) ?? null;
    if (fault !== null) return send(request, response, { status: 422, body: { error: fault.says, field: fault.field } });
    send(request, response, await keep(deps, deliveryOf(source, request.headers, outcome.body, digest.digest("hex"))));
  } finally {
    outcome.release();
  }
}

const MISFIT = "the signature does not fit the body: is the secret the same on both sides?";

/** One line a minute and connection, with the number of refusals since the last one. */
function createRefused(log: HttpLog): Refused {
  const last = new Map<WebhookSource, { readonly at: number; more: number }>();
  return (source, because) => {
    const before = last.get(source);
    const now = performance.now();
    if (before !== undefined && now - before.at < ONE_LINE_PER_MS) {
      before.more += 1;
      return;
    }
    last.set(source, { at: now, more: 0 });
    log.warn({ source: source.kind, connection: source.connection, because, moreBefore: before?.more ?? 0 }, "webhook refused");
  };
}

function deliveryOf(source: WebhookSource, headers: IncomingHttpHeaders, body: Buffer, bodyDigest: string): Delivery {
  const event = source.event(headers);
  const reason = source.ignore(event, body);
  return {
    id: source.deliveryId(headers, bodyDigest),
    source: source.kind,
    connection: source.connection,
    event,
    headers: allowed(headers, source.storedHeaders),
    body: source.stored?.(body) ?? body,
    result: reason === null ? null : "ignored",
    reason,
  };
}

async function keep(deps: Deps, delivery: Delivery): Promise<Answer> {
  const { id, source, connection, event, reason } = delivery;
  const result = delivery.result ?? "accepted";
  try {
    const kept = await deps.store(delivery);
    if (kept === "duplicate") return { status: 202, body: { delivery: id, result: "duplicate" } };
  } catch (fault) {
    deps.log.error({ err: fault, delivery: id, source, connection }, "a delivery could not be stored");
    return refusal(503, "the delivery could not be stored; send it again", { "retry-after": "30" });
  }
  deps.log.debug({ delivery: id, source, connection, event, result, reason }, "webhook delivery stored");
  return { status: 202, body: { delivery: id, result, ...(reason === null ? {} : { reason }) } };
}

function wrongType(headers: IncomingHttpHeaders, accepted: readonly string[]): string | null {
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") return "send the body uncompressed, without Content-Encoding";
  const type = (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return accepted.includes(type) ? null : `set the webhook's content type to ${accepted.join(" or ")}`;
}

function allowed(headers: IncomingHttpHeaders, names: readonly string[]): Readonly<Record<string, string>> {
  const kept = names.flatMap((name) => {
    const value = headers[name];
    return typeof value === "string" ? [[name, value.slice(0, 500)] as const] : [];
  });
  return Object.fromEntries(kept);
}
