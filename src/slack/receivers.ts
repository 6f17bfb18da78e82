import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type App, HTTPReceiver, type Logger, type Receiver } from "@slack/bolt";
import type { Clock } from "../ports.ts";

/** How Slack reaches us: it calls (HTTP) or we call it (Socket Mode). */
export type Line = { readonly receiver: Receiver; readonly requestListener: RequestListener; connected(): boolean };

/** Bolt refuses only old timestamps; one from the future would be replayable for longer. */
const FUTURE_SECONDS = 300;

export function httpLine(options: { readonly signingSecret: string; readonly logger: Logger; readonly now: Clock }): Line {
  const receiver = new HTTPReceiver({ signingSecret: options.signingSecret, endpoints: "/slack/events", logger: options.logger });
  return {
    receiver: { init: (app: App) => receiver.init(app), start: async () => undefined, stop: async () => undefined },
    requestListener(request, response) {
      if (isFromTheFuture(request, options.now())) refuse(response, 401);
      else receiver.requestListener(request, response);
    },
    connected: () => true,
  };
}

function isFromTheFuture(request: IncomingMessage, now: Date): boolean {
  const stamp = Number(request.headers["x-slack-request-timestamp"]);
  return Number.isFinite(stamp) && stamp > now.getTime() / 1000 + FUTURE_SECONDS;
}

/** For a line on which Slack does not call us. */
export function notFound(_: IncomingMessage, response: ServerResponse): void {
  refuse(response, 404);
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}
