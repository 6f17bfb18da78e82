import { findApp } from "../../src/domain/config.ts";
import { painterDeps, slackDeps } from "../../src/app/fronts.ts";
import type { Parts } from "../../src/app/open.ts";
import { environmentId, parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import type { Command } from "../../src/domain/environment.ts";
import { apply } from "../../src/engine/apply.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createSlack, type Slack } from "../../src/slack/app.ts";
import type { Painter } from "../../src/slack/painter.ts";
import { openTelemetry } from "../../src/telemetry.ts";
import { bot as tokens, seed } from "../slack-simulator/seed.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";
import { standingOf } from "../support/engine-world.ts";
import { until } from "../support/until.ts";

/** The real bot on PostgreSQL and the simulator, put together as the app puts it, but carrying nothing out on hosts. */
export type HomeWorld = AsyncDisposable & {
  readonly slack: TestSlack;
  readonly bot: HomeBot;
  /** Another replica, which listens to nobody. */
  another(name: string): Promise<HomeBot>;
  must(place: string, command: Command): Promise<void>;
  /** Asks for a revision as a person would. */
  ask(place: string, revision: Sha, who: string): Promise<DeploymentId>;
  open(user: string): Promise<void>;
  /** What stands on somebody's Home tab, as JSON; empty: they have none. */
  shown(user: string): string;
  /** Waits until it says so. */
  says(user: string, words: string): Promise<void>;
  click(user: string, action: string, about?: { readonly block?: string; readonly option?: string }): Promise<void>;
  /** What somebody reads in their messages with the bot. */
  told(user: string): string;
  published(): number;
};

export type HomeBot = { readonly engine: Engine; readonly slack: Slack; readonly painter: Painter; readonly faults: string[] };

const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      staging:
        deploy: automatically
        url: https://staging.acme.test
        allow: { guests: true }
        target: { type: ssh, hosts: [deploy@staging.acme.test], directory: /srv/shop, recipe: django }
      production:
        approval: { from: [U01ANN], expires: 24h }
        target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop, recipe: django }
  vault:
    repository: github:acme/vault
    channel: "#shop-deploys"
    visible_to: [U01ANN]
    environments:
      production:
        approval: { from: [U01ANN], expires: 24h }
        target: { type: ssh, hosts: [deploy@vault.acme.test], directory: /srv/vault, recipe: django }
`;

export function sha(number: number): Sha {
  const found = parseSha(number.toString(16).padStart(7, "0").padEnd(40, "a"));
  if (found === null) throw new Error("a revision of a test is none");
  return found;
}

/** Of "shop/production". */
function idOf(place: string): ReturnType<typeof environmentId> {
  const [app = "", environment = ""] = place.split("/");
  return environmentId(app, environment);
}

export async function openHomeWorld(options: { readonly pageFolder?: string } = {}): Promise<HomeWorld> {
  const channels = seed.channels.map((one) => (one.id === "C01DEPLOYS" ? { ...one, members: [...(one.members ?? []), "U04GUEST"] } : one));
  const slack = await startSlack({ seed: { ...seed, channels }, ...options });
  const desk = await openDesk();
  const bots: Slack[] = [];
  const painters: Painter[] = [];
  const another = async (name: string): Promise<HomeBot> => {
    const made = await openBot(slack, desk, name);
    bots.push(made.slack);
    painters.push(made.painter);
    return made;
  };
  const bot = await another("one");
  await bot.slack.start();
  const world: HomeWorld = {
    slack,
    bot,
    another,
    async must(name, command) {
      const applied = await apply(bot.engine, idOf(name), command);
      if (!applied.ok) throw new Error(`${applied.refusal.title} ${applied.refusal.reasons.map(({ text }) => text).join(" ")}`);
    },
    async ask(name, revision, who) {
      const id = bot.engine.newId() as DeploymentId;
      const standing = standingOf(who, { approver: false });
      const what = { revision, runId: null, changes: NO_CHANGES, missing: [], containsBlocked: null, id };
      await world.must(name, { kind: "request", standing, ...what });
      return id;
    },
    async open(user) {
      const before = slack.state().homes[user]?.["hash"];
      await slack.openHome({ user });
      await until(
        () => slack.state().homes[user]?.["hash"] !== before,
        () => `nobody drew the Home tab of ${user}`,
      );
    },
    shown(user) {
      const view = slack.state().homes[user];
      return view === undefined ? "" : JSON.stringify(view);
    },
    says: (user, words) =>
      until(
        () => world.shown(user).includes(words),
        () => `the Home tab of ${user} never said “${words}”: ${world.shown(user)}`,
        60_000,
      ),
    async click(user, action, about = {}) {
      const view = slack.state().homes[user];
      const blocks = (view?.["blocks"] ?? []) as readonly Readonly<Record<string, unknown>>[];
      const words = about.block ?? "";
      const at = blocks.findIndex((block) => JSON.stringify(block).includes(words));
      const block = blocks.slice(Math.max(0, at)).find((one) => JSON.stringify(one).includes(`"action_id":"${action}"`));
      const found = { view_id: String(view?.["id"]), block_id: String(block?.["block_id"]) };
      const option = about.option === undefined ? {} : { option: about.option };
      const { result } = await slack.click({ user, ...found, action_id: action, ...option });
      if (result !== "ok") throw new Error(`the press of ${action} was not taken: ${result}`);
    },
    told(user) {
      const channel = slack.state().channels.find((one) => one.is_im && one.user === user);
      return channel === undefined
        ? ""
        : slack
            .messages(channel.id)
            .map(({ text }) => text ?? "")
            .join("\n");
    },
    published: () => slack.state().dev.calls["views.publish"]?.total ?? 0,
    async [Symbol.asyncDispose]() {
      for (const painter of painters) await painter.stop();
      for (const each of bots) await each.stop();
      await desk[Symbol.asyncDispose]();
      await slack[Symbol.asyncDispose]();
    },
  };
  return world;
}

async function openBot(slack: TestSlack, desk: Desk, name: string): Promise<HomeBot> {
  const replica = await desk.open(name, { config: CONFIG });
  if (findApp(replica.engine.config, "vault") === undefined) throw new Error("the configuration lost an app");
  const telemetry = await openTelemetry({ level: "silent", secrets: [], sentryDsn: null, release: "test" });
  const parts = { telemetry, connectionString: desk.settings.connectionString } as Parts;
  const faults: string[] = [];
  const report = (fault: unknown): void => void faults.push(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
  let engine: Engine = replica.engine;
  const options = {
    botToken: tokens.botToken,
    signingSecret: tokens.signingSecret,
    appToken: tokens.appToken,
    apiUrl: slack.apiUrl,
    command: "/deploy",
    timezone: "UTC",
  };
  const made = await createSlack(options, { ...slackDeps(parts, () => engine), report });
  engine = { ...replica.engine, directory: made.directory, report };
  return { engine, slack: made, painter: made.painter({ ...painterDeps(parts, engine), report }), faults };
}
