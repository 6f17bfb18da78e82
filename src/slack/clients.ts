import { WebClient, type WebClientOptions } from "@slack/web-api";
import type { Logger } from "@slack/bolt";
import { LogLevel } from "@slack/bolt";
import type { LogLine } from "./deps.ts";

/** Where Slack is: null for the real one. */
export type SlackAddress = { readonly botToken: string; readonly apiUrl: string | null };

/**
 * Two clients, because a rate limit pauses the whole queue of a client: one for what has three seconds to live, one for edits.
 * Neither retries: a trigger is dead by then, and an edit is rendered anew.
 */
export function createClients(address: SlackAddress, logger: Logger): { readonly ui: WebClient; readonly painter: WebClient } {
  const common = {
    logger,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    ...(address.apiUrl === null ? {} : { slackApiUrl: address.apiUrl }),
  } satisfies WebClientOptions;
  return {
    ui: new WebClient(address.botToken, { ...common, timeout: 2_500 }),
    painter: new WebClient(address.botToken, { ...common, timeout: 10_000, maxRequestConcurrency: 8 }),
  };
}

/** The SDK's log lines through ours. Debug lines are dropped: they print whole bodies. */
export function sdkLogger(log: LogLine): Logger {
  const line = (level: "info" | "warn" | "error") =>
    function write(...words: unknown[]): void {
      log(
        level,
        `slack sdk: ${words
          .map((word) => (word instanceof Error ? word.message : String(word)))
          .join(" ")
          .slice(0, 500)}`,
        {},
      );
    };
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: line("warn"),
    error: line("error"),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
