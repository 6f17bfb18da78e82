import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { z } from "zod";
import { answerApi } from "./api/dispatch.ts";
import { NotPossible } from "./act/values.ts";
import { createBus, type Change } from "./bus.ts";
import { createClock } from "./clock.ts";
import type { Context } from "./context.ts";
import { runVerb } from "./control.ts";
import { verifyRequestUrl } from "./deliver/events.ts";
import { answerResponseUrl } from "./deliver/responses.ts";
import { createSocketHub, type SocketHub } from "./deliver/sockets.ts";
import { createFaults } from "./faults.ts";
import { createIds } from "./ids.ts";
import { parseJson } from "./json.ts";
import { createMetrics } from "./metrics.ts";
import { createRateLimiter } from "./rate.ts";
import type { SlackSeed } from "./seed.ts";
import { snapshotOf, type Snapshot } from "./snapshot.ts";
import { createState } from "./state.ts";
import { takeUpload } from "./upload.ts";
import { createDevTicker, openStream, sendDev } from "./stream.ts";
import { createVerbs, type Verbs } from "./verbs.ts";
import { mayControl, readBody, sendFile, sendJson } from "./web.ts";

export type SimulatorOptions = {
  /** 0 or absent: a free one. */
  readonly port?: number;
  readonly seed: SlackSeed;
  /** What the bot was given. With `requestUrl` (http://127.0.0.1:PORT/slack/events) it is HTTP mode, without Socket Mode. */
  readonly bot: { readonly signingSecret: string; readonly botToken: string; readonly appToken: string; readonly requestUrl?: string };
  readonly now?: () => Date;
  /** No rate limits. */
  readonly relaxed?: boolean;
  /** Folder served at "/". */
  readonly pageFolder?: string;
  readonly controlToken: string;
};

/** Answers requests under a prefix added by `route`; the control token was checked. */
export type RouteAnswer = (request: {
  method: string;
  path: string;
  url: URL;
  body: Buffer;
  response: ServerResponse;
}) => void | Promise<void>;

export type SlackSimulator = Verbs & {
  readonly url: string;
  /** For clientOptions.slackApiUrl; ends in /api/. */
  readonly apiUrl: string;
  state(): Snapshot;
  subscribe(listen: (change: Change) => void): () => void;
  /** Adds routes of the sandbox ("/_world/"). */
  route(prefix: string, answer: RouteAnswer): void;
  /** Puts a value of the sandbox into the state and the stream. */
  publish(topic: string, value: unknown): void;
  /** HTTP mode from now on (null: Socket Mode). */
  setRequestUrl(url: string | null): void;
  /** Asks the bot for a challenge, as Slack does when the URL is saved. */
  verifyRequestUrl(): Promise<boolean>;
  close(): Promise<void>;
};

/** Starts a simulated Slack on 127.0.0.1. @throws when the port is taken */
export async function startSlackSimulator(options: SimulatorOptions): Promise<SlackSimulator> {
  const ticker = createDevTicker(() => sendDev(context));
  const { context, hub } = createContext(options, ticker.changed);
  const verbs = createVerbs(context);
  const routes: { prefix: string; answer: RouteAnswer }[] = [];
  const server = createServer((request, response) => {
    answer({ context, verbs, routes, options }, request, response).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 500, { error: error instanceof Error ? error.message : String(error) });
    });
  });
  server.on("upgrade", (request, socket, head) => {
    if (request.url?.startsWith("/link") === true) hub.upgrade(request, socket, head);
    else socket.destroy();
  });
  context.origin = await listen(server, options.port ?? 0);
  return {
    ...verbs,
    url: context.origin,
    apiUrl: `${context.origin}/api/`,
    state: () => snapshotOf(context),
    subscribe: context.bus.subscribe,
    route: (prefix, handler) => void routes.push({ prefix, answer: handler }),
    publish(topic, value) {
      context.state.published.set(topic, value);
      context.bus.emit({ topic: "published", key: topic, value });
    },
    setRequestUrl(url) {
      context.requestUrl = url;
      context.devChanged();
    },
    verifyRequestUrl: () => verifyRequestUrl(context),
    async close() {
      ticker.close();
      context.clock.close();
      hub.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function createContext(options: SimulatorOptions, changed: () => void): { context: Context; hub: SocketHub } {
  const clock = createClock(options.now);
  const ids = createIds(clock);
  const hub = createSocketHub({ clock, ids, appId: options.seed.bot.app_id, changed });
  const context: Context = {
    seed: options.seed,
    bot: options.bot,
    requestUrl: options.bot.requestUrl ?? null,
    relaxed: options.relaxed ?? false,
    clock,
    ids,
    bus: createBus(),
    state: createState(options.seed),
    metrics: createMetrics(clock),
    faults: createFaults(clock, ids),
    rate: createRateLimiter(clock.now),
    deliveries: new Map(),
    sockets: hub,
    origin: "",
    devChanged: changed,
  };
  return { context, hub };
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}`);
    });
  });
}

type Parts = { context: Context; verbs: Verbs; routes: readonly { prefix: string; answer: RouteAnswer }[]; options: SimulatorOptions };

async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { context, options } = parts;
  const url = new URL(request.url ?? "/", context.origin);
  const path = url.pathname;
  const route = parts.routes.find(({ prefix }) => path.startsWith(prefix));
  const controlled = path.startsWith("/_sim/") || route !== undefined;
  if (controlled && !mayControl(request, url, { origin: context.origin, token: options.controlToken })) {
    return sendJson(response, 403, { error: "control routes want the control token, a loopback Host and no foreign Origin" });
  }
  if (path === "/_sim/stream") return openStream(context, response);
  if (path === "/_sim/state") return sendJson(response, 200, snapshotOf(context));
  const body = await readBody(request);
  if (body === null) return sendJson(response, 413, { ok: false, error: "request_too_large" });
  if (route) return route.answer({ method: request.method ?? "GET", path, url, body, response });
  if (path.startsWith("/_sim/")) return answerVerb(parts.verbs, path.slice("/_sim/".length), body, response);
  if (path.startsWith("/api/")) return answerApi(context, path.slice("/api/".length), request, body.toString(), response);
  if (path.startsWith("/response/")) {
    const reply = answerResponseUrl(context, path.slice("/response/".length), body.toString());
    response.writeHead(reply.status, { "content-type": reply.body === "ok" ? "text/plain" : "application/json" });
    return void response.end(reply.body);
  }
  if (path.startsWith("/upload/v1/"))
    return takeUpload(context, path.slice("/upload/v1/".length), { type: request.headers["content-type"] ?? "", body }, response);
  if (request.method === "GET" && options.pageFolder !== undefined) return sendFile(response, options.pageFolder, path);
  sendJson(response, 404, { error: `there is nothing at ${path}` });
}

async function answerVerb(verbs: Verbs, name: string, body: Buffer, response: ServerResponse): Promise<void> {
  try {
    const result = await runVerb(verbs, name, body.length === 0 ? {} : parseJson(body.toString()));
    if (result === undefined) return sendJson(response, 404, { error: `there is no verb ${name}` });
    sendJson(response, 200, result);
  } catch (error) {
    if (error instanceof NotPossible) return sendJson(response, 400, { error: error.message });
    if (error instanceof z.ZodError) return sendJson(response, 400, { error: z.prettifyError(error) });
    throw error;
  }
}
