import type { Env } from "../config/env.ts";
import type { Config } from "../domain/config.ts";
import { CARDS_CHANGED } from "../db/cards.ts";
import { markHomeDrawn } from "../db/home-viewers.ts";
import { cardElsewhere } from "../db/own-messages.ts";
import { markAnswered, unansweredClicks, type Delivery } from "../db/inbox.ts";
import { listen } from "../db/listen.ts";
import { takeTurn } from "../db/rates.ts";
import { cancelOf } from "../engine/cancel-of.ts";
import { deployChoices } from "../engine/choices.ts";
import { carryOut, takeClick } from "../engine/clicks.ts";
import { createInbox, type Read } from "../engine/deliveries.ts";
import type { Engine } from "../engine/engine.ts";
import { openedHome } from "../engine/home-redraw.ts";
import { laterOf } from "../engine/later-of.ts";
import { logFile } from "../engine/log-file.ts";
import { painting } from "../engine/painting.ts";
import { rollBackOf } from "../engine/roll-back-of.ts";
import { searchRefs } from "../engine/search-refs.ts";
import { seenByUser } from "../engine/seen-by.ts";
import { normaliseCi } from "../generic-ci/normalise.ts";
import { ciWebhook } from "../generic-ci/webhook.ts";
import { normaliseGitHub } from "../github/normalise.ts";
import { githubWebhook } from "../github/webhook.ts";
import { normaliseGitLab } from "../gitlab/normalise.ts";
import { gitlabWebhook } from "../gitlab/webhook.ts";
import { bufferedRoute } from "../http/route.ts";
import type { startHttp } from "../http/server.ts";
import { webhookRoutes } from "../http/webhook-route.ts";
import { hintFromStored } from "../sentry/hint.ts";
import { sentryWebhook } from "../sentry/webhook.ts";
import { PER_MINUTE } from "../slack/rate.ts";
import type { createSlack } from "../slack/app.ts";
import type { Click, PainterDeps } from "../slack/deps.ts";
import type { Telemetry } from "../telemetry.ts";
import type { Parts } from "./open.ts";
import { pictureOf } from "./picture-of.ts";

export function slackOptions({ env, config }: Parts): Parameters<typeof createSlack>[0] {
  return {
    botToken: env.slack.botToken.reveal(),
    signingSecret: env.slack.signingSecret.reveal(),
    appToken: env.slack.appToken?.reveal() ?? null,
    apiUrl: env.slack.apiUrl,
    command: config.command,
    timezone: config.timezone ?? process.env["TZ"] ?? "UTC",
  };
}

type Log = (level: "debug" | "info" | "warn" | "error", message: string, fields: Readonly<Record<string, string | number | null>>) => void;

function fronts({ telemetry }: Parts): { now(): Date; readonly report: Telemetry["report"]; readonly log: Log } {
  return { now: () => new Date(), report: telemetry.report, log: (level, message, fields) => telemetry.logger[level](fields, message) };
}

/** Slack gets plain functions; `engineOf` since the engine needs Slack's directory first. */
export function slackDeps(parts: Parts, engineOf: () => Engine): Parameters<typeof createSlack>[1] {
  const { telemetry } = parts;
  return {
    ...fronts(parts),
    takeClick: (click) => takeClick(engineOf(), click),
    takeTurn: (person) => takeTurn(engineOf().db, person, PER_MINUTE),
    async carryOut(id, person) {
      const answer = await carryOut(engineOf(), id, person);
      telemetry.metrics.clicks.inc({ outcome: answer.kind });
      return answer;
    },
    answered: (id) => markAnswered(engineOf().db, id, new Date()),
    unansweredClicks: () => unansweredClicks<Click>(engineOf().db),
    async vocabulary(user) {
      const { apps } = (await seenByUser(engineOf(), user)).config;
      return apps.map((app) => ({ app: app.name, environments: app.environments.map((environment) => environment.name) }));
    },
    deployChoices: async (wanted) => deployChoices(await seenByUser(engineOf(), wanted.user), wanted),
    searchRefs: async (wanted) => searchRefs(await seenByUser(engineOf(), wanted.user), wanted),
    rollBackOf: async (asked) => rollBackOf(await seenByUser(engineOf(), asked.user, { pressed: !("app" in asked) }), asked),
    laterOf: async (deployment, user) => laterOf(await seenByUser(engineOf(), user, { pressed: true }), deployment, user),
    cancelOf: async (asked) => cancelOf(await seenByUser(engineOf(), asked.user), asked),
    cardElsewhere: (message, deployment) => cardElsewhere(engineOf().db, message, deployment),
    home: (user) => openedHome(engineOf(), user),
    homeDrawn: (user, hash) => markHomeDrawn(engineOf().db, user, hash),
    logFile: (deployment) => logFile(engineOf(), deployment),
  };
}

