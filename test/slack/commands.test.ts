import { expect, test } from "vitest";
import type { CancelOffer } from "../../src/domain/cancel-offer.ts";
import { INPUTS } from "../../src/slack/action-ids.ts";
import { seed } from "../slack-simulator/seed.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { openOffice, type Office } from "./office.ts";

async function typed(slack: TestSlack, text: string, user = "U01ANN"): Promise<void> {
  const outcome = await slack.command({ user, channel: "C01DEPLOYS", text: `/deploy ${text}` });
  expect([text, outcome.result]).toEqual([text, "ok"]);
}

function heard(slack: TestSlack, user = "U01ANN"): string {
  return JSON.stringify(slack.ephemerals(user).map((message) => [message.text, message.blocks]));
}

function asked(office: Office): readonly unknown[] {
  return office.ledger.carried.map((carried) => carried.intent);
}

test("every word of the command comes in from Slack, as it escapes people and channels", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "http");
  const at = { app: "shop", environment: "production" };
  const forms: readonly (readonly [string, object])[] = [
    ["HISTORY of shop", { kind: "history", app: "shop", environment: null }],
    ["diff shop production", { kind: "diff", ...at }],
    ["why is shop", {}],
    ["why shop in production?", { kind: "why", ...at }],
    ["queue", { kind: "queue", app: null }],
    ["cancel shop production", { kind: "cancel", thenRollBack: false, counter: 3 }],
    [
      "freeze shop production ask @bob in #shop-deploys for 3d",
      { kind: "freeze", ...at, reason: "ask @bob in #shop-deploys", forMs: 259_200_000 },
    ],
    ["unfreeze shop production", { kind: "unfreeze", ...at }],
    ["delegate shop to @bob", { kind: "delegate", app: "shop", to: "U02BOB", untilMs: null }],
    ["undelegate shop @bob", { kind: "undelegate", app: "shop", to: "U02BOB" }],
    ["mute shop for 1w", { kind: "mute", app: "shop", forMs: 604_800_000 }],
    ["unmute", { kind: "unmute", app: null }],
    ["not yet shop staging the price is wrong", { kind: "not_yet", app: "shop", environment: "staging", reason: "the price is wrong" }],
    ["help freeze", { kind: "help", about: "freeze" }],
  ];
  for (const [text] of forms) await typed(slack, text);
  const expected = forms.flatMap(([, intent]) => ("kind" in intent ? [intent] : []));
  await until(() => office.ledger.answered.size === expected.length);
  expect(kindsOf(asked(office))).toEqual(kindsOf(expected));
  for (const intent of expected) expect(asked(office)).toContainEqual(expect.objectContaining(intent));
  expect(heard(slack)).toContain("There is no app “is”");
  expect(office.reports).toEqual([]);
});

function kindsOf(intents: readonly unknown[]): readonly string[] {
  return intents.map((intent) => String(typeof intent === "object" && intent !== null ? Reflect.get(intent, "kind") : intent)).toSorted();
}

test("a time of day is meant by the clock of whoever types it", async () => {
  const users = seed.users.map((user) => (user.id === "U02BOB" ? { ...user, tz: "America/New_York" } : user));
  await using slack = await startSlack({ seed: { ...seed, users } });
  await using office = await openOffice(slack, "socket");
  await typed(slack, "delegate shop to @ann until fri", "U02BOB");
  await until(() => office.ledger.answered.size === 1);
  const [click] = [...office.ledger.clicks.values()];
  const ends = click?.intent.kind === "delegate" ? click.intent.untilMs : null;
  const there = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit", timeZone: "America/New_York" });
  // Friday to its end, where Bob is.
  expect(there.format(new Date(ends ?? 0))).toBe("Sat 00:00");
});

test("a slip of the finger is told what was meant, and is no click", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "http");
  await typed(slack, "rolback shpo prodution");
  await until(() => heard(slack).includes("Did you mean `/deploy rollback shop production`?"));
  await typed(slack, "ulock shop staging");
  await until(() => heard(slack).includes("`/deploy lock shop staging` or `/deploy unlock shop staging`?"));
  await typed(slack, "delegate shop to somebody");
  await until(() => heard(slack).includes("It goes `/deploy delegate APP to @PERSON [until fri]`"));
  expect([office.ledger.clicks.size, office.reports]).toEqual([0, []]);
});

test("a slip is told names that its author may know, and no others", async () => {
  await using slack = await startSlack();
  const names = { U01ANN: ["shop", "vault"], U03EVE: ["shop"] } as Readonly<Record<string, readonly string[]>>;
  const vocabulary = async (user: string) => (names[user] ?? []).map((app) => ({ app, environments: ["production"] }));
  await using office = await openOffice(slack, "http", { deps: { vocabulary } });
  const told = (user: string): readonly string[] => slack.ephemerals(user).map((message) => message.text);
  for (const user of ["U01ANN", "U03EVE"]) await typed(slack, "status valt", user);
  await until(() => told("U01ANN").length + told("U03EVE").length === 2);
  expect(told("U01ANN").join()).toContain("Did you mean `/deploy status vault`?");
  expect(told("U03EVE").join()).not.toContain("vault");
  // Where she types the name herself, she is told what she would be told of any other word.
  for (const slip of ["vault", "vault to productoin", "rollback vault production", "history vault", "mute vault"]) {
    const before = told("U03EVE").length;
    for (const text of [slip, slip.replace("vault", "nadir")]) await typed(slack, text, "U03EVE");
    await until(() => told("U03EVE").length === before + 2);
    const [hidden = "", unknown = ""] = told("U03EVE").slice(before);
    expect(hidden.replaceAll("vault", "nadir")).toBe(unknown);
  }
  expect(asked(office)).toEqual([]);
});

test("a version without an environment opens the form with it, and starts nothing", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  await typed(slack, "shop v2.4.1");
  await until(() => (JSON.stringify(slack.state().views["U01ANN"]) ?? "").includes("v2.4.1"));
  expect([office.ledger.clicks.size, office.reports]).toEqual([0, []]);
});

test("a rollback to a version opens its form with that one chosen", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  await typed(slack, "rollback shop production to 1a2b3c4");
  const view = (): string => JSON.stringify(slack.state().views["U01ANN"]?.at(-1)) ?? "";
  await until(() => view().includes("initial_option"), view);
  const id = /"id":"(V[^"]*)"/u.exec(view())?.[1] ?? "";
  await slack.submit({
    user: "U01ANN",
    view_id: id,
    values: { [INPUTS.to]: "1a2b3c4".padEnd(40, "0"), [INPUTS.reason]: "it is slow" },
  });
  await until(() => office.ledger.answered.size === 1);
  expect(asked(office)[0]).toMatchObject({ kind: "roll_back", to: "1a2b3c4".padEnd(40, "0"), reason: "it is slow" });
});

test.each<[string, CancelOffer, string]>([
  ["nothing", { kind: "none" }, "nothing waits or runs of shop in production now"],
  [
    "more than one",
    {
      kind: "several",
      found: [
        { environment: "production", number: 11, state: "executing" },
        { environment: "production", number: 12, state: "awaiting_approval" },
      ],
    },
    "`/deploy cancel shop production #12`",
  ],
])("a cancellation that concerns %s says so and cancels nothing", async (_case, offer, words) => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "http", { deps: { cancelOf: async () => offer } });
  await typed(slack, "cancel shop production");
  await until(
    () => heard(slack).includes(words),
    () => heard(slack),
  );
  expect([office.ledger.clicks.size, office.reports]).toEqual([0, []]);
});
