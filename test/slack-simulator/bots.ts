import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from "@slack/bolt";
import type { AddressInfo } from "node:net";
import { bot } from "./seed.ts";
import type { TestSlack } from "./world.ts";

export type Mode = "socket" | "http";

/** A real Bolt app on the simulator, in either mode; it stops with the simulator, or by the function returned. */
export async function startBot(simulator: TestSlack, mode: Mode, listen: (app: App) => void): Promise<() => Promise<void>> {
  const clientOptions = { slackApiUrl: simulator.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true };
  const receiver =
    mode === "socket"
      ? new SocketModeReceiver({
          appToken: bot.appToken,
          logLevel: LogLevel.ERROR,
          installerOptions: { clientOptions },
          clientPingTimeout: 1000,
        })
      : new HTTPReceiver({ signingSecret: bot.signingSecret, logLevel: LogLevel.ERROR });
  const app = new App({ token: bot.botToken, receiver, clientOptions, logLevel: LogLevel.ERROR });
  listen(app);
  if (receiver instanceof HTTPReceiver) {
    const server = await receiver.start({ port: 0, host: "127.0.0.1" });
    const address = server.address();
    simulator.setRequestUrl(`http://127.0.0.1:${portOf(address)}/slack/events`);
  } else {
    await receiver.start();
  }
  let stopped = false;
  async function stop(): Promise<void> {
    if (!stopped) await app.stop();
    stopped = true;
  }
  simulator.stops.push(stop);
  return stop;
}

function portOf(address: string | AddressInfo | null): number {
  if (typeof address !== "object" || address === null) throw new Error("the bot's server has no port");
  return address.port;
}