export function painterDeps(parts: Parts, engine: Engine): PainterDeps {
  return {
    ...fronts(parts),
    ...painting(engine),
    picture: (reply, timezone) => pictureOf(engine, reply, timezone),
    subscribe(wake) {
      const listening = listen(parts.connectionString, CARDS_CHANGED, wake);
      // A connection that broke meanwhile is as good as closed.
      return () => void listening.stop().catch(() => undefined);
    },
  };
}

export function routes(
  { env, telemetry }: Parts,
  engine: Engine,
  slack: Awaited<ReturnType<typeof createSlack>>,
): Parameters<typeof startHttp>[0]["routes"] {
  const inbox = createInbox(engine);
  const webhooks = webhookRoutes({
    sources: webhookSources(env, engine.config),
    async store(delivery) {
      const taken = await inbox.take(delivery);
      telemetry.metrics.deliveries.inc({
        source: delivery.source,
        result: taken === "duplicate" ? taken : (delivery.result ?? "accepted"),
      });
      return taken;
    },
    log: telemetry.logger,
  });
  const events = bufferedRoute({
    path: "/slack/events",
    requires: ["x-slack-signature", "x-slack-request-timestamp"],
    serve: (request, response) => slack.requestListener(request, response),
  });
  return [...webhooks, events];
}

/** One connection of this kind has one repository; several apps may be in it. */
function isStrict(config: Config, connection: string): boolean {
  return config.apps.some(
    ({ repository, privacy }) => repository.kind === "ci" && repository.connection === connection && privacy === "strict",
  );
}

/** Whoever has a secret here. */
export function webhookSources(env: Env, config: Config): Parameters<typeof webhookRoutes>[0]["sources"] {
  const github = [...env.github].flatMap(([connection, account]) =>
    account.webhookSecret === null ? [] : [githubWebhook({ connection, secret: account.webhookSecret.reveal() })],
  );
  const ci = [...env.ci].flatMap(([connection, account]) =>
    account.webhookSecret === null
      ? []
      : [ciWebhook({ connection, secret: account.webhookSecret.reveal(), strict: isStrict(config, connection), now: () => new Date() })],
  );
  const gitlab = [...env.gitlab].flatMap(([connection, { webhookSecret, signingToken }]) =>
    webhookSecret === null && signingToken === null
      ? []
      : [
          gitlabWebhook({
            connection,
            secret: webhookSecret?.reveal() ?? null,
            signingToken: signingToken?.reveal() ?? null,
            now: () => new Date(),
          }),
        ],
  );
  const sentry = [...env.sentry].flatMap(([connection, account]) =>
    account.webhookSecret === null ? [] : [sentryWebhook({ connection, secret: account.webhookSecret.reveal() })],
  );
  return [...github, ...gitlab, ...ci, ...sentry];
}

/** What a stored delivery says, read by the adapter of its source. */
export function normalise({ source, event, body, headers }: Delivery): Read {
  switch (source) {
    case "github":
      return normaliseGitHub(event ?? "", body);
    case "gitlab":
      return normaliseGitLab(body);
    case "ci":
      return normaliseCi(event ?? "", body, headers);
    case "sentry":
      return hintFromStored(body);
    default:
      return { kind: "ignored", reason: `nothing reads deliveries of ${source}` };
  }
}
