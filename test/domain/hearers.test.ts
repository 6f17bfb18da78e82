import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import type { App } from "../../src/domain/config.ts";
import type { ChangeSet } from "../../src/domain/deployment.ts";
import type { Command, Effect, Notice } from "../../src/domain/environment.ts";
import { heard } from "../../src/domain/hearers.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import { toldPrivately } from "../../src/domain/told.ts";
import {
  approved,
  ended,
  healthy,
  measured,
  modelOf,
  newId,
  NOTHING,
  OLAF,
  PETRA,
  rechecked,
  requested,
  sha,
  verdict,
  type Model,
} from "./model.ts";

const AUTHORS = { ann: "U01ANN", bob: "U02BOB", petra: "UPETRA" } as const;

function author(name: keyof typeof AUTHORS) {
  return { name, email: null, login: name, slackId: AUTHORS[name] };
}

function change(by: keyof typeof AUTHORS, number: number) {
  return { revision: sha(number), title: `feat: step ${number}\n\nmore words`, author: author(by), url: null, pullRequest: null };
}

/** Ann wrote two changes, Petra one, Bob only merged. */
const CHANGES: ChangeSet = {
  ...NOTHING,
  changes: [change("ann", 2), change("ann", 3), change("petra", 4)],
  authors: [author("ann"), author("petra"), author("bob")],
};

function targetOf(name: string): string {
  const watch = `watch: { for: 30m, http: { url: "https://${name}.acme.test/health" } }`;
  return `target: { type: ssh, hosts: [deploy@${name}.acme.test], directory: /srv/shop, recipe: django }\n        ${watch}`;
}

function appOf(lines: string): App {
  const text = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    ${lines}
    environments:
      staging:
        approval: { from: [UPETRA, UOLAF] }
        ${targetOf("staging")}
      production:
        approval: { from: [UPETRA, UOLAF] }
        ${targetOf("production")}
`;
  const parsed = parseConfig(text, "greenlight.yml");
  const [app] = parsed.ok ? parsed.value.apps : [];
  if (app === undefined) throw new Error("the configuration of a test is wrong");
  return app;
}

/** Decides, and gives what people hear of it. */
function hears(app: App, model: Model, command: Command): readonly Effect[] {
  const before = model.snapshot;
  const decision = model.must(command);
  // An id that this decision inserts is in the snapshot that follows.
  const snapshot = {
    ...before,
    open: [...before.open, ...model.snapshot.open.filter(({ id }) => !before.open.some((one) => one.id === id))],
  };
  return [...heard(app, snapshot, decision), ...toldPrivately(snapshot, decision)];
}

function ready(app: App, environment = "production"): { readonly model: Model; readonly id: DeploymentId } {
  const found = app.environments.find(({ name }) => name === environment);
  if (found === undefined) throw new Error(`no environment ${environment}`);
  const model = modelOf(found);
  healthy(model, 1);
  const asked = requested(5, { changes: CHANGES, standing: PETRA });
  model.must(asked);
  model.must(approved(model, asked.id, OLAF));
  model.must(rechecked(model));
  return { model, id: asked.id };
}

function notices(effects: readonly Effect[]): readonly Notice[] {
  return effects.filter((effect): effect is Notice => effect.kind === "notice");
}

function pings(effects: readonly Effect[]) {
  return effects.flatMap((effect) => (effect.kind === "reply" && effect.reply.ping !== null ? [effect.reply] : []));
}

function elsewhere(effects: readonly Effect[]): number {
  return notices(effects).filter(({ to }) => to === "#alerts").length;
}

const FAILED = { kind: "failed", because: "Step migrate failed on web-1", switched: [] } as const;

function rollBack(deployment: DeploymentId): Command {
  return { kind: "roll_back", standing: PETRA, deployment, reason: "it is broken", id: newId() };
}

describe("other channels of the app", () => {
  const also = 'also: [{ channel: "#alerts", only: failures }, { channel: "#qa", only: failures, environments: [staging] }]';

  test.each([
    { environment: "production", channels: ["#alerts"] },
    { environment: "staging", channels: ["#alerts", "#qa"] },
  ])("hear what fails in $environment once, with its place and without calling anybody", ({ environment, channels }) => {
    const app = appOf(also);
    const { model, id } = ready(app, environment);
    const said = notices(hears(app, model, ended(id, FAILED))).filter(({ to }) => to.startsWith("#"));
    expect(said.map(({ to }) => to)).toEqual(channels);
    for (const { text } of said) {
      expect(text).toMatch(new RegExp(`^shop in ${environment}, #2: Failed: Step migrate failed`, "u"));
      expect(text).not.toContain("<@");
    }
    expect(new Set(said.map(({ key }) => key)).size).toBe(1);
  });

  test("hear of a regression and a rollback, and nothing of what goes well or waits", () => {
    const app = appOf(also);
    const { model, id } = ready(app);
    expect(elsewhere(hears(app, model, ended(id)))).toBe(0);
    expect(elsewhere(hears(app, model, measured(id, verdict("regressed", "act", true))))).toBe(1);
    const back = rollBack(id);
    hears(app, model, back);
    if (back.kind !== "roll_back") throw new Error("no rollback");
    expect(elsewhere(hears(app, model, ended(back.id)))).toBe(1);
    expect(elsewhere(hears(app, model, requested(6)))).toBe(0);
  });
});

