import { describe, expect, test } from "vitest";
import type { Intent } from "../../src/domain/intent.ts";
import { parseCommand, type Parsed, type Vocabulary } from "../../src/slack/grammar.ts";
import { FORMS } from "../../src/slack/grammar/forms.ts";
import { dice, pick, type Roll } from "../support/dice.ts";

const two: Vocabulary = [
  { app: "shop", environments: ["staging", "production"] },
  { app: "blog", environments: ["production"] },
];
const one: Vocabulary = [{ app: "shop", environments: ["staging", "production"] }];
const HOUR = 3_600_000;
/** A Tuesday morning in Brussels. */
const reader = { now: new Date("2026-11-24T09:15:00Z"), timezone: "Europe/Brussels" };

function parsed(text: string, vocabulary: Vocabulary): Parsed {
  return parseCommand(text, vocabulary, reader);
}

function deploy(app: string, environment: string, ref: string | null): Parsed {
  return { kind: "intent", intent: { kind: "deploy", app, environment, ref } };
}
function choose(app: string | null, ref: string | null = null): Parsed {
  return { kind: "choose", app, environment: null, ref };
}
function lock(reason: string, forMs: number): Parsed {
  return { kind: "intent", intent: { kind: "lock", app: "shop", environment: "production", reason, forMs } };
}
function meant(intent: Intent): Parsed {
  return { kind: "intent", intent };
}
function back(app: string, environment: string, to: string | null = null): Parsed {
  return { kind: "roll_back", app, environment, to };
}
function cancel(environment: string | null, number: number | null = null): Parsed {
  return { kind: "cancel", app: "shop", environment, number };
}
const at = { app: "shop", environment: "production" } as const;

