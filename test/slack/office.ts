import { createServer } from "node:http";
import type { Answer, DeployChoices, Intent } from "../../src/domain/intent.ts";
import type { RollBackOffer } from "../../src/domain/roll-back-offer.ts";
import { createSlack, type Slack } from "../../src/slack/app.ts";
import type { Click, Person, SlackDeps } from "../../src/slack/deps.ts";
import { bot } from "../slack-simulator/seed.ts";
import type { TestSlack } from "../slack-simulator/world.ts";
import { createBucket } from "./bucket.ts";
import { deploymentId, NOW, sha } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { home } from "./homes.ts";

export type Mode = "socket" | "http";

/** The bot's Slack side on the simulator, with clicks stored in memory; `ledger` outlives a restart. */
export type Office = {
  readonly slack: Slack;
  /** Where Slack posts to in HTTP mode. */ readonly url: string;
  readonly ledger: Ledger;
  readonly reports: string[];
  [Symbol.asyncDispose](): Promise<void>;
};

export type Ledger = {
  readonly clicks: Map<string, Click>;
  readonly answered: Set<string>;
  readonly carried: { readonly id: string; readonly intent: Intent; readonly person: Person | null }[];
};

export function emptyLedger(): Ledger {
  return { clicks: new Map(), answered: new Set(), carried: [] };
}

export const choices: DeployChoices = {
  apps: ["shop", "blog"],
  app: "shop",
  environments: ["staging", "production"],
  environment: "production",
  chosen: { value: sha("9f3c2ab"), name: "feat(pay): pay with Bancontact", note: "9f3c2ab" },
  preview: everyCard()["approval"] ?? null,
  warnings: [{ rule: "freeze", text: "frozen from <Friday> 15:00", owner: "freeze in greenlight.yml", liftsAt: NOW }],
  doing: "asks",
  effect: "This asks @product-owners for one yes.",
};

export const offer: RollBackOffer = {
  pressed: { deployment: deploymentId(1), counter: 3, digest: "0123456789abcdef" },
  app: "shop",
  environment: "production",
  number: 812,
  revision: sha("9f3c2ab"),
  ways: [
    { revision: sha("4c1e77d"), title: "feat: faster <search>", healthySince: NOW },
    { revision: sha("1a2b3c4"), title: null, healthySince: null },
  ],
  against: null,
  running: false,
};

export async function openOffice(
  simulator: TestSlack,
  mode: Mode,
  changed: { readonly ledger?: Ledger; readonly deps?: Partial<SlackDeps>; carryOut?(click: Click): Promise<Answer> } = {},
): Promise<Office> {
  const ledger = changed.ledger ?? emptyLedger();
  const reports: string[] = [];
  const hasTurn = createBucket();
  const deps: SlackDeps = {
    async takeClick(click) {
      if (ledger.clicks.has(click.id)) return "known";
      ledger.clicks.set(click.id, click);
      return "taken";
    },
    takeTurn: async (person) => hasTurn(person),
    async carryOut(id, person) {
      const click = ledger.clicks.get(id);
      if (click === undefined) throw new Error(`no click ${id}`);
      ledger.carried.push({ id, intent: click.intent, person });
      return changed.carryOut === undefined ? { kind: "done", text: `did ${click.intent.kind}` } : changed.carryOut(click);
    },
    answered: async (id) => void ledger.answered.add(id),
    unansweredClicks: async () => [...ledger.clicks.values()].filter((click) => !ledger.answered.has(click.id)),
    vocabulary: async () => [
      { app: "shop", environments: ["staging", "production"] },
      { app: "blog", environments: ["production"] },
    ],
    deployChoices: async (wanted) => ({
      ...choices,
      app: wanted.app ?? choices.app,
      environment: wanted.environment ?? choices.environment,
      chosen: wanted.revision === null ? choices.chosen : { value: wanted.revision, name: wanted.revision, note: null },
    }),
    searchRefs: async ({ text }) => ({
      candidates: [{ value: sha("4c1e77d"), name: "feat: faster <search>", note: "4c1e77d, live now" }],
      branches: [{ value: `refs/heads/${text}`, name: text, note: null }].filter(({ name }) => name !== ""),
      tags: [],
      commits: [],
      away: false,
    }),
    async rollBackOf(asked) {
      const to = "app" in asked ? (asked.to ?? null) : null;
      return to === null ? offer : { ...offer, chosen: offer.ways.find(({ revision }) => revision.startsWith(to))?.revision ?? null };
    },
    cancelOf: async () => ({ kind: "one", pressed: { deployment: deploymentId(1), counter: 3, digest: "0123456789abcdef" } }),
    logFile: async () => ({
      name: "shop-production-12.log",
      title: "shop/production#12",
      text: "==> web-1 migrate\nno such table: ünïcode\n",
    }),
    laterOf: async () => ({
      app: "shop",
      environment: "production",
      opening: null,
      suggested: new Date(Date.now() + 3_600_000),
      latest: new Date(Date.now() + 7 * 86_400_000),
      timezone: "Europe/Brussels",
    }),
    cardElsewhere: async () => null,
    home: async () => home(),
    homeDrawn: async () => undefined,
    now: () => new Date(),
    report: (fault) => void reports.push(fault instanceof Error ? fault.message : String(fault)),
    log: () => undefined,
    ...changed.deps,
  };
  const options = {
    botToken: bot.botToken,
    signingSecret: bot.signingSecret,
    appToken: mode === "socket" ? bot.appToken : null,
    apiUrl: simulator.apiUrl,
    command: "/deploy",
    timezone: "Europe/Brussels",
  };
  const slack = await createSlack(options, deps);
  const server = mode === "http" ? await serve(slack, simulator) : null;
  await slack.start();
  let open = true;
  return {
    slack,
    url: server?.url ?? "",
    ledger,
    reports,
    async [Symbol.asyncDispose]() {
      if (!open) return;
      open = false;
      await slack.stop();
      server?.close();
    },
  };
}

async function serve(slack: Slack, simulator: TestSlack): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(slack.requestListener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the bot's server has no port");
  const url = `http://127.0.0.1:${address.port}/slack/events`;
  simulator.setRequestUrl(url);
  return {
    url,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
