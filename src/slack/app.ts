import type { RequestListener } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { App } from "@slack/bolt";
import type { Directory } from "../ports.ts";
import { checkSlack, type Identity, readIdentity } from "./boot.ts";
import { type Channels, createChannels, isChannelId } from "./channels.ts";
import { createClients, sdkLogger } from "./clients.ts";
import type { PainterDeps, SlackDeps } from "./deps.ts";
import { createDirectory } from "./directory.ts";
import { listenToActions } from "./listeners/actions.ts";
import { listenToAlarms } from "./listeners/alarm.ts";
import { listenToApprovals } from "./listeners/approval.ts";
import { listenToCommands } from "./listeners/commands.ts";
import { listenToDeployModal } from "./listeners/deploy-modal.ts";
import { listenToHolds } from "./listeners/hold.ts";
import { listenToHome } from "./listeners/home.ts";
import { listenToLooks } from "./listeners/look.ts";
import { limitRate } from "./listeners/rate.ts";
import { listenToMessageShortcut } from "./listeners/roll-back-modal.ts";
import { listenToTwins } from "./listeners/twins.ts";
import { listenToViews } from "./listeners/views.ts";
import type { Desk } from "./listeners/desk.ts";
import { createPainter, type Painter } from "./painter.ts";
import { createPresses } from "./presses.ts";
import { httpLine } from "./receivers.ts";
import { socketLine } from "./socket-line.ts";

export type SlackOptions = {
  readonly botToken: string;
  readonly signingSecret: string;
  /** Its presence selects Socket Mode. */
  readonly appToken: string | null;
  /** Null: the real Slack. */
  readonly apiUrl: string | null;
  /** With its slash, `/deploy`. */
  readonly command: string;
  /** For what cannot be shown in each reader's own time: titles and notifications. IANA name. */
  readonly timezone: string;
};

export type Slack = {
  /** HTTP mode: mounted at `POST /slack/events` by our own server; it reads the raw body itself. Socket Mode: 404. */
  readonly requestListener: RequestListener;
  /** Connects, and carries out what was stored and never answered. Does not wait for a Slack that is away. */
  start(): Promise<void>;
  /** Stops listening, then waits a few seconds for answers on their way. */
  stop(): Promise<void>;
  readonly directory: Directory;
  connected(): boolean;
  /** What is wrong between us and Slack, in sentences that say what to do. `channels` as configured. */
  check(channels: readonly string[]): Promise<readonly string[]>;
  /** The one that draws; started and stopped by whoever asks for it, before `stop` of this. */
  painter(deps: PainterDeps): Painter;
};

const DRAIN_MS = 5_000;
/** Of the three seconds to an ack; without our own ids Bolt only cannot tell our own events from others'. */
const IDENTITY_MS = 500;

export async function createSlack(options: SlackOptions, deps: SlackDeps): Promise<Slack> {
  const logger = sdkLogger(deps.log);
  const clients = createClients(options, logger);
  const identity = once(() => readIdentity(clients.ui));
  const channels = createChannels(clients.painter, () => deps.now().getTime());
  const directory = createDirectory(clients.ui, { now: deps.now, log: deps.log, channels, team: async () => (await identity()).team });
  const presses = createPresses(clients.ui, directory, deps);
  const line =
    options.appToken === null
      ? httpLine({ signingSecret: options.signingSecret, logger, now: deps.now })
      : socketLine({ appToken: options.appToken, apiUrl: options.apiUrl, logger });
  const app = new App({
    receiver: line.receiver,
    logger,
    authorize: () => authorized(options.botToken, identity),
    ...(options.apiUrl === null ? {} : { clientOptions: { slackApiUrl: options.apiUrl } }),
  });
  app.error(async (error) => deps.report(error, { doing: "listening to Slack" }));
  listen(app, { client: clients.ui, presses, directory, deps, command: options.command, timezone: options.timezone });

  return {
    requestListener: line.requestListener,
    directory,
    connected: line.connected,
    async start() {
      await app.start();
      await presses.resume();
    },
    async stop() {
      await app.stop();
      await presses.drain(DRAIN_MS);
    },
    check: (wanted) => checkSlack({ identity, channels, wanted }),
    painter: (painterDeps) =>
      createPainter(
        {
          client: clients.painter,
          mayReadHistory: () =>
            identity().then(
              (known) => known.scopes.includes("channels:history"),
              () => false,
            ),
          timezone: () => options.timezone,
          groups: () => directory.groups(),
          channelId: (channel) => idOf(channels, channel),
          isShared: (channel) =>
            channels.find(channel).then(
              (found) => found?.shared === true,
              () => false,
            ),
        },
        painterDeps,
      ),
  };
}

/** A name that cannot be looked up goes to Slack as it is: it knows public ones, and says what is wrong with others. */
async function idOf(channels: Channels, channel: string): Promise<string> {
  if (isChannelId(channel)) return channel;
  const found = await channels.find(channel).catch(() => null);
  return found?.id ?? channel;
}

function listen(app: App, desk: Desk): void {
  listenToTwins(app, desk);
  limitRate(app, desk);
  listenToActions(app, desk);
  listenToHolds(app, desk);
  listenToLooks(app, desk);
  listenToAlarms(app, desk);
  listenToApprovals(app, desk);
  listenToDeployModal(app, desk);
  listenToMessageShortcut(app, desk);
  listenToViews(app, desk);
  listenToCommands(app, desk);
  listenToHome(app, desk);
}

/** Bolt asks on every event; a Slack that does not answer must not keep a click from being stored. */
async function authorized(
  botToken: string,
  identity: () => Promise<Identity>,
): Promise<{ botToken: string; botId?: string; botUserId?: string }> {
  const known = await Promise.race([identity().catch(() => null), pause(IDENTITY_MS, null, { ref: false })]);
  return known === null ? { botToken } : { botToken, botId: known.botId, botUserId: known.botUserId };
}

/** Remembers the first success; a failure is asked again. */
function once<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let known: Promise<Value> | null = null;
  return () => {
    if (known === null) {
      const asked = read();
      known = asked;
      asked.catch(() => {
        if (known === asked) known = null;
      });
    }
    return known;
  };
}