test.each<[string, Vocabulary, Parsed]>([
  ["", two, choose(null)],
  ["  ", two, choose(null)],
  ["please", two, choose(null)],
  ["deploy", two, choose(null)],
  ["shop", two, choose("shop")],
  ["SHOP", two, choose("shop")],
  ["“shop”", two, choose("shop")],
  ["shop main", two, choose("shop", "main")],
  ["shop v2.4.1", two, choose("shop", "v2.4.1")],
  ["shop 9f3c2ab", two, choose("shop", "9f3c2ab")],
  ["shop <http://v2.4.1|v2.4.1>", two, choose("shop", "v2.4.1")],
  ["blog main", two, choose("blog", "main")],
  ["shop production", two, deploy("shop", "production", null)],
  ["Shop Production please", two, deploy("shop", "production", null)],
  ["please deploy shop to production", two, deploy("shop", "production", null)],
  ["shop/production", two, deploy("shop", "production", null)],
  ["shop to production", two, deploy("shop", "production", null)],
  ["shop in production", two, deploy("shop", "production", null)],
  ["shop main to production", two, deploy("shop", "production", "main")],
  ["shop “main” -> production", two, deploy("shop", "production", "main")],
  ["shop v2.4.1 on production", two, deploy("shop", "production", "v2.4.1")],
  ["shop 9f3c2ab to production", two, deploy("shop", "production", "9f3c2ab")],
  ["shop 9f3c2ab to staging", two, deploy("shop", "staging", "9f3c2ab")],
  ["shop feature/pay to staging", two, deploy("shop", "staging", "feature/pay")],
  ["shop Status to staging", two, deploy("shop", "staging", "Status")],
  ["9f3c2ab to production", one, deploy("shop", "production", "9f3c2ab")],
  ["production", one, deploy("shop", "production", null)],
  ["status", two, meant({ kind: "status", app: null })],
  ["STATUS shop", two, meant({ kind: "status", app: "shop" })],
  ["status of shop?", two, meant({ kind: "status", app: "shop" })],
  ["history shop", two, meant({ kind: "history", app: "shop", environment: null })],
  ["history of shop in production", two, meant({ kind: "history", ...at })],
  ["history", one, meant({ kind: "history", app: "shop", environment: null })],
  ["diff shop production", two, meant({ kind: "diff", ...at })],
  ["why shop/production", two, meant({ kind: "why", ...at })],
  ["why production", one, meant({ kind: "why", ...at })],
  ["queue", two, meant({ kind: "queue", app: null })],
  ["reviews shop", two, meant({ kind: "reviews", app: "shop" })],
  ["trust", two, meant({ kind: "trust", app: null })],
  ["trust in shop", two, meant({ kind: "trust", app: "shop" })],
  ["false-alarm shop production #12", two, meant({ kind: "name_alarm", ...at, number: 12, isReal: false })],
  ["real alarm shop production 12", two, meant({ kind: "name_alarm", ...at, number: 12, isReal: true })],
  ["false alarm production #12", one, meant({ kind: "name_alarm", ...at, number: 12, isReal: false })],
  ["queue shop", two, meant({ kind: "queue", app: "shop" })],
  ["help", two, meant({ kind: "help", about: null })],
  ["?", two, meant({ kind: "help", about: null })],
  ["help lock", two, meant({ kind: "help", about: "lock" })],
  ["help xyzzyx", two, meant({ kind: "help", about: null })],
  ["rollback shop production", two, back("shop", "production")],
  ["roll back shop production", two, back("shop", "production")],
  ["rollback shop to production", two, back("shop", "production")],
  ["rollback shop production to 9f3c2ab", two, back("shop", "production", "9f3c2ab")],
  ["rollback blog", two, back("blog", "production")],
  ["rollback production", one, back("shop", "production")],
  ["cancel shop", two, cancel(null)],
  ["cancel shop production", two, cancel("production")],
  ["cancel shop production #12", two, cancel("production", 12)],
  ["cancel shop 12", two, cancel(null, 12)],
  ["cancel shop/production#12", two, cancel("production", 12)],
  ["lock shop production the sale is on for 90m", two, lock("the sale is on", 1.5 * HOUR)],
  ["lock shop on production “the sale is on” for 2 hours", two, lock("the sale is on", 2 * HOUR)],
  ["lock shop production the sale 1h30m", two, lock("the sale", 1.5 * HOUR)],
  ["lock shop production for 3d please", two, lock("no reason given", 72 * HOUR)],
  ["lock shop production for 1w", two, lock("no reason given", 7 * 24 * HOUR)],
  ["lock shop production", two, lock("no reason given", 2 * HOUR)],
  ["lock shop production waiting for Bob", two, lock("waiting for Bob", 2 * HOUR)],
  ["lock shop production until Bob is back", two, lock("until Bob is back", 2 * HOUR)],
  ["lock shop production ask <@U02BOB|bob> &amp; <#C01DEPLOYS|deploys>", two, lock("ask @bob & #deploys", 2 * HOUR)],
  ["lock shop production the sale until 18:00", two, lock("the sale", 7.75 * HOUR)],
  ["lock shop production until fri", two, lock("no reason given", 85.75 * HOUR)],
  ["freeze shop production the fair for 2d", two, meant({ kind: "freeze", ...at, reason: "the fair", forMs: 48 * HOUR })],
  ["unfreeze shop production", two, meant({ kind: "unfreeze", ...at })],
  ["unlock shop production", two, meant({ kind: "unlock", ...at })],
  ["unlock shop production it is over", two, meant({ kind: "unlock", ...at, reason: "it is over" })],
  ["ask-unlock shop production", two, meant({ kind: "ask_unlock", ...at })],
  ["looks-good shop staging", two, meant({ kind: "validate", app: "shop", environment: "staging" })],
  ["looks good shop staging", two, meant({ kind: "validate", app: "shop", environment: "staging" })],
  [
    "not yet shop staging the price is wrong",
    two,
    meant({ kind: "not_yet", app: "shop", environment: "staging", reason: "the price is wrong" }),
  ],
  ["mute", two, meant({ kind: "mute", app: null, forMs: null })],
  ["mute for 2h", two, meant({ kind: "mute", app: null, forMs: 2 * HOUR })],
  ["mute shop for 3d", two, meant({ kind: "mute", app: "shop", forMs: 72 * HOUR })],
  ["unmute shop", two, meant({ kind: "unmute", app: "shop" })],
  ["delegate shop to <@U04BEA|bea>", two, meant({ kind: "delegate", app: "shop", to: "U04BEA", untilMs: null })],
  [
    "delegate shop to <@U04BEA> for 2d",
    two,
    meant({ kind: "delegate", app: "shop", to: "U04BEA", untilMs: reader.now.getTime() + 48 * HOUR }),
  ],
  [
    "delegate shop to <@U04BEA|bea> until fri",
    two,
    meant({ kind: "delegate", app: "shop", to: "U04BEA", untilMs: Date.parse("2026-11-28T00:00:00+01:00") }),
  ],
  ["undelegate shop <@U04BEA|bea>", two, meant({ kind: "undelegate", app: "shop", to: "U04BEA" })],
])("“%s” is understood", (text, vocabulary, expected) => {
  expect(parsed(text, vocabulary)).toEqual(expected);
});

