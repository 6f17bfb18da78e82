import { expect, test } from "vitest";
import { parseCommand, type Vocabulary } from "../../src/slack/grammar.ts";
import { startSlack } from "../slack-simulator/world.ts";
import { attackWords } from "../support/attack-words.ts";
import { until } from "../support/until.ts";
import { openOffice } from "./office.ts";

const reader = { now: new Date("2026-11-24T09:15:00Z"), timezone: "UTC" };
const vocabulary: Vocabulary = [
  { app: "shop", environments: ["staging", "production"] },
  { app: "blog", environments: ["production"] },
];
/** What is left of a ref: nothing of it means anything to a shell, and none begins like an option. */
const HARMLESS = /^[A-Za-z0-9_][A-Za-z0-9_./+@-]{0,199}$/u;
const WORDS = attackWords(41, 3000);

/** Words as they stand there, without quotes around them, and what Slack made a link of. */
function typedIn(text: string): ReadonlySet<string> {
  return new Set(
    text.split(/\s+/u).flatMap((word) => {
      const linked = /^<https?:[^<>|]*\|([^<>|]+)>$/u.exec(word)?.[1] ?? word;
      return [linked, /^["'“”‘’«»](.+)["'“”‘’«»]$/u.exec(linked)?.[1] ?? linked];
    }),
  );
}

test.each<[string, (word: string) => string]>([
  ["a ref", (word) => `shop ${word} to production`],
  ["a ref without an environment", (word) => `shop ${word}`],
  ["an app", (word) => `${word} to production`],
  ["an environment", (word) => `shop main to ${word}`],
  ["all of it", (word) => word],
  ["an app to roll back", (word) => `rollback ${word} production`],
  ["an environment to roll back", (word) => `rollback shop ${word}`],
  ["a version to roll back to", (word) => `rollback shop production to ${word}`],
  ["an app to ask about", (word) => `status ${word}`],
  ["a lock's duration", (word) => `lock shop production for ${word}`],
])("as %s a word is understood as a harmless one, or nothing is done and that is said", (_place, textOf) => {
  for (const word of WORDS) {
    const parsed = parseCommand(textOf(word), vocabulary, reader);
    if (parsed.kind === "unclear") {
      if (parsed.sentence.length < 10) throw new Error(`${JSON.stringify(word)} was refused without a sentence`);
      continue;
    }
    const said = parsed.kind === "intent" ? parsed.intent : parsed;
    const [app, environment, chosen, to] = ["app", "environment", "ref", "to"].map((key): unknown => Reflect.get(said, key) ?? null);
    const ref = chosen ?? to;
    const known = vocabulary.find((one) => one.app === app);
    if (app !== null && known === undefined) throw new Error(`${JSON.stringify(word)} became the app ${String(app)}`);
    if (environment !== null && known?.environments.includes(String(environment)) !== true)
      throw new Error(`${JSON.stringify(word)} became the environment ${String(environment)}`);
    if (ref !== null && !(typeof ref === "string" && HARMLESS.test(ref) && typedIn(textOf(word)).has(ref)))
      throw new Error(`${JSON.stringify(word)} became the ref ${String(ref)}`);
  }
  expect(WORDS.length).toBeGreaterThan(3000);
});

test.each(["$(touch PWNED)", "--upload-pack=touch", "`id`", "<!channel>", "a".repeat(10_000), "$(touch PWNED)".repeat(700)])(
  "the ref %s is answered in a sentence that Slack takes, and is no click",
  async (ref) => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "http");
    await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: `/deploy shop ${ref} to production` });
    const heard = (): string => JSON.stringify(slack.ephemerals("U01ANN"));
    await until(() => heard().includes("Nothing was done"), heard);
    expect(heard()).not.toContain("<!channel>");
    expect(heard().length).toBeLessThan(6000);
    expect([office.ledger.clicks.size, office.reports]).toEqual([0, []]);
  },
);
