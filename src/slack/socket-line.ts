import { setTimeout as pause } from "node:timers/promises";
import { type App, type Logger, SocketModeReceiver } from "@slack/bolt";
import { WebAPIPlatformError } from "@slack/web-api";
import { notFound, type Line } from "./receivers.ts";

/**
 * Slack closes each connection every few hours, and events go to any one of an app's: while one is replaced, the other one hears.
 * Slack allows ten.
 */
const CONNECTIONS = 2;
/** A connection that is open and answers no ping for so long is dead (SlackWebSocket of socket-mode 3.1 pings three times as often). */
const PONG_MS = 1_500;
/** One that is not greeted by then never will be: somebody took the call and fell silent. Well below the minute after which people notice. */
const GREETED_MS = 15_000;
/** A start that Slack does not answer must not hold up the bot: the lines connect when Slack is back. */
const START_MS = 5_000;
/** After Slack was away for hours it is asked as often as after seconds. */
const RETRY_AT_MOST_MS = 10_000;
const STOP_MS = 2_000;

type Client = SocketModeReceiver["client"];

/**
 * Connects again by itself. The library's own way waits longer after each failure, after hours of them for half an hour; it has no end
 * for a connection that is taken and never greeted; and what it cannot recover from ends the process.
 */
export function socketLine(options: {
  readonly appToken: string;
  readonly apiUrl: string | null;
  readonly logger: Logger;
  readonly greetedMs?: number;
}): Line {
  const stopping = new AbortController();
  const lines = Array.from(
    { length: CONNECTIONS },
    () =>
      new SocketModeReceiver({
        appToken: options.appToken,
        logger: options.logger,
        clientPingTimeout: PONG_MS,
        autoReconnectEnabled: false,
        installerOptions: {
          clientOptions: {
            retryConfig: { retries: 0 },
            timeout: RETRY_AT_MOST_MS,
            ...(options.apiUrl === null ? {} : { slackApiUrl: options.apiUrl }),
          },
        },
      }),
  );
  return {
    receiver: {
      init: (app: App) => lines.forEach((line) => line.init(app)),
      async start() {
        const first = lines.map((line) => keepConnected(line.client, { ...options, stopping: stopping.signal }));
        await Promise.race([Promise.all(first), pause(START_MS, null, { ref: false })]);
      },
      async stop() {
        stopping.abort();
        await Promise.race([Promise.all(lines.map((line) => line.client.disconnect())), pause(STOP_MS, null, { ref: false })]);
      },
    },
    requestListener: notFound,
    connected: () => lines.some((line) => line.client.websocket?.isActive() === true),
  };
}

/** Until it is stopped. @throws when Slack refuses the token the first time. */
function keepConnected(
  client: Client,
  { logger, stopping, greetedMs = GREETED_MS }: { readonly logger: Logger; readonly stopping: AbortSignal; readonly greetedMs?: number },
): Promise<void> {
  const first = Promise.withResolvers<void>();
  async function keep(): Promise<void> {
    for (let failures = 0; !stopping.aborted;) {
      const ended = new Promise((resolve) => client.once("disconnected", resolve));
      const fault = await connect(client, greetedMs);
      if (fault === null) {
        failures = 0;
        first.resolve();
        await ended;
        continue;
      }
      failures += 1;
      if (fault instanceof WebAPIPlatformError) {
        const said = explained(fault);
        first.reject(said);
        logger.error(said.message);
      }
      await pause(Math.min(RETRY_AT_MOST_MS, 2 ** Math.min(failures, 10) * 100), null, { signal: stopping, ref: false }).catch(() => null);
    }
  }
  void keep();
  return first.promise;
}

/** Null: connected and greeted. Else why not. */
async function connect(client: Client, greetedMs: number): Promise<unknown> {
  const started = client.start().then(
    () => null,
    (fault: unknown) => fault ?? new Error("Slack closed the connection before it greeted"),
  );
  const timer = new AbortController();
  const late = pause(greetedMs, "late" as const, { ref: false, signal: timer.signal }).catch(() => null);
  const outcome = await Promise.race([started, late]);
  timer.abort();
  if (outcome !== "late") return outcome;
  // The first call asks the far side to close, the second one waits for it no longer.
  client.websocket?.disconnect();
  client.websocket?.disconnect();
  return new Error("Slack took the connection and did not greet");
}

function explained(error: WebAPIPlatformError): Error {
  return new Error(
    `Slack does not accept SLACK_APP_TOKEN (${error.data.error}). Make an app-level token with the scope connections:write under Basic Information.`,
    { cause: error },
  );
}