test.each<[string, string | null]>([
  ["shpo production", "shop production"],
  ["shop prodution", "shop production"],
  ["shpo main to prodution", "shop main to production"],
  ["shop feature/x to prod", "shop feature/x to production"],
  ["shop feature/x production", "shop feature/x to production"],
  ["shop production main", "shop main to production"],
  ["shop main ot production", "shop main to production"],
  ["shop main to", "shop main to staging"],
  ["shop a b to production", "shop a to production"],
  ["shop status", "status shop"],
  ["shop rollback production", "rollback shop production"],
  ["production", "shop production"],
  ["statsu shop", "status shop"],
  ["statsu shpo", "status shop"],
  ["rolback shop production", "rollback shop production"],
  ["rolback shpo prodution", "rollback shop production"],
  ["rollback shpo production", "rollback shop production"],
  ["rollback production shop", "rollback shop production"],
  ["rollback shop", null],
  ["rollback shop production now", "rollback shop production"],
  ["rollback shop production 9f3c2ab", "rollback shop production to 9f3c2ab"],
  ["rollback shop production t 9f3c2ab", "rollback shop production to 9f3c2ab"],
  ["stop shop production", "cancel shop production"],
  ["approve shop production", "queue shop"],
  ["help rolback", "help rollback"],
  ["history", "history shop"],
  ["status shop production", "status shop"],
  ["lock shop production for 2x", "lock shop production for 2h"],
  ["lock shop production for 0h", "lock shop production for 2h"],
  ["lock shop production the sale fro 2h", "lock shop production the sale for 2h"],
  ["lock shop production for h2", "lock shop production for 2h"],
  ["lock shop production untill fri", "lock shop production until fri"],
  ["lock shop production until yesterday", "lock shop production for 2h"],
  ["lock shop production for 15d", "lock shop production for 14d"],
  ["freeze shop production for 3w", "freeze shop production for 14d"],
  ["not-yet shop staging", null],
  ["delegate shop to bea", null],
  ["delegate shop to <!subteam^S01|@owners>", null],
  ["delegate shop ot <@U04BEA|bea>", "delegate shop to <@U04BEA|bea>"],
  ["delegate shop to <@U04BEA|bea> for 5w", "delegate shop to <@U04BEA|bea> for 30d"],
  ["mute shpo for 2h", "mute shop for 2h"],
  ["9f3c2ab to production", null],
  ["shop a..b to production", "shop to production"],
  ["shop --force to production", "shop to production"],
  ["shop <!channel> to production", "shop to production"],
  ["zzzzzz", null],
])("“%s” does nothing and suggests %s", (text, suggestion) => {
  const found = parsed(text, two);
  expect(found.kind).toBe("unclear");
  expect(found.kind === "unclear" ? (found.suggestions[0] ?? null) : "").toBe(suggestion);
});

test("with one app its name is what is missing", () => {
  expect(parsed("main", one)).toMatchObject({ kind: "unclear", suggestions: ["shop main"] });
  expect(parsed("shpo", one)).toMatchObject({ kind: "unclear", suggestions: ["shop"] });
  expect(parsed("prodution", one)).toMatchObject({ kind: "unclear", suggestions: ["shop production"] });
  expect(parsed("lock prodution", one)).toMatchObject({ kind: "unclear", suggestions: ["lock shop production"] });
});

test("what could be two commands names both", () => {
  const found = parsed("ulock shop production", two);
  expect(found.kind === "unclear" ? found.suggestions.toSorted() : []).toEqual(["lock shop production", "unlock shop production"]);
});

/** Names further than two slips apart, so that one slip never makes another name of one. */
const WIDE: Vocabulary = [
  { app: "webshop", environments: ["staging", "production"] },
  { app: "billing", environments: ["acceptance", "live-eu"] },
  { app: "intranet", environments: ["production"] },
];

/** Every way to leave out, double, replace or swap one character. */
function slipsOf(word: string, roll: Roll): readonly string[] {
  const letters = "abcdefghijklmnopqrstuvwxyz";
  return [...word].flatMap((letter, index) => {
    const [before, after] = [word.slice(0, index), word.slice(index + 1)];
    const next = word[index + 1];
    return [
      before + after,
      before + letter + letter + after,
      before + (letters[roll(26)] ?? "") + after,
      ...(next === undefined ? [] : [before + next + letter + word.slice(index + 2)]),
    ].filter((slip) => slip !== word && slip !== "");
  });
}

