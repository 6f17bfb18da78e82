import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type App, HTTPReceiver, type Logger, type Receiver, SocketModeReceiver } from "@slack/bolt";
import { WebAPIPlatformError } from "@slack/web-api";
import type { Clock } from "../ports.ts";

/** How Slack reaches us: it calls (HTTP) or we call it (Socket Mode). */
export type Line = { readonly receiver: Receiver; readonly requestListener: RequestListener; connected(): boolean };

/**
 * Slack closes each connection every few hours, and @slack/socket-mode 3.1 is deaf for seconds while it opens the next one.
 * Slack allows ten connections an app and sends each event to any one of them.
 */
const CONNECTIONS = 2;
/** The delay before a reconnect is this long times the failures so far (SlackWebSocket, socket-mode 3.1.0). */
const PING_TIMEOUT_MS = 1_500;
/** A start that Slack does not answer must not hold up the bot: the lines connect when Slack is back. */
const START_MS = 5_000;
/** Bolt refuses only old timestamps; one from the future would be replayable for longer. */
const FUTURE_SECONDS = 300;

export function socketLine(options: { readonly appToken: string; readonly apiUrl: string | null; readonly logger: Logger }): Line {
  const lines = Array.from(
    { length: CONNECTIONS },
    () =>
      new SocketModeReceiver({
        appToken: options.appToken,
        logger: options.logger,
        clientPingTimeout: PING_TIMEOUT_MS,
        installerOptions: options.apiUrl === null ? {} : { clientOptions: { slackApiUrl: options.apiUrl } },
      }),
  );
  return {
    receiver: {
      init: (app: App) => lines.forEach((line) => line.init(app)),
      async start() {
        const started = Promise.all(lines.map((line) => line.start())).catch(explained);
        await Promise.race([started, later(START_MS)]);
      },
      stop: () => Promise.all(lines.map((line) => line.stop())),
    },
    requestListener: (_, response) => refuse(response, 404),
    connected: () => lines.some((line) => line.client.websocket?.isActive() === true),
  };
}

function explained(error: unknown): never {
  if (!(error instanceof WebAPIPlatformError)) throw error;
  throw new Error(
    `Slack does not accept SLACK_APP_TOKEN (${error.data.error}). Make an app-level token with the scope connections:write under Basic Information.`,
    { cause: error },
  );
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

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

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}