describe("in the channel too", () => {
  test.each([
    { setting: "branch: main", regression: true, failed: false, rollbackFailed: true },
    { setting: "broadcast: true", regression: true, failed: false, rollbackFailed: true },
    { setting: "broadcast: false", regression: false, failed: false, rollbackFailed: false },
  ])("with `$setting`", ({ setting, regression, failed, rollbackFailed }) => {
    const app = appOf(setting);
    const first = ready(app);
    expect(pings(hears(app, first.model, ended(first.id, FAILED))).map(({ broadcast }) => broadcast)).toEqual([failed]);
    const { model, id } = ready(app);
    hears(app, model, ended(id));
    const seen = pings(hears(app, model, measured(id, verdict("regressed", "act", true))));
    expect(seen.map(({ ping, broadcast }) => [ping, broadcast])).toEqual([["regression", regression]]);
    const back = rollBack(id);
    model.must(back);
    if (back.kind !== "roll_back") throw new Error("no rollback");
    const ends = pings(hears(app, model, ended(back.id, { ...FAILED, switched: ["web-1"] }))).filter(({ ping }) => ping === "failed");
    expect(ends.map(({ broadcast }) => broadcast)).toEqual([rollbackFailed]);
  });
});

describe("authors", () => {
  const app = appOf("branch: main");

  test("are named by the ping of what went wrong, of a rollback those of what it takes back, and never by a question", () => {
    const { model, id } = ready(app);
    hears(app, model, ended(id));
    const everybody = ["U01ANN", "UPETRA", "U02BOB"];
    expect(pings(hears(app, model, measured(id, verdict("regressed", "act", true)))).map(({ authors }) => authors)).toEqual([everybody]);
    const back = rollBack(id);
    model.must(back);
    if (back.kind !== "roll_back") throw new Error("no rollback");
    expect(pings(hears(app, model, ended(back.id))).map(({ ping, authors }) => [ping, authors])).toEqual([["rolled_back", everybody]]);
    const asked = pings(hears(app, model, requested(6, { changes: CHANGES })));
    expect(asked.map(({ ping, authors }) => [ping, authors])).toEqual([["approval", undefined]]);
  });

  test("are told of their own changes when they are live in the last environment alone; who only merged is told nothing", () => {
    const production = ready(app);
    const live = notices(hears(app, production.model, ended(production.id))).filter(({ text }) => !text.startsWith("Live:"));
    expect(live.map(({ to, text }) => [to, text])).toEqual([
      ["U01ANN", "2 changes of yours are live: shop in production (#2)."],
      ["UPETRA", "Your change “feat: step 4” is live: shop in production (#2)."],
    ]);
    const staging = ready(app, "staging");
    const early = notices(hears(app, staging.model, ended(staging.id))).filter(({ text }) => !text.startsWith("Live:"));
    expect(early).toEqual([]);
  });

  test("who is author and asked for it is told by one key when it is live, and by one when it goes back", () => {
    const { model, id } = ready(app);
    const live = notices(hears(app, model, ended(id))).filter(({ to }) => to === "UPETRA");
    expect(live.map(({ key }) => key)).toEqual([`live:${id}`, `live:${id}`]);
    const back = rollBack(id);
    model.must(back);
    if (back.kind !== "roll_back") throw new Error("no rollback");
    const gone = notices(hears(app, model, ended(back.id))).filter(({ to }) => to === "UPETRA");
    expect(gone.map(({ key }) => key)).toEqual([`rolled_back:${back.id}`, `rolled_back:${back.id}`]);
    expect(gone[0]?.text).toMatch(/^Your change “feat: step 4” was rolled back: shop in production is back on/u);
  });
});
