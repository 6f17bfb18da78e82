import { expect, test } from "vitest";
import { parseCommand, type Parsed, type Vocabulary } from "../../src/slack/grammar.ts";

const two: Vocabulary = [
  { app: "shop", environments: ["staging", "production"] },
  { app: "blog", environments: ["production"] },
];
const one: Vocabulary = [{ app: "shop", environments: ["staging", "production"] }];
const HOUR = 3_600_000;

function deploy(app: string, environment: string, ref: string | null): Parsed {
  return { kind: "intent", intent: { kind: "deploy", app, environment, ref } };
}
function lock(reason: string, forMs: number): Parsed {
  return { kind: "intent", intent: { kind: "lock", app: "shop", environment: "production", reason, forMs } };
}

test.each<[string, Vocabulary, Parsed]>([
  ["", two, { kind: "choose", app: null, environment: null }],
  ["  ", two, { kind: "choose", app: null, environment: null }],
  ["shop", two, { kind: "choose", app: "shop", environment: null }],
  ["shop production", two, deploy("shop", "production", null)],
  ["shop to production", two, deploy("shop", "production", null)],
  ["shop 9f3c2ab to production", two, deploy("shop", "production", "9f3c2ab")],
  ["shop feature/pay to staging", two, deploy("shop", "staging", "feature/pay")],
  ["9f3c2ab to production", one, deploy("shop", "production", "9f3c2ab")],
  ["production", one, deploy("shop", "production", null)],
  ["status", two, { kind: "intent", intent: { kind: "status", app: null } }],
  ["STATUS shop", two, { kind: "intent", intent: { kind: "status", app: "shop" } }],
  ["help", two, { kind: "intent", intent: { kind: "help" } }],
  ["rollback shop production", two, { kind: "roll_back", app: "shop", environment: "production" }],
  ["rollback blog", two, { kind: "roll_back", app: "blog", environment: "production" }],
  ["lock shop production the sale is on for 90m", two, lock("the sale is on", 1.5 * HOUR)],
  ["lock shop production", two, lock("no reason given", 2 * HOUR)],
  ["lock shop production waiting for Bob", two, lock("waiting for Bob", 2 * HOUR)],
  ["looks-good shop staging", two, { kind: "intent", intent: { kind: "validate", app: "shop", environment: "staging" } }],
  ["unlock shop production", two, { kind: "intent", intent: { kind: "unlock", app: "shop", environment: "production" } }],
])("“%s” is understood", (text, vocabulary, expected) => {
  expect(parseCommand(text, vocabulary)).toEqual(expected);
});

test.each<[string, string | null]>([
  ["shpo production", "shop production"],
  ["shop prodution", "shop production"],
  ["shop feature/x to prod", "shop feature/x to production"],
  ["shop feature/x production", "shop feature/x to production"],
  ["statsu shop", "status shop"],
  ["rolback shop production", "rollback shop production"],
  ["rollback shpo production", "rollback shop production"],
  ["rollback shop", null],
  ["rollback shop production now", "rollback shop production"],
  ["lock shop production for 2x", "lock shop production for 2h"],
  ["lock shop production for 0h", "lock shop production for 2h"],
  ["9f3c2ab to production", null],
  ["shop a..b to production", "shop to production"],
  ["shop --force to production", "shop to production"],
  ["shop <!channel> to production", "shop to production"],
  ["zzzzzz", null],
])("“%s” does nothing and suggests %s", (text, suggestion) => {
  const parsed = parseCommand(text, two);
  expect(parsed).toMatchObject({ kind: "unclear", suggestion });
});
