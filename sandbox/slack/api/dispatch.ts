import type { IncomingMessage, ServerResponse } from "node:http";
import { channelForBot } from "../channels.ts";
import type { Context } from "../context.ts";
import type { ActiveFault } from "../faults.ts";
import { isJson, parseJson, textOf, type Json } from "../json.ts";
import { PER_MINUTE } from "../limits.ts";
import { badArguments, failed, type Answer } from "./answer.ts";
import { readForm } from "./arguments.ts";
import { chatMethods } from "./chat.ts";
import { conversationMethods } from "./conversations.ts";
import { fileMethods } from "./files.ts";
import type { Method, Methods } from "./method.ts";
import { otherMethods } from "./other.ts";
import { peopleMethods } from "./people.ts";
import { viewMethods } from "./views.ts";

/** Every Web API method the simulator serves. */
export const methods: Methods = {
  ...otherMethods,
  ...chatMethods,
  ...conversationMethods,
  ...peopleMethods,
  ...viewMethods,
  ...fileMethods,
};

/** Answers one POST /api/METHOD. */
export async function answerApi(
  context: Context,
  name: string,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  context.devChanged();
  const fault = context.faults.strike(name);
  if (fault?.delayMs !== undefined) await pause(context, fault.delayMs);
  const order = fault && (fault.error ?? fault.status ?? fault.retryAfter ?? fault.drop) !== undefined ? fault : undefined;
  if (order && order.afterwards !== true) return fail(context, name, method, order, response);
  if (!method) return send(response, 200, failed("unknown_method", { req_method: name }));
  const read = readArguments(request, body);
  if (!read.ok) return send(response, 200, failed(read.error));
  const answer = guarded(context, name, method, request, read.args);
  if (order) return fail(context, name, undefined, order, response);
  const headers: Record<string, string> = {
    "x-oauth-scopes": context.seed.bot.scopes.join(","),
    "x-accepted-oauth-scopes": method.scopes.join(","),
  };
  if (answer.retryAfter !== undefined) {
    return send(response, 429, failed("ratelimited"), { ...headers, "retry-after": String(answer.retryAfter) });
  }
  send(response, 200, answer.body, headers);
}

type Guarded = { readonly body: Answer; readonly retryAfter?: undefined } | { readonly retryAfter: number; readonly body?: undefined };

/** Token, scope, rate, arguments, then the method: Slack's order. */
function guarded(context: Context, name: string, method: Method, request: IncomingMessage, args: Json): Guarded {
  const refusal = refuseToken(context, method, request, args);
  if (refusal) {
    context.metrics.called(name, PER_MINUTE[method.tier], false);
    return { body: refusal };
  }
  const wait = context.relaxed ? 0 : context.rate.take(name, method.tier, channelKey(context, args));
  context.metrics.called(name, PER_MINUTE[method.tier], wait > 0);
  if (wait > 0) return { retryAfter: wait };
  noteStrangers(context, name, method, args);
  const missing = (method.required ?? []).filter((field) => args[field] === undefined || args[field] === "");
  if (missing.length > 0) return { body: badArguments(...missing.map((field) => `missing required field: ${field}`)) };
  return { body: method.run(context, args) };
}

/** The SDK adds `token` and `team_id` by itself. */
const ALWAYS = ["token", "team_id"];

/** Arguments that Slack would pass over in silence. */
function noteStrangers(context: Context, name: string, method: Method, args: Json): void {
  if (name === "api.test") return;
  const known = [...ALWAYS, ...(method.required ?? []), ...(method.optional ?? [])];
  for (const argument of Object.keys(args)) if (!known.includes(argument)) context.metrics.strange(name, argument);
}

/** "#deploys" and its id share one bucket. */
function channelKey(context: Context, args: Json): string | undefined {
  const wanted = textOf(args["channel"]);
  return wanted === undefined ? undefined : (channelForBot(context, wanted)?.id ?? wanted);
}

function refuseToken(context: Context, method: Method, request: IncomingMessage, args: Json): Answer | null {
  const wanted = method.token ?? "bot";
  if (wanted === "none") return null;
  const token = /^Bearer (.+)$/iu.exec(request.headers.authorization ?? "")?.[1] ?? textOf(args["token"]);
  if (token === undefined || token === "") return failed("not_authed");
  const kind = token === context.bot.botToken ? "bot" : token === context.bot.appToken ? "app" : null;
  if (kind === null) return failed("invalid_auth");
  if (wanted !== "any" && kind !== wanted) return failed("not_allowed_token_type");
  const scopes = context.seed.bot.scopes;
  const entitled = kind === "app" || method.scopes.length === 0 || method.scopes.some((scope) => scopes.includes(scope));
  return entitled ? null : failed("missing_scope", { needed: method.scopes[0] ?? "", provided: scopes.join(",") });
}

type Arguments = { readonly ok: true; readonly args: Json } | { readonly ok: false; readonly error: string };

function readArguments(request: IncomingMessage, body: string): Arguments {
  const query = Object.fromEntries(new URL(request.url ?? "/", "http://localhost").searchParams);
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (request.method === "GET" || (type === "" && body === "")) return { ok: true, args: query };
  if (type === "") return { ok: false, error: "missing_post_type" };
  if (type === "application/json") {
    const parsed = body === "" ? {} : parseJson(body);
    return isJson(parsed)
      ? { ok: true, args: { ...query, ...parsed } }
      : { ok: false, error: parsed === undefined ? "invalid_json" : "json_not_object" };
  }
  if (type === "application/x-www-form-urlencoded") return { ok: true, args: { ...query, ...readForm(body) } };
  return { ok: false, error: type === "multipart/form-data" ? "invalid_form_data" : "invalid_post_type" };
}

function fail(context: Context, name: string, method: Method | undefined, fault: ActiveFault, response: ServerResponse): void {
  const refused = fault.retryAfter !== undefined;
  if (method) context.metrics.called(name, PER_MINUTE[method.tier], refused);
  if (fault.drop === true) return void response.destroy();
  if (fault.retryAfter !== undefined) return send(response, 429, failed("ratelimited"), { "retry-after": String(fault.retryAfter) });
  if (fault.error !== undefined) return send(response, fault.status ?? 200, failed(fault.error));
  send(response, fault.status ?? 500, failed("internal_error"));
}

function send(response: ServerResponse, status: number, body: Json, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}

function pause(context: Context, ms: number): Promise<void> {
  return new Promise((resolve) => {
    context.clock.after(ms, resolve);
  });
}