/** Each form once, and which of its words are names that can be mistyped. */
const TYPED: readonly (readonly [string, readonly number[]])[] = [
  ["webshop production", [0, 1]],
  ["webshop to production", [0, 2]],
  ["webshop main to production", [0, 2, 3]],
  ["billing 9f3c2ab to live-eu", [0, 2, 3]],
  ["webshop v2.4.1", [0]],
  ["status webshop", [0, 1]],
  ["history billing acceptance", [0, 1, 2]],
  ["diff webshop production", [0, 1, 2]],
  ["why webshop production", [0, 1, 2]],
  ["queue intranet", [0, 1]],
  ["reviews intranet", [0, 1]],
  ["trust webshop", [0, 1]],
  ["real-alarm webshop production #12", [0, 1, 2]],
  ["false-alarm webshop production #12", [0, 1, 2]],
  ["rollback webshop production", [0, 1, 2]],
  ["rollback webshop production to 9f3c2ab", [0, 1, 2, 3]],
  ["cancel billing acceptance #12", [0, 1, 2]],
  ["looks-good webshop staging", [0, 1, 2]],
  ["not-yet webshop staging REASON", [0, 1, 2]],
  ["lock webshop production the sale for 2h", [0, 1, 2, 5]],
  ["lock webshop production the sale until fri", [0, 1, 2, 5]],
  ["unlock webshop production", [0, 1, 2]],
  ["ask-unlock webshop production", [0, 1, 2]],
  ["freeze webshop production for 2h", [0, 1, 2, 3]],
  ["unfreeze webshop production", [0, 1, 2]],
  ["delegate webshop to <@U04BEA|bea> until fri", [0, 1, 2, 4]],
  ["undelegate webshop <@U04BEA|bea>", [0, 1]],
  ["mute webshop for 2h", [0, 1, 2]],
  ["unmute webshop", [0, 1]],
  ["help rollback", [0, 1]],
];

describe("one slip of the finger", () => {
  test("every word of the command is tried", () => {
    const words = new Set(TYPED.map(([text]) => text.split(" ", 1)[0]));
    expect(FORMS.map((form) => form.verb).filter((verb) => !words.has(verb))).toEqual([]);
  });

  test.each(TYPED)("in “%s” is told what was meant, and does nothing", (text, places) => {
    const roll = dice(text.length * 7919);
    const right = parsed(text, WIDE);
    expect(right.kind).not.toBe("unclear");
    const words = text.split(" ");
    for (const place of places) {
      for (const slip of slipsOf(words[place] ?? "", roll)) {
        const wrong = words.with(place, slip).join(" ");
        const found = parsed(wrong, WIDE);
        // Without its hyphen a word is another spelling of the same; anything else does nothing.
        const offered = found.kind === "unclear" ? found.suggestions.map((suggestion) => parsed(suggestion, WIDE)) : [found];
        expect([wrong, offered]).toEqual([wrong, expect.arrayContaining([right])]);
      }
    }
  });

  test("two slips, in the word and in the app, are both mended", () => {
    for (const verb of ["rolback", "hstory", "unlokc", "freze"]) {
      const found = parsed(`${verb} webshpo production`, WIDE);
      expect([verb, found.kind === "unclear" ? found.suggestions.length : 0]).toEqual([verb, 1]);
    }
  });
});

test("whatever is suggested would be understood, however odd the words", () => {
  const roll = dice(4711);
  const some = [
    ...FORMS.map((form) => form.verb),
    "webshop",
    "billing",
    "production",
    "acceptance",
    "to",
    "for",
    "2h",
    "main",
    "#3",
    "on",
    "x",
  ];
  for (let round = 0; round < 4000; round += 1) {
    const words = Array.from({ length: 1 + roll(5) }, () => {
      const word = pick(some, roll);
      return roll(5) < 2 ? pick([word, ...slipsOf(word, roll)], roll) : word;
    });
    const found = parsed(words.join(" "), WIDE);
    if (found.kind !== "unclear") continue;
    for (const suggestion of found.suggestions)
      expect([words.join(" "), suggestion, parsed(suggestion, WIDE).kind]).not.toEqual([words.join(" "), suggestion, "unclear"]);
    expect(found.suggestions.length).toBeLessThanOrEqual(3);
  }
});
