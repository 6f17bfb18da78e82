import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { saveDelegation } from "../../src/db/delegations.ts";
import { environmentId, parseSha, type DeploymentId } from "../../src/domain/ids.ts";
import type { Answer, Intent } from "../../src/domain/intent.ts";
import { act } from "../../src/engine/act.ts";
import { apply } from "../../src/engine/apply.ts";
import { cancelOf } from "../../src/engine/cancel-of.ts";
import { deployChoices } from "../../src/engine/choices.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { homeOf } from "../../src/engine/home.ts";
import { rollBackOf } from "../../src/engine/roll-back-of.ts";
import { searchRefs } from "../../src/engine/search-refs.ts";
import { seenByUser } from "../../src/engine/seen-by.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";
import type { Replica } from "../support/engine-replica.ts";
import { standingOf } from "../support/engine-world.ts";

/** Three apps: everybody's, one for those that it lists, and one for those who are in its private channel. */
const app = (name: string, channel: string, rest: string): string => `  ${name}:
    repository: github:acme/${name}
    channel: "${channel}"
    ${rest}
    environments:
      production:
        approval: { from: ["@product-owners"], count: 1, expires: 24h }
        on_call: [UONCALL]
        target: { type: ssh, hosts: [deploy@${name}.acme.test], directory: /srv/${name}, recipe: django }
`;
const CONFIG = `apps:
${app("shop", "#shop-deploys", "branch: main")}${app("vault", "#vault", "visible_to: [UOWNER]")}${app("crypt", "#crypt", "branch: main")}`;
const HIDDEN = /vault|crypt/u;
let desk: Desk;
let one: Replica;

beforeAll(async () => {
  desk = await openDesk();
  one = await desk.open("one", { config: CONFIG });
  one.far.hidden.set("#crypt", ["UMEMBER"]);
});
afterAll(() => desk[Symbol.asyncDispose]());

async function asks(user: string, intent: Intent, engine: Engine = one.engine): Promise<Answer> {
  const person = await one.far.directory.person(user);
  const actor = { kind: "slack" as const, id: user, name: user };
  return act(engine, intent, { actor, person, ours: true }, async () => undefined);
}

async function appsOf(user: string): Promise<readonly string[]> {
  return (await seenByUser(one.engine, user)).config.apps.map(({ name }) => name);
}

describe("who sees which app", () => {
  test.each([
    { user: "USTRANGER", sees: ["shop"], why: "of those with readers only what is everybody's" },
    { user: "UOWNER", sees: ["shop", "vault"], why: "`visible_to`" },
    { user: "UMEMBER", sees: ["shop", "crypt"], why: "the private channel" },
    { user: "UPETRA", sees: ["shop", "vault", "crypt"], why: "an approver, who is in neither" },
    { user: "UONCALL", sees: ["shop", "vault", "crypt"], why: "on call" },
  ])("$user sees $sees: $why", async ({ user, sees }) => {
    expect(await appsOf(user)).toEqual(sees);
  });

  test("who is on duty by a roster sees what its environments are of, and nobody while it cannot be read", async () => {
    const vault = one.engine.config.apps.find(({ name }) => name === "vault");
    if (vault === undefined) throw new Error("the configuration has changed");
    const environments = vault.environments.map((environment) => ({
      ...environment,
      onCall: [{ kind: "roster" as const, connection: "duty" }],
    }));
    const apps = one.engine.config.apps.map((each) => (each === vault ? { ...vault, environments } : each));
    const engine = { ...one.engine, config: { ...one.engine.config, apps } };
    const seen = async (user: string) => (await seenByUser(engine, user)).config.apps.map(({ name }) => name);
    expect(await seen("UDUTY")).toEqual(["shop"]);
    one.far.duty.ask = async () => ({ kind: "read", people: [{ kind: "id", id: "UDUTY" }] });
    expect(await seen("UDUTY")).toEqual(["shop", "vault"]);
    expect(await seen("USTRANGER")).toEqual(["shop"]);
  });

  test("a stand-in sees what they say yes to, as long as they stand in, and for nobody who has no right", async () => {
    const now = one.engine.clock();
    const given = { app: "vault", to: "UDORA", at: now };
    await saveDelegation(one.engine.db, { ...given, from: "USTRANGER", until: new Date(now.getTime() + 60_000) });
    expect(await appsOf("UDORA")).toEqual(["shop"]);
    await saveDelegation(one.engine.db, { ...given, from: "UPETRA", until: new Date(now.getTime() - 1) });
    expect(await appsOf("UDORA")).toEqual(["shop"]);
    await saveDelegation(one.engine.db, { ...given, from: "UPETRA", until: new Date(now.getTime() + 60_000) });
    expect(await appsOf("UDORA")).toEqual(["shop", "vault"]);
  });

  test("while Slack does not say who reads a channel, nothing is shown and that is said", async () => {
    const { directory } = one.engine;
    const silent = { ...one.engine, directory: { ...directory, readsChannel: () => Promise.reject(new Error("ECONNREFUSED")) } };
    const answer = await asks("UMEMBER", { kind: "status", app: "crypt" }, silent);
    expect(answer).toMatchObject({ kind: "refused", refusal: { title: "Not done: Slack did not say what you may see." } });
    expect(JSON.stringify(answer)).not.toMatch(HIDDEN);
    await expect(seenByUser(silent, "UMEMBER")).rejects.toThrow("who reads a channel");
  });
});

test("who presses what stands before them is let in to be told why not; where `visible_to` names others, also then nobody else", async () => {
  const { directory } = one.engine;
  const guest = async (id: string) => {
    const person = await directory.person(id);
    return person === null ? null : { ...person, guest: true };
  };
  const engine = { ...one.engine, directory: { ...directory, person: guest } };
  const apps = async (pressed: boolean) => (await seenByUser(engine, "USTRANGER", { pressed })).config.apps.map(({ name }) => name);
  expect(await apps(false)).toEqual([]);
  expect(await apps(true)).toEqual(["shop", "crypt"]);
});

