import {
  LogLevel,
  WebClient,
  type Logger,
  type ChatPostMessageArguments,
  type WebAPICallResult,
  type WebClientOptions,
} from "@slack/web-api";
import { startSlackSimulator, type SimulatorOptions, type SlackSimulator } from "../../sandbox/slack/server.ts";
import { bot, controlToken, seed } from "./seed.ts";

/** A simulator with the small team; `await using` closes it. */
export type TestSlack = SlackSimulator & {
  readonly web: WebClient;
  /** Run before the simulator closes: bots stop first. */
  readonly stops: (() => Promise<void>)[];
  [Symbol.asyncDispose](): Promise<void>;
};

const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

export async function startSlack(options: Partial<SimulatorOptions> = {}): Promise<TestSlack> {
  const simulator = await startSlackSimulator({ seed, bot, controlToken, relaxed: true, ...options });
  const stops: (() => Promise<void>)[] = [];
  async function dispose(): Promise<void> {
    for (const stop of stops) await stop();
    await simulator.close();
  }
  return { ...simulator, web: clientOf(simulator), stops, [Symbol.asyncDispose]: dispose };
}

/** The real client without retries, so that each answer is seen. */
export function clientOf(simulator: SlackSimulator, token: string = bot.botToken, options: WebClientOptions = {}): WebClient {
  const standard = { slackApiUrl: simulator.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, logger: silent };
  return new WebClient(token, { ...standard, ...options });
}

/** Posts through the typed method. @returns the ts */
export async function post(slack: TestSlack, message: ChatPostMessageArguments): Promise<string> {
  const { postMessage } = slack.web.chat;
  const answer = await postMessage(message);
  return answer.ts ?? "";
}

/** Calls a method and gives the answer also when it is a refusal. */
export async function call(web: WebClient, method: string, args: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  try {
    const answer: WebAPICallResult = await web.apiCall(method, args);
    return { ...answer };
  } catch (error) {
    if (typeof error === "object" && error !== null && "data" in error && typeof error.data === "object") return { ...error.data };
    throw error;
  }
}

/** Waits until `condition` gives something; 10 s is far more than any of it takes. */
export async function until<T>(condition: () => T | undefined | null | false, what: string, ms = 10_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== null && value !== false) return value;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
