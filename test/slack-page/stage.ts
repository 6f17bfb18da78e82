import { App, LogLevel, SocketModeReceiver } from "@slack/bolt";
import { WebClient } from "@slack/web-api";
import { fileURLToPath } from "node:url";
import { startSlackSimulator, type SlackSimulator } from "../../sandbox/slack/server.ts";
import type { Rendered } from "../../src/slack/render/drawing.ts";
import { bot, controlToken, DEPLOYS, seed, world } from "./team.ts";

const pageFolder = fileURLToPath(new URL("../../sandbox/slack/page/", import.meta.url));

/** The real simulator with its page, the real client of a bot, and the worlds' verbs noted down. */
export type Stage = {
  readonly slack: SlackSimulator;
  readonly web: WebClient;
  /** Verbs that the page sent to the world. */
  readonly pressed: { verb: string; user: unknown }[];
  /** Address of the page: who one acts as, and the theme. */
  at(options?: { readonly as?: string; readonly theme?: "light" | "dark" }): string;
  post(card: Rendered, more?: { readonly thread_ts?: string; readonly reply_broadcast?: boolean }): Promise<string>;
  edit(ts: string, card: Rendered): Promise<void>;
  publish(change?: object): void;
  /** A small Bolt app that answers presses over Socket Mode until the stage is taken down. */
  bot(listen: (app: App) => void): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function startStage(): Promise<Stage> {
  const slack = await startSlackSimulator({ seed, bot, controlToken, relaxed: true, pageFolder });
  const web = new WebClient(bot.botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
  const pressed: Stage["pressed"] = [];
  const bots: App[] = [];
  slack.route("/_world/", ({ path, body, response }) => {
    const given: unknown = JSON.parse(body.toString());
    const user = typeof given === "object" && given !== null && "user" in given ? given.user : null;
    pressed.push({ verb: path.slice("/_world/".length), user });
    response.writeHead(200, { "content-type": "application/json" });
    response.end("{}");
  });
  return {
    slack,
    web,
    pressed,
    at: (options = {}) =>
      `${slack.url}/?token=${controlToken}${options.as === undefined ? "" : `&as=${options.as}`}&theme=${options.theme ?? "light"}`,
    async post({ text, blocks }, more = {}) {
      const shared = { channel: DEPLOYS, text, blocks };
      const { thread_ts: thread } = more;
      const posted =
        thread === undefined
          ? await web.chat.postMessage(shared)
          : await web.chat.postMessage({ ...shared, thread_ts: thread, reply_broadcast: more.reply_broadcast ?? false });
      return posted.ts ?? "";
    },
    async edit(ts, { text, blocks }) {
      await web.chat.update({ channel: DEPLOYS, ts, text, blocks });
    },
    publish: (change = {}) => slack.publish("world", { ...world, ...change }),
    async bot(listen) {
      bots.push(await startBot(slack, listen));
    },
    async [Symbol.asyncDispose]() {
      for (const app of bots) await app.stop();
      await slack.close();
    },
  };
}

async function startBot(slack: SlackSimulator, listen: (app: App) => void): Promise<App> {
  const clientOptions = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } };
  const receiver = new SocketModeReceiver({
    appToken: bot.appToken,
    logLevel: LogLevel.ERROR,
    installerOptions: { clientOptions },
    clientPingTimeout: 1000,
  });
  const app = new App({ token: bot.botToken, receiver, clientOptions, logLevel: LogLevel.ERROR });
  listen(app);
  await receiver.start();
  return app;
}