const sshTo = (place: string): string =>
  `target: { type: ssh, hosts: [deploy@${place}.acme.test], directory: /srv/${place}, recipe: django }`;

test("whom one environment lets in sees that one alone: status and the Home tab say nothing of the others", async () => {
  const config = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      staging: { deploy: automatically, allow: { guests: true }, ${sshTo("staging")} }
      production: { deploy: automatically, freeze: [{ days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "24:00", timezone: UTC }], ${sshTo("web-1")} }
`;
  await using other = await openDesk();
  const { engine: whole } = await other.open("two", { config });
  const { directory } = whole;
  const revision = parseSha("1".repeat(40));
  if (revision === null) throw new Error("a revision of a test is none");
  const standing = standingOf("UDORA");
  const queued = whole.newId() as DeploymentId;
  const asked = {
    kind: "request",
    standing,
    revision,
    runId: null,
    changes: NO_CHANGES,
    missing: [],
    containsBlocked: null,
    id: queued,
  } as const;
  expect((await apply(whole, environmentId("shop", "production"), asked)).ok).toBe(true);
  const seen = async (guest: boolean): Promise<Readonly<Record<string, readonly string[]>>> => {
    const person = async (id: string) => {
      const known = await directory.person(id);
      return known === null ? null : { ...known, guest };
    };
    const engine = { ...whole, directory: { ...directory, person } };
    const by = { actor: { kind: "slack" as const, id: "USTRANGER", name: "Eve" }, person: await person("USTRANGER"), ours: true };
    const status = await act(engine, { kind: "status", app: "shop" }, by, async () => undefined);
    const home = await homeOf(engine, "USTRANGER");
    return {
      status: status.kind === "status" ? status.rows.map(({ environment }) => environment) : [],
      places: home.places.shown.map(({ environment }) => environment),
      holds: home.holds.shown.map(({ environment }) => environment),
      running: home.running.shown.map(({ card }) => card.environment.name),
    };
  };
  expect(await seen(true)).toEqual({ status: ["staging"], places: ["staging"], holds: [], running: [] });
  expect(await seen(false)).toEqual({
    status: ["staging", "production"],
    places: ["staging", "production"],
    holds: ["production"],
    running: ["production"],
  });
});

function about(name: string): readonly Intent[] {
  const place = { app: name, environment: "production" };
  return [
    { kind: "status", app: name },
    ...(["history", "diff", "why"] as const).flatMap((kind): readonly Intent[] => [
      { kind, app: name, environment: null },
      { kind, ...place },
    ]),
    { kind: "queue", app: name },
    { kind: "trust", app: name },
    { kind: "name_alarm", ...place, number: 1, isReal: false },
    { kind: "deploy", ...place, ref: null },
    { kind: "deploy", ...place, ref: "main" },
    { kind: "lock", ...place, reason: "mine", forMs: 60_000 },
    { kind: "freeze", ...place, reason: "mine", forMs: 60_000 },
    { kind: "unlock", ...place },
    { kind: "unfreeze", ...place },
    { kind: "ask_unlock", ...place },
    { kind: "validate", ...place },
    { kind: "not_yet", ...place, reason: "no" },
    { kind: "delegate", app: name, to: "UEVE", untilMs: null },
    { kind: "undelegate", app: name, to: "UEVE" },
    { kind: "mute", app: name, forMs: null },
    { kind: "unmute", app: name },
  ];
}

/** Without when it was said. */
function wordsOf(answer: Answer): string {
  return JSON.stringify(answer, (key, value: unknown) => (key === "now" ? null : value));
}

describe("to whoever may not see it an app is as one that was never configured", () => {
  test.each(["vault", "crypt"])("every command about %s", async (name) => {
    for (const [index, intent] of about(name).entries()) {
      const never = about("nowhere")[index];
      if (never === undefined) throw new Error("the two lists differ");
      const [said, unknown] = [await asks("USTRANGER", intent), await asks("USTRANGER", never)];
      expect({ kind: intent.kind, said: wordsOf(said).replaceAll(name, "nowhere") }).toEqual({ kind: intent.kind, said: wordsOf(unknown) });
    }
  });

  test("no list, help, form, search or Home tab names it", async () => {
    const seen = await seenByUser(one.engine, "USTRANGER");
    const nothing = { app: null, environment: null, revision: null, user: "USTRANGER" };
    const shown = [
      await asks("USTRANGER", { kind: "status", app: null }),
      await asks("USTRANGER", { kind: "queue", app: null }),
      await asks("USTRANGER", { kind: "help" }),
      await asks("USTRANGER", { kind: "mute", app: null, forMs: null }),
      await deployChoices(seen, nothing),
      await deployChoices(seen, { ...nothing, app: "vault" }),
      await searchRefs(seen, { app: "vault", environment: "production", text: "" }),
      await rollBackOf(seen, { app: "vault", environment: "production" }),
      await cancelOf(seen, { app: "vault", environment: null, number: null }),
      await homeOf(one.engine, "USTRANGER"),
    ];
    for (const what of shown) expect(JSON.stringify(what)).not.toMatch(HIDDEN);
    const none = { ...seen, config: { ...seen.config, apps: [] } };
    expect(await deployChoices(none, nothing)).toBeNull();
    const mine = await asks("UOWNER", { kind: "status", app: null });
    expect(JSON.stringify(mine)).toMatch(/vault/u);
    expect(JSON.stringify(mine)).not.toMatch(/crypt/u);
  });
});
